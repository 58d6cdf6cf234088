#include "barnabas/client/runtime/wakeup.hpp"

#include <vector>

#include "barnabas/client/runtime/tasks.hpp"
#include "runtime_support.hpp"

namespace barnabas::tests {
namespace {

using namespace barnabas::runtime;

asio::awaitable<void> wait_and_count(Wakeup& wakeup, int& count) {
  co_await wakeup.wait();
  ++count;
}

asio::awaitable<void> wait_and_count(Broadcast& broadcast, int& count) {
  co_await broadcast.wait();
  ++count;
}

asio::awaitable<void> set_every_turn(Clock& clock, Wakeup& wakeup, const bool& enough) {
  while (!enough) {
    wakeup.set();
    co_await sleep_for(clock, 0ms);
  }
}

TEST_CASE("wakeup: a flag raised before the wait is not lost, and is taken down by it") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    Wakeup wakeup(runtime.clock());
    wakeup.set();
    wakeup.set();
    CHECK(wakeup.is_set());
    co_await wakeup.wait();
    CHECK(!wakeup.is_set());
    const TimePoint soon = runtime.clock().now() + 1ms;
    const bool again = co_await wakeup.wait_until(soon);
    CHECK(!again);
  });
}

TEST_CASE("wakeup: the waiter resumes from the loop, never inside set") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    Wakeup wakeup(runtime.clock());
    TaskGroup group(runtime);
    int woken = 0;
    group.spawn("waiter", wait_and_count(wakeup, woken));
    co_await sleep_for(runtime.clock(), 1ms);
    wakeup.set();
    CHECK(woken == 0);
    co_await group.join();
    CHECK(woken == 1);
    CHECK(!wakeup.is_set());
  });
}

TEST_CASE("wakeup: wait_until tells the flag from the deadline") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    Wakeup wakeup(runtime.clock());
    const TimePoint deadline = runtime.clock().now() + 3ms;
    const bool early = co_await wakeup.wait_until(deadline);
    CHECK(!early);
    CHECK(runtime.clock().now() >= deadline);

    wakeup.set();
    const bool raised_before_a_past_deadline = co_await wakeup.wait_until(deadline);
    CHECK(raised_before_a_past_deadline);

    TaskGroup group(runtime);
    bool enough = false;
    group.spawn("setter", set_every_turn(runtime.clock(), wakeup, enough));
    bool always = true;
    for (int i = 0; i < 100; ++i) {
      const bool raised = co_await wakeup.wait_until(never);
      always = always && raised;
    }
    CHECK(always);
    enough = true;
    co_await group.join();
  });
}

TEST_CASE("broadcast: all who wait are woken, who comes later is not") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    Broadcast broadcast(runtime.clock());
    TaskGroup group(runtime);
    int woken = 0;
    for (int i = 0; i < 5; ++i) group.spawn("waiter", wait_and_count(broadcast, woken));
    co_await sleep_for(runtime.clock(), 1ms);
    broadcast.notify_all();
    CHECK(woken == 0);
    co_await group.join();
    CHECK(woken == 5);

    const TimePoint soon = runtime.clock().now() + 1ms;
    const bool notified = co_await broadcast.wait_until(soon);
    CHECK(!notified);
    broadcast.notify_all();
  });
}

struct NotifiesAtTheEnd {
  explicit NotifiesAtTheEnd(Clock& clock) : broadcast(clock), wakeup(clock) {}
  ~NotifiesAtTheEnd() {
    broadcast.notify_all();
    wakeup.set();
  }
  Broadcast broadcast;
  Wakeup wakeup;
};

asio::awaitable<void> hold(Clock& clock, std::shared_ptr<NotifiesAtTheEnd> held, Live) {
  co_await held->wakeup.wait_until(clock.now() + 1h);
}

asio::awaitable<void> own_and_sleep(Runtime& runtime, Live) {
  const auto mine = std::make_unique<NotifiesAtTheEnd>(runtime.clock());
  asio::co_spawn(runtime.executor(), mine->broadcast.wait(), asio::detached);
  asio::co_spawn(runtime.executor(), mine->wakeup.wait(), asio::detached);
  co_await sleep_for(runtime.clock(), 1h);
}

TEST_CASE("wakeup and broadcast: the end of the loop may destroy waiters and what they wait on in any order") {
  int live = 0;
  AsioRuntime runtime;
  Clock& clock = runtime.clock();
  NotifiesAtTheEnd outside(clock);
  for (int i = 0; i < 3; ++i) {
    const auto shared = std::make_shared<NotifiesAtTheEnd>(clock);
    asio::co_spawn(runtime.executor(), hold(clock, shared, Live(live)), asio::detached);
    asio::co_spawn(runtime.executor(), own_and_sleep(runtime, Live(live)), asio::detached);
    asio::co_spawn(runtime.executor(), outside.broadcast.wait(), asio::detached);
  }
  CHECK(live == 6);
  runtime.run(sleep_for(clock, 1ms));
  CHECK(live == 0);
}

}  // namespace
}  // namespace barnabas::tests
