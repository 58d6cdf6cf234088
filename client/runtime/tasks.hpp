// Coroutines that run beside each other and are waited for before what they use goes away.
#pragma once

#include <asio/awaitable.hpp>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <string>

#include "barnabas/client/runtime/runtime.hpp"

namespace barnabas::runtime {

/// Owns nothing but the count of its running coroutines. The owner asks them to stop in its own way (closing streams,
/// setting wake-ups), then awaits join(). Loop thread only; destroying a group with running coroutines aborts, unless
/// the loop has been stopped and will not resume them (asio::io_context::stopped()).
class TaskGroup {
 public:
  /// `on_failure(name, exception)` is called on the loop when a coroutine ends with an exception; it must not throw.
  /// Without it, join() rethrows the first exception.
  using OnFailure = std::function<void(const std::string&, std::exception_ptr)>;
  explicit TaskGroup(Runtime& runtime, OnFailure on_failure = {});
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  /// Starts `task` from the loop, soon (never inside this call).
  void spawn(std::string name, asio::awaitable<void> task);
  /// Returns when no coroutine of this group runs and everything they held has been destroyed. Any number may wait.
  asio::awaitable<void> join();
  std::size_t running() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace barnabas::runtime
