#include "barnabas/handlers/dispatch/concurrency.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "barnabas/client/runtime/clock.hpp"
#include "barnabas/fixtures/sim/sim_runtime.hpp"

namespace {

using namespace barnabas;
using namespace std::chrono_literals;
using handlers::Concurrency;
using handlers::Ordering;
using handlers::StrandMap;

struct Item {
  int number = 0;
};

/// Work that takes a random time, and the order in which it began and ended.
struct Bench {
  Bench(std::size_t thread, Ordering ordering)
      : work(sim, StrandMap(thread, ordering), [this](Item& item) { return run(item); }, {}) {}

  asio::awaitable<void> run(Item& item) {
    begun.push_back(item.number);
    most = std::max(most, begun.size() - ended.size());
    const auto pause = runtime::Duration(1ms) * static_cast<std::int64_t>(1 + sim.random().below(50));
    co_await runtime::sleep_for(sim.clock(), pause);
    ended.push_back(item.number);
  }
  void put(std::size_t strand, int number) {
    Item item;
    item.number = number;
    work.put(strand, std::move(item));
  }

  fixtures::sim::SimRuntime sim;
  std::vector<int> begun, ended;
  std::size_t most = 0;
  Concurrency<Item> work;
};

}  // namespace

TEST_CASE("strands: a partition has one, neighbours have different ones, keys spread") {
  const StrandMap by_partition(4, Ordering::partition);
  std::set<std::size_t> used;
  for (int partition = 0; partition < 4; ++partition) {
    const auto strand = by_partition.partition_strand("t", partition);
    CHECK(strand == by_partition.partition_strand("t", partition));
    CHECK(strand < 4);
    used.insert(strand);
  }
  CHECK(used.size() == 4);
  CHECK_FALSE(by_partition.by_key());

  const StrandMap by_key(4, Ordering::key);
  used.clear();
  for (int i = 0; i < 100; ++i) used.insert(by_key.key_strand(1, std::string_view(std::to_string(i))));
  CHECK(used.size() == 4);
  CHECK(by_key.key_strand(1, std::string_view("k")) == by_key.key_strand(1, std::string_view("k")));

  const StrandMap unordered(4, Ordering::none);
  CHECK(unordered.strands() == 1);
  CHECK(unordered.threads_of_strand() == 4);
  CHECK_FALSE(StrandMap(1, Ordering::key).by_key());
}

TEST_CASE("concurrency: strands run beside each other, each in order") {
  Bench bench(3, Ordering::partition);
  for (int i = 0; i < 60; ++i) bench.put(static_cast<std::size_t>(i % 3), i);
  bench.sim.run([&]() -> asio::awaitable<void> {
    bench.work.start();
    co_await bench.work.stop();
  });
  CHECK(bench.most == 3);
  REQUIRE(bench.ended.size() == 60);
  std::map<int, int> last;
  for (const int number : bench.ended) {
    const auto [at, is_first] = last.emplace(number % 3, number);
    CHECK((is_first || at->second < number));
    at->second = number;
  }
}

TEST_CASE("concurrency: without an ordering, items begin in order and end in any") {
  Bench bench(4, Ordering::none);
  for (int i = 0; i < 60; ++i) bench.put(0, i);
  bench.sim.run([&]() -> asio::awaitable<void> {
    bench.work.start();
    co_await bench.work.stop();
  });
  CHECK(bench.most == 4);
  CHECK(std::ranges::is_sorted(bench.begun));
  CHECK_FALSE(std::ranges::is_sorted(bench.ended));
  CHECK(bench.ended.size() == 60);
}

TEST_CASE("concurrency: room goes to those who wait, first come first served, and is not slept over") {
  Bench bench(1, Ordering::partition);
  std::vector<int> served;
  const auto producer = [&](int id, int items) -> asio::awaitable<void> {
    for (int i = 0; i < items; ++i) {
      while (!bench.work.has_room(0)) co_await bench.work.room(0);
      bench.put(0, id);
      served.push_back(id);
      CHECK(bench.work.waiting() == 1);
    }
    bench.work.pass_on();
  };
  bench.sim.run([&]() -> asio::awaitable<void> {
    runtime::TaskGroup tasks(bench.sim);
    bench.work.start();
    for (int id = 0; id < 3; ++id) tasks.spawn("producer", producer(id, 10));
    co_await tasks.join();
    const bool is_idle = co_await bench.work.idle_by(runtime::never);
    CHECK(is_idle);
    co_await bench.work.stop();
  });
  CHECK(bench.ended.size() == 30);
  // In the middle, nobody is served twice before the others were served once.
  for (std::size_t i = 6; i + 3 < 24; ++i) CHECK(std::set(served.begin() + i, served.begin() + i + 3).size() == 3);
}

TEST_CASE("concurrency: idle_by gives up at its deadline") {
  Bench bench(1, Ordering::partition);
  bench.put(0, 1);
  bench.sim.run([&]() -> asio::awaitable<void> {
    const auto deadline = bench.sim.clock().now() + 1s;
    const bool is_idle = co_await bench.work.idle_by(deadline);  // nothing was started
    CHECK_FALSE(is_idle);
    CHECK(bench.sim.clock().now() == deadline);
    bench.work.start();
    co_await bench.work.stop();
  });
  CHECK(bench.ended.size() == 1);
}
