#include "barnabas/client/runtime/clock.hpp"

#include <vector>

#include "barnabas/client/runtime/tasks.hpp"
#include "runtime_support.hpp"

namespace barnabas::tests {
namespace {

using namespace barnabas::runtime;

asio::awaitable<void> sleep_and_note(Clock& clock, TimePoint when, int number, std::vector<int>& order) {
  co_await sleep_until(clock, when);
  order.push_back(number);
}

asio::awaitable<void> wait_and_note(Timer& timer, std::vector<bool>& results) {
  const bool went_off = co_await timer.wait();
  results.push_back(went_off);
}

TEST_CASE("clock: a timer goes off no earlier than it was set for") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    const std::unique_ptr<Timer> timer = runtime.clock().make_timer();
    const TimePoint when = runtime.clock().now() + 5ms;
    timer->expires_at(when);
    const bool went_off = co_await timer->wait();
    CHECK(went_off);
    CHECK(runtime.clock().now() >= when);
  });
}

TEST_CASE("clock: a time in the past goes off at once") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    const std::unique_ptr<Timer> timer = runtime.clock().make_timer();
    timer->expires_at(TimePoint());
    const bool went_off = co_await timer->wait();
    CHECK(went_off);
  });
}

TEST_CASE("clock: sleeps end in the order of their times") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    std::vector<int> order;
    TaskGroup group(runtime);
    const TimePoint start = runtime.clock().now();
    group.spawn("last", sleep_and_note(runtime.clock(), start + 4ms, 3, order));
    group.spawn("first", sleep_and_note(runtime.clock(), start + 1ms, 1, order));
    group.spawn("middle", sleep_and_note(runtime.clock(), start + 2ms, 2, order));
    co_await group.join();
    CHECK(order == std::vector<int>{1, 2, 3});
  });
}

TEST_CASE("clock: cancel ends a wait with false, later, and says nothing to the next wait") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    const std::unique_ptr<Timer> timer = runtime.clock().make_timer();
    std::vector<bool> results;
    TaskGroup group(runtime);
    timer->cancel();
    timer->expires_at(never);
    group.spawn("waiter", wait_and_note(*timer, results));
    co_await sleep_for(runtime.clock(), 1ms);
    CHECK(results.empty());
    timer->cancel();
    CHECK(results.empty());
    co_await group.join();
    CHECK(results == std::vector<bool>{false});

    timer->cancel();
    timer->expires_at(runtime.clock().now());
    const bool went_off = co_await timer->wait();
    CHECK(went_off);
  });
}

TEST_CASE("clock: a timer that is destroyed wakes its waiter") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    std::unique_ptr<Timer> timer = runtime.clock().make_timer();
    std::vector<bool> results;
    TaskGroup group(runtime);
    timer->expires_at(never);
    group.spawn("waiter", wait_and_note(*timer, results));
    co_await sleep_for(runtime.clock(), 1ms);
    timer.reset();
    co_await group.join();
    CHECK(results == std::vector<bool>{false});
  });
}

TEST_CASE("clock: sleeping for ever is a time that can be reckoned with") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    asio::co_spawn(runtime.executor(), sleep_for(runtime.clock(), Duration::max()), asio::detached);
    co_await sleep_for(runtime.clock(), 1ms);
    CHECK(runtime.clock().unix_ms() > 1'700'000'000'000);
  });
}

}  // namespace
}  // namespace barnabas::tests
