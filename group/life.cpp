#include "barnabas/group/life.hpp"

#include <exception>

namespace barnabas::group {

asio::awaitable<void> sleep_until(std::shared_ptr<Life> life, runtime::TimePoint when) {
  while (!life->stopping && life->clock.now() < when) co_await life->news.wait_until(when);
}

asio::awaitable<bool> talk_alone(std::shared_ptr<Life> life, runtime::TimePoint deadline, asio::awaitable<void> talk) {
  while (life->group_talk) {
    if (life->clock.now() >= deadline) co_return false;
    co_await life->news.wait_until(deadline);
  }
  life->group_talk = true;
  std::exception_ptr failure;
  try {
    co_await std::move(talk);
  } catch (...) {
    failure = std::current_exception();
  }
  life->group_talk = false;
  life->news.notify_all();
  if (failure) std::rethrow_exception(failure);
  co_return true;
}

}  // namespace barnabas::group
