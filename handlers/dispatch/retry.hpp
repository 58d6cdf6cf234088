// When to try again: at once, then after growing pauses with jitter, for ever or within bounds.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string_view>

#include "barnabas/client/runtime/clock.hpp"
#include "barnabas/client/runtime/random.hpp"
#include "barnabas/client/runtime/wakeup.hpp"

namespace barnabas::handlers {

struct RetryOptions {
  RetryOptions() = default;
  std::int32_t backoff_ms = 100;  ///< pause before the third attempt; the second comes at once; doubles
  std::int32_t backoff_max_ms = 5'000;
  std::int64_t attempts_max = 0;              ///< 0: no bound
  std::int64_t time_max_ms = 0;               ///< from the first failure; 0: no bound
  std::int32_t retry_after_max_ms = 300'000;  ///< a longer Retry-After counts as this
};

/// The failures of one piece of work in a row. Loop thread only.
class Retry {
 public:
  Retry(runtime::Clock& clock, runtime::Random& random, const RetryOptions& options)
      : clock_(clock), random_(random), options_(options) {}

  /// Counts a failure. The pause before the next attempt, at least `at_least` (what Retry-After asked for); nothing
  /// when the bounds are used up.
  std::optional<runtime::Duration> failed(runtime::Duration at_least = runtime::Duration::zero());
  /// Counts a failure that growing pauses are no help against: the pause is the longest one at once.
  std::optional<runtime::Duration> refused();

  /// Failures so far.
  std::int64_t failures() const { return failures_; }
  /// Since the first failure; zero without one.
  runtime::Duration failing_for() const;

 private:
  bool count_failure();
  runtime::Duration next_pause() const;

  runtime::Clock& clock_;
  runtime::Random& random_;
  const RetryOptions& options_;
  std::int64_t failures_ = 0;
  runtime::TimePoint first_failure_{};
};

/// Ends pauses early: closing once wakes all who wait, and nobody waits after it. Loop thread only.
class Closing {
 public:
  explicit Closing(runtime::Clock& clock) : clock_(clock), changed_(clock) {}
  /// No pause reaches beyond `deadline` from here on; may be called again with an earlier one.
  void close_by(runtime::TimePoint deadline) noexcept;
  bool closing() const { return deadline_ != runtime::never; }
  bool over() const { return closing() && clock_.now() >= deadline_; }
  runtime::TimePoint deadline() const { return deadline_; }
  /// True when the pause was waited for to its end; false when the deadline of close_by() came first.
  asio::awaitable<bool> pause(runtime::Duration duration);
  /// Returns once close_by() has been called.
  asio::awaitable<void> wait();

 private:
  runtime::Clock& clock_;
  runtime::Broadcast changed_;
  runtime::TimePoint deadline_ = runtime::never;
};

/// Reads a Retry-After header (RFC 9110, 10.2.3): seconds, or an HTTP date that is compared with `unix_ms`. Zero for a
/// date that has passed, nothing for what is neither.
std::optional<runtime::Duration> parse_retry_after(std::string_view text, std::int64_t unix_ms);

}  // namespace barnabas::handlers
