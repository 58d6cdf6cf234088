// Time as the engine sees it: a monotonic clock with timers, real in production and virtual in the simulator.
#pragma once

#include <asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <memory>

namespace barnabas::runtime {

using Duration = std::chrono::nanoseconds;

/// Tag of the engine's own time line; its zero has no meaning, only differences have.
struct Monotonic {
  using rep = Duration::rep;
  using period = Duration::period;
  using duration = Duration;
  using time_point = std::chrono::time_point<Monotonic>;
  static constexpr bool is_steady = true;
};
using TimePoint = Monotonic::time_point;

inline constexpr TimePoint never = TimePoint::max();

/// One alarm with at most one waiter. Belongs to the loop thread.
class Timer {
 public:
  virtual ~Timer() = default;
  /// Sets the next alarm. Not while somebody waits.
  virtual void expires_at(TimePoint when) = 0;
  /// True when the alarm went off, false when cancel() came first.
  virtual asio::awaitable<bool> wait() = 0;
  /// Ends a wait; without a waiter it does nothing. The waiter is resumed later from the loop, never inside this call.
  virtual void cancel() noexcept = 0;
};

/// Loop thread only, but now() and unix_ms(), which any thread may call.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint now() const = 0;
  /// Milliseconds since 1970 as Kafka's timestamps count them; may jump.
  virtual std::int64_t unix_ms() const = 0;
  virtual std::unique_ptr<Timer> make_timer() = 0;
};

asio::awaitable<void> sleep_until(Clock& clock, TimePoint when);
asio::awaitable<void> sleep_for(Clock& clock, Duration duration);

}  // namespace barnabas::runtime
