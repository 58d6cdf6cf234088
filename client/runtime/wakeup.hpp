// Waiting for something to happen on the same loop: one waiter (Wakeup) or many (Broadcast).
#pragma once

#include <asio/awaitable.hpp>
#include <memory>
#include <vector>

#include "barnabas/client/runtime/clock.hpp"

namespace barnabas::runtime {

/// A flag with one waiter. set() before wait() is not lost: the next wait returns at once and takes the flag down.
/// Loop thread only. Destroying it while somebody waits is a programming error.
class Wakeup {
 public:
  explicit Wakeup(Clock& clock);
  /// Raises the flag; the waiter resumes later from the loop, never inside this call.
  void set() noexcept;
  bool is_set() const { return set_; }
  asio::awaitable<void> wait();
  /// True when the flag was raised, false when `deadline` passed first.
  asio::awaitable<bool> wait_until(TimePoint deadline);

 private:
  std::unique_ptr<Timer> timer_;
  bool set_ = false;
  bool waiting_ = false;
};

/// Wakes all who wait now; there is no flag to miss or to take, so waiters re-check their condition in a loop.
/// Loop thread only.
class Broadcast {
 public:
  explicit Broadcast(Clock& clock);
  void notify_all() noexcept;
  asio::awaitable<void> wait();
  /// False when `deadline` passed first.
  asio::awaitable<bool> wait_until(TimePoint deadline);

 private:
  Clock& clock_;
  std::shared_ptr<std::vector<Wakeup*>> waiters_;  // shared: waiters may be destroyed after it when the loop ends
};

}  // namespace barnabas::runtime
