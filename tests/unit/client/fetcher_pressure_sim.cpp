// What the fetcher does when the other side of the sink is slow: it asks for less, holds little, and lets the others go
// on.
#include <memory>
#include <string>
#include <vector>

#include "world.hpp"

using namespace barnabas;
using namespace barnabas::client;
using namespace barnabas::client::testing;

namespace {

const TopicPartition t0("t", 0);

asio::awaitable<void> close(World& world, Fetcher& fetcher) {
  const auto deadline = world.client->deadline_in_ms(500);
  co_await fetcher.close(deadline);
}

/// Batches of 100 records of `value_bytes` each.
void fill_large(World& world, const std::string& topic, std::int32_t partition, int batches, std::size_t value_bytes) {
  const std::string value(value_bytes, 'v');
  for (int b = 0; b < batches; ++b) {
    records::BatchBuilder builder;
    for (int i = 0; i < 100; ++i) builder.append(1'700'000'000'000, std::nullopt, protocol::string(value), {});
    const std::string bytes = builder.finish();
    world.broker.append(topic, partition, protocol::bytes(bytes));
  }
}

}  // namespace

TEST_CASE("fetcher pressure: a paused partition brings nothing, a resumed one goes on where it was") {
  World world;
  Sink sink;
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    world.fill("t", 0, 20);
    co_await world.connect();
    Fetcher& fetcher = world.make_fetcher(world.fetch_options());
    fetcher.add(t0, StartPosition::earliest(), sink);
    co_await world.until([&] { return sink.offsets.size() == 20; }, "records");
    fetcher.pause(t0);
    CHECK(fetcher.status(t0)->paused);
    co_await world.sleep(milliseconds(300));  // a request under way may still bring what it finds
    const auto asked = world.broker.requests().of(ApiKey::fetch);
    world.fill("t", 0, 20);
    co_await world.sleep(seconds(2));
    CHECK(sink.offsets.size() == 20);
    CHECK(world.broker.requests().of(ApiKey::fetch) == asked);
    fetcher.resume(t0);
    co_await world.until([&] { return sink.offsets.size() == 40; }, "records");
    co_await close(world, fetcher);
  });
  CHECK(sink.offsets == range(0, 40));
}

TEST_CASE("fetcher pressure: a sink that is full is not asked for more until it is woken") {
  World world;
  Sink sink(true);
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    fill_large(world, "t", 0, 40, 1'000);
    co_await world.connect();
    FetchOptions options = world.fetch_options();
    options.lane_bytes_max = 1 << 20;
    options.partition_max_bytes = 256 << 10;
    Fetcher& fetcher = world.make_fetcher(options);
    fetcher.add(t0, StartPosition::earliest(), sink);
    co_await world.until([&] { return sink.queued_bytes() >= options.lane_bytes_max; }, "a full sink");
    CHECK(world.count(EventKind::partition_slow) == 1);
    co_await world.sleep(seconds(2));
    CHECK(sink.queued_bytes() < options.lane_bytes_max + (300 << 10));
    const auto held = sink.kept.size();
    co_await world.sleep(seconds(2));
    CHECK(sink.kept.size() == held);
    sink.read_all();
    fetcher.wake(t0);
    co_await world.until([&] { return sink.offsets.size() == 4'000; }, "all records");
    CHECK(world.count(EventKind::partition_resumed) >= 1);
    co_await close(world, fetcher);
  });
  CHECK(sink.offsets == range(0, 4'000));
}

TEST_CASE("fetcher pressure: sinks that never finish hold a bounded amount, and the partition that is read goes on") {
  World world(2);
  constexpr int partitions = 8;
  world.options.memory_bytes_max = 4 << 20;
  std::vector<std::unique_ptr<Sink>> sinks;
  for (int p = 0; p < partitions; ++p) sinks.push_back(std::make_unique<Sink>(p > 0));
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", partitions);
    for (int p = 0; p < partitions; ++p) fill_large(world, "t", p, 60, 1'000);
    co_await world.connect();
    Fetcher& fetcher = world.make_fetcher(world.fetch_options());
    for (int p = 0; p < partitions; ++p) {
      fetcher.add(TopicPartition("t", p), StartPosition::earliest(), *sinks[static_cast<std::size_t>(p)]);
    }
    std::int64_t most = 0;
    world.sim.after_each_step([&] { most = std::max(most, world.client->pool().used()); });
    co_await world.until([&] { return sinks[0]->offsets.size() == 6'000; }, "the partition that is read");
    co_await world.sleep(seconds(3));
    world.sim.after_each_step({});
    // The budget, one batch for each partition, and for each broker its reserve and what size classes add to a
    // response.
    CHECK(most < (4 << 20) + partitions * (110 << 10) + 2 * ((64 << 10) + (2 << 20) / 4));
    CHECK(most > 3 << 20);
    CHECK(world.count(EventKind::budget_exhausted) >= 1);
    for (auto& sink : sinks) {
      CHECK((sink->offsets.size() == 6'000 || !sink->kept.empty()));
      sink->read_all();
    }
    for (int p = 0; p < partitions; ++p) fetcher.wake(TopicPartition("t", p));
    co_await world.until(
        [&] {
          std::size_t read = 0;
          for (auto& sink : sinks) read += sink->offsets.size();
          return read == 6'000u * partitions;
        },
        "all the rest");
    co_await close(world, fetcher);
    for (auto& sink : sinks) {
      CHECK(sink->offsets == range(0, 6'000));
      sink->kept.clear();
    }
    CHECK(world.client->pool().used() < 64 << 10);
  });
}

TEST_CASE("fetcher pressure: a batch larger than every limit still comes, whole") {
  BrokerOptions broker_options;
  for (const std::int16_t version_max : {4, 11, 18}) {
    CAPTURE(version_max);
    broker_options.versions[ApiKey::fetch] = {0, version_max};
    World world(1, broker_options);
    Sink sink;
    world.run([&]() -> asio::awaitable<void> {
      world.broker.create_topic("t", 1);
      fill_large(world, "t", 0, 3, 9'000);
      co_await world.connect();
      FetchOptions options = world.fetch_options();
      options.partition_max_bytes = 1'000;
      options.max_bytes = 2'000;
      Fetcher& fetcher = world.make_fetcher(options);
      fetcher.add(t0, StartPosition::earliest(), sink);
      co_await world.until([&] { return sink.offsets.size() == 300; }, "all records");
      co_await close(world, fetcher);
    });
    CHECK(sink.offsets == range(0, 300));
  }
}
