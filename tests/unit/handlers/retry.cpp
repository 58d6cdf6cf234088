#include "barnabas/handlers/dispatch/retry.hpp"

#include <doctest/doctest.h>

namespace {

using namespace barnabas;
using namespace std::chrono_literals;

/// A clock that is moved by hand; nobody waits on it here.
class HandClock final : public runtime::Clock {
 public:
  runtime::TimePoint now() const override { return now_; }
  std::int64_t unix_ms() const override { return 0; }
  std::unique_ptr<runtime::Timer> make_timer() override { return nullptr; }
  void advance(runtime::Duration duration) { now_ += duration; }

 private:
  runtime::TimePoint now_{};
};

class FixedRandom final : public runtime::Random {
 public:
  explicit FixedRandom(std::uint64_t value) : value_(value) {}
  std::uint64_t next() override { return value_; }

 private:
  std::uint64_t value_;
};

constexpr std::uint64_t middle = 1ull << 63;

bool near(std::optional<runtime::Duration> pause, runtime::Duration expected) {
  return pause && *pause > expected - 1ms && *pause < expected + 1ms;
}

}  // namespace

TEST_CASE("retry: the second attempt at once, then doubling to the longest pause") {
  HandClock clock;
  FixedRandom random(middle);
  const handlers::RetryOptions options;
  handlers::Retry retry(clock, random, options);
  CHECK(retry.failed() == 0ns);
  for (const auto expected : {100ms, 200ms, 400ms, 800ms, 1600ms, 3200ms, 5000ms, 5000ms}) {
    CHECK(near(retry.failed(), expected));
  }
  for (int i = 0; i < 100; ++i) retry.failed();
  CHECK(near(retry.failed(), 5000ms));
  CHECK(retry.failures() == 110);
}

TEST_CASE("retry: jitter stays within a fifth") {
  HandClock clock;
  const handlers::RetryOptions options;
  for (const auto& [value, expected] : {std::pair<std::uint64_t, runtime::Duration>{0, 80ms}, {~0ull, 120ms}}) {
    FixedRandom random(value);
    handlers::Retry retry(clock, random, options);
    retry.failed();
    CHECK(near(retry.failed(), expected));
  }
}

TEST_CASE("retry: Retry-After is the least pause, within its own bound") {
  HandClock clock;
  FixedRandom random(middle);
  const handlers::RetryOptions options;
  handlers::Retry retry(clock, random, options);
  CHECK(retry.failed(7s) == 7s);
  CHECK(retry.failed(10h) == 300s);
  CHECK(near(retry.failed(1ms), 200ms));
}

TEST_CASE("retry: refused work waits the longest pause from the first time") {
  HandClock clock;
  FixedRandom random(middle);
  const handlers::RetryOptions options;
  handlers::Retry retry(clock, random, options);
  CHECK(near(retry.refused(), 5s));
}

TEST_CASE("retry: bounds of attempts and of time") {
  HandClock clock;
  FixedRandom random(middle);
  handlers::RetryOptions options;
  options.attempts_max = 3;
  handlers::Retry by_attempts(clock, random, options);
  CHECK(by_attempts.failed());
  CHECK(by_attempts.failed());
  CHECK_FALSE(by_attempts.failed());

  options.attempts_max = 0;
  options.time_max_ms = 1'000;
  handlers::Retry by_time(clock, random, options);
  CHECK(by_time.failed());
  clock.advance(999ms);
  CHECK(by_time.failed());
  clock.advance(1ms);
  CHECK_FALSE(by_time.failed());
  CHECK(by_time.failing_for() == 1s);
}

TEST_CASE("Retry-After: seconds, dates, and what is neither") {
  constexpr std::int64_t at_1994_ms = 784'111'777'000;  // Sun, 06 Nov 1994 08:49:37 GMT
  using handlers::parse_retry_after;
  CHECK(parse_retry_after("120", 0) == 120s);
  CHECK(parse_retry_after(" 0 ", 0) == 0s);
  CHECK(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", at_1994_ms - 5'000) == 5s);
  CHECK(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", at_1994_ms + 1) == 0s);
  CHECK(parse_retry_after("99999999999999", 0) == std::chrono::hours(365 * 24));
  for (const auto* text :
       {"", "-1", "soon", "1.5", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 40 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nox 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT", "99999999999999999999999"}) {
    CHECK_MESSAGE(!parse_retry_after(text, 0), text);
  }
}
