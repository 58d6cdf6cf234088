#include "barnabas/client/runtime/clock.hpp"

namespace barnabas::runtime {

asio::awaitable<void> sleep_until(Clock& clock, TimePoint when) {
  const std::unique_ptr<Timer> timer = clock.make_timer();
  timer->expires_at(when);
  co_await timer->wait();
}

asio::awaitable<void> sleep_for(Clock& clock, Duration duration) {
  const TimePoint now = clock.now();
  const TimePoint when = duration < never - now ? now + duration : never;
  co_await sleep_until(clock, when);
}

}  // namespace barnabas::runtime
