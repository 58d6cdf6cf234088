// Workers, signals, stop() and the end of run().
#include <atomic>
#include <csignal>
#include <stdexcept>
#include <thread>
#include <vector>

#include "barnabas/client/runtime/tasks.hpp"
#include "runtime_support.hpp"

namespace barnabas::tests {
namespace {

using namespace barnabas::runtime;

asio::awaitable<void> work_on(Runtime& runtime, std::function<void()> work) { co_await runtime.workers().run(work); }

asio::awaitable<void> work_holding(Runtime& runtime, std::function<void()> work, Live) {
  co_await runtime.workers().run(work);
}

asio::awaitable<void> throw_at_once() {
  throw std::runtime_error("from main");
  co_return;
}

asio::awaitable<void> next_signal(Signals& signals, std::vector<int>& received) {
  const int signal = co_await signals.next();
  received.push_back(signal);
}

asio::awaitable<void> sleep_holding(Runtime& runtime, Live) { co_await sleep_for(runtime.clock(), 1h); }

TEST_CASE("workers: work runs on another thread and its caller resumes on the loop's") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    const std::thread::id loop_thread = std::this_thread::get_id();
    std::thread::id work_thread = loop_thread;
    std::function<void()> work = [&work_thread] { work_thread = std::this_thread::get_id(); };
    co_await runtime.workers().run(work);
    CHECK(work_thread != loop_thread);
    CHECK(std::this_thread::get_id() == loop_thread);
    CHECK(runtime.workers().threads() == 1);
  });
}

TEST_CASE("workers: as many run at once as there are threads, and the loop goes on meanwhile") {
  AsioOptions options;
  options.worker_threads = 3;
  run(
      [](AsioRuntime& runtime) -> asio::awaitable<void> {
        CHECK(runtime.workers().threads() == 3);
        std::atomic<int> inside = 0;
        std::atomic<bool> release = false;
        TaskGroup group(runtime);
        for (int i = 0; i < 3; ++i) {
          group.spawn("work", work_on(runtime, [&inside, &release] {
                        ++inside;
                        while (!release) std::this_thread::yield();
                      }));
        }
        while (inside < 3) co_await sleep_for(runtime.clock(), 1ms);
        release = true;
        co_await group.join();
      },
      options);
}

TEST_CASE("workers: the end of the loop waits for the work under way and drops the work not begun") {
  int live = 0;
  std::atomic<bool> begun = false;
  std::atomic<bool> ended = false;
  AsioRuntime runtime;
  const auto slow = [&begun, &ended] {
    begun = true;
    std::this_thread::sleep_for(20ms);
    ended = true;
  };
  for (int i = 0; i < 3; ++i) {
    asio::co_spawn(runtime.executor(), work_holding(runtime, slow, Live(live)), asio::detached);
  }
  std::thread stopper([&runtime, &begun] {
    while (!begun) std::this_thread::yield();
    runtime.stop();
  });
  runtime.run(sleep_for(runtime.clock(), 1h));
  stopper.join();
  CHECK(ended);
  CHECK(live == 0);
}

TEST_CASE("signals: one that came before next() is not lost, and a waiter gets the next") {
  AsioOptions options;
  options.handle_signals = true;
  run(
      [](AsioRuntime& runtime) -> asio::awaitable<void> {
        Signals& signals = runtime.signals();
        ::raise(SIGHUP);
        const int first = co_await signals.next();
        CHECK(first == SIGHUP);

        std::vector<int> received;
        TaskGroup group(runtime);
        group.spawn("waiter", next_signal(signals, received));
        co_await sleep_for(runtime.clock(), 1ms);
        CHECK(received.empty());
        ::raise(SIGTERM);
        co_await group.join();
        CHECK(received == std::vector<int>{SIGTERM});

        group.spawn("waiter", next_signal(signals, received));
        co_await sleep_for(runtime.clock(), 1ms);
        signals.stop();
        co_await group.join();
        CHECK(received == std::vector<int>{SIGTERM, 0});
        const int after_stop = co_await signals.next();
        CHECK(after_stop == 0);
      },
      options);
}

TEST_CASE("signals: without leave to handle them, next() waits for stop()") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    std::vector<int> received;
    TaskGroup group(runtime);
    group.spawn("waiter", next_signal(runtime.signals(), received));
    co_await sleep_for(runtime.clock(), 1ms);
    runtime.signals().stop();
    co_await group.join();
    CHECK(received == std::vector<int>{0});
  });
}

TEST_CASE("runtime: run rethrows what main threw, and has destroyed the rest by then") {
  int live = 0;
  AsioRuntime runtime;
  asio::co_spawn(runtime.executor(), sleep_holding(runtime, Live(live)), asio::detached);
  CHECK_THROWS_WITH_AS(runtime.run(throw_at_once()), "from main", std::runtime_error);
  CHECK(live == 0);
  CHECK_THROWS_AS(runtime.run(throw_at_once()), std::logic_error);
}

TEST_CASE("runtime: stop ends run from another thread, from a signal handler's kind of place, and before run") {
  int live = 0;
  {
    AsioRuntime runtime;
    std::thread stopper([&runtime] { runtime.stop(); });
    runtime.run(sleep_holding(runtime, Live(live)));
    stopper.join();
  }
  {
    AsioRuntime runtime;
    runtime.stop();
    runtime.stop();
    runtime.run(sleep_holding(runtime, Live(live)));
  }
  CHECK(live == 0);
}

TEST_CASE("runtime: a runtime that never ran destroys what was given to it") {
  int live = 0;
  {
    AsioRuntime runtime;
    asio::co_spawn(runtime.executor(), sleep_holding(runtime, Live(live)), asio::detached);
    CHECK(live == 1);
  }
  CHECK(live == 0);
}

TEST_CASE("runtime: chance differs from one runtime to the next") {
  AsioRuntime first;
  AsioRuntime second;
  const std::vector<std::uint64_t> a{first.random().next(), first.random().next()};
  const std::vector<std::uint64_t> b{second.random().next(), second.random().next()};
  CHECK(a != b);
  CHECK(a[0] != a[1]);
}

}  // namespace
}  // namespace barnabas::tests
