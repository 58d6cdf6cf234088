#include "barnabas/client/runtime/tasks.hpp"

#include <stdexcept>
#include <vector>

#include "barnabas/client/runtime/wakeup.hpp"
#include "runtime_support.hpp"

namespace barnabas::tests {
namespace {

using namespace barnabas::runtime;

asio::awaitable<void> wait_then_add(Wakeup& wakeup, int& sum, int amount) {
  co_await wakeup.wait();
  sum += amount;
}

asio::awaitable<void> add(int& sum, int amount, Live) {
  sum += amount;
  co_return;
}

asio::awaitable<void> fail_after(Clock& clock, Duration duration, const char* why) {
  co_await sleep_for(clock, duration);
  throw std::runtime_error(why);
}

asio::awaitable<void> sleep_with(Clock& clock, Live) { co_await sleep_for(clock, 1ms); }

asio::awaitable<void> own_a_group_for_ever(Runtime& runtime, Live) {
  TaskGroup group(runtime);
  group.spawn("sleeper", sleep_for(runtime.clock(), 1h));
  co_await group.join();
}

asio::awaitable<void> join_and_count(TaskGroup& group, int& joined) {
  co_await group.join();
  ++joined;
}

TEST_CASE("tasks: spawn starts later, join waits for all") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    Wakeup first(runtime.clock());
    Wakeup second(runtime.clock());
    int sum = 0;
    TaskGroup group(runtime);
    co_await group.join();
    group.spawn("first", wait_then_add(first, sum, 1));
    group.spawn("second", wait_then_add(second, sum, 10));
    CHECK(group.running() == 2);
    first.set();
    co_await sleep_for(runtime.clock(), 1ms);
    CHECK(sum == 1);
    CHECK(group.running() == 1);
    second.set();
    co_await group.join();
    CHECK(sum == 11);
    CHECK(group.running() == 0);
  });
}

TEST_CASE("tasks: a task that never waits does not run inside spawn") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    int sum = 0;
    int live = 0;
    TaskGroup group(runtime);
    group.spawn("at once", add(sum, 1, Live(live)));
    CHECK(sum == 0);
    co_await group.join();
    CHECK(sum == 1);
    CHECK(live == 0);
  });
}

TEST_CASE("tasks: what a task held is gone when join returns, and several may join") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    int live = 0;
    int joined = 0;
    TaskGroup group(runtime);
    TaskGroup joiners(runtime);
    for (int i = 0; i < 10; ++i) group.spawn("sleeper", sleep_with(runtime.clock(), Live(live)));
    CHECK(live == 10);
    for (int i = 0; i < 3; ++i) joiners.spawn("joiner", join_and_count(group, joined));
    co_await group.join();
    CHECK(live == 0);
    co_await joiners.join();
    CHECK(joined == 3);
  });
}

TEST_CASE("tasks: a failure is told with the task's name while the others go on") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    std::vector<std::string> failures;
    TaskGroup group(runtime, [&failures](const std::string& name, std::exception_ptr failure) {
      try {
        std::rethrow_exception(failure);
      } catch (const std::runtime_error& error) {
        failures.push_back(name + ": " + error.what());
      }
    });
    int sum = 0;
    Wakeup wakeup(runtime.clock());
    group.spawn("heartbeat", fail_after(runtime.clock(), 0ms, "broken"));
    group.spawn("other", wait_then_add(wakeup, sum, 1));
    while (group.running() == 2) co_await sleep_for(runtime.clock(), 1ms);
    CHECK(failures == std::vector<std::string>{"heartbeat: broken"});
    wakeup.set();
    co_await group.join();
    CHECK(sum == 1);
  });
}

TEST_CASE("tasks: without somebody to tell, join rethrows the first failure, once") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    TaskGroup group(runtime);
    group.spawn("first", fail_after(runtime.clock(), 0ms, "first"));
    group.spawn("second", fail_after(runtime.clock(), 50ms, "second"));
    std::string what;
    try {
      co_await group.join();
    } catch (const std::runtime_error& error) {
      what = error.what();
    }
    CHECK(what == "first");
    CHECK(group.running() == 0);
    co_await group.join();
  });
}

TEST_CASE("tasks: a group whose loop has ended may go with coroutines still suspended") {
  int live = 0;
  AsioRuntime runtime;
  asio::co_spawn(runtime.executor(), own_a_group_for_ever(runtime, Live(live)), asio::detached);
  TaskGroup outside(runtime);
  outside.spawn("sleeper", own_a_group_for_ever(runtime, Live(live)));
  runtime.run(sleep_for(runtime.clock(), 1ms));
  CHECK(live == 0);
  CHECK(outside.running() == 1);
}

}  // namespace
}  // namespace barnabas::tests
