#include "barnabas/client/runtime/wakeup.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace barnabas::runtime {

// A coroutine that is still suspended when the loop ends is destroyed after the Wakeup it waits on may be gone. So the
// members are touched only when the wait returns or throws, never from a destructor in the coroutine's frame.

Wakeup::Wakeup(Clock& clock) : timer_(clock.make_timer()) {}

void Wakeup::set() noexcept {
  set_ = true;
  if (waiting_) timer_->cancel();
}

asio::awaitable<void> Wakeup::wait() {
  if (!set_) {
    assert(!waiting_ && "a Wakeup has one waiter");
    timer_->expires_at(never);
    waiting_ = true;
    try {
      co_await timer_->wait();
    } catch (...) {
      waiting_ = false;
      throw;
    }
    waiting_ = false;
  }
  set_ = false;
}

asio::awaitable<bool> Wakeup::wait_until(TimePoint deadline) {
  if (!set_) {
    assert(!waiting_ && "a Wakeup has one waiter");
    timer_->expires_at(deadline);
    waiting_ = true;
    try {
      co_await timer_->wait();
    } catch (...) {
      waiting_ = false;
      throw;
    }
    waiting_ = false;
  }
  co_return std::exchange(set_, false);
}

namespace {

/// Keeps a waiter in the list for as long as its coroutine lives; the list may outlive the Broadcast or the other way
/// round.
class Enlisted {
 public:
  Enlisted(std::shared_ptr<std::vector<Wakeup*>> list, Wakeup& waiter) : list_(std::move(list)), waiter_(&waiter) {
    list_->push_back(waiter_);
  }
  ~Enlisted() { std::erase(*list_, waiter_); }
  Enlisted(const Enlisted&) = delete;
  Enlisted& operator=(const Enlisted&) = delete;

 private:
  std::shared_ptr<std::vector<Wakeup*>> list_;
  Wakeup* waiter_;
};

}  // namespace

Broadcast::Broadcast(Clock& clock) : clock_(clock), waiters_(std::make_shared<std::vector<Wakeup*>>()) {}

void Broadcast::notify_all() noexcept {
  for (Wakeup* waiter : *waiters_) waiter->set();
}

asio::awaitable<void> Broadcast::wait() {
  Wakeup wakeup(clock_);
  const Enlisted enlisted(waiters_, wakeup);
  co_await wakeup.wait();
}

asio::awaitable<bool> Broadcast::wait_until(TimePoint deadline) {
  Wakeup wakeup(clock_);
  const Enlisted enlisted(waiters_, wakeup);
  const bool notified = co_await wakeup.wait_until(deadline);
  co_return notified;
}

}  // namespace barnabas::runtime
