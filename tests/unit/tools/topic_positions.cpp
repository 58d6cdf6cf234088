// From what people type to partitions and offsets, against a simulated cluster.
#include "barnabas/tools/topic_positions.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <stdexcept>

#include "barnabas/fixtures/broker/broker.hpp"
#include "barnabas/fixtures/sim/sim_runtime.hpp"
#include "barnabas/protocol/records/builder.hpp"

using namespace barnabas;
using namespace barnabas::tools;
using client::TopicPartition;
using std::chrono::seconds;

namespace {

constexpr std::int64_t first_ms = 1'700'000'000'000;

class Silent final : public client::EventSink {
 public:
  void on_event(const client::Event&) noexcept override {}
};

client::ClientOptions client_options() {
  client::ClientOptions options;
  options.bootstrap_servers = client::parse_endpoints("10.1.0.1:9092");
  return options;
}

fixtures::broker::BrokerOptions broker_options() {
  fixtures::broker::BrokerOptions options(2, 9092);
  options.hosts = {"10.1.0.1", "10.1.0.2"};
  options.auto_create_topics = false;
  return options;
}

/// A cluster of two nodes with the topic "t" of three partitions, and a client that is connected to it.
struct World {
  World() : sim(fixtures::sim::SimOptions(1)), broker(sim, broker_options()), client(sim, client_options(), events) {}

  void run(std::function<asio::awaitable<void>()> main) {
    const auto whole = [this, main = std::move(main)]() -> asio::awaitable<void> {
      if (!broker.start()) throw std::runtime_error("the cluster does not start");
      broker.create_topic("t", 3, 2);
      const auto deadline = in(10);
      co_await client.connect(deadline);
      co_await main();
      const auto end = in(10);
      co_await client.close(end);
      co_await broker.stop();
    };
    sim.run(whole);
  }

  /// Records with the timestamps first_ms, first_ms + 1, …
  void fill(std::int32_t partition, int count) {
    records::BatchBuilder builder;
    for (int i = 0; i < count; ++i) builder.append(first_ms + i, std::nullopt, protocol::string("value"), {});
    const std::string batch = builder.finish();
    broker.append("t", partition, protocol::bytes(batch));
  }

  runtime::TimePoint in(int limit_s) { return sim.clock().now() + seconds(limit_s); }

  asio::awaitable<std::vector<TopicPartition>> partitions(std::vector<int> only = {}) {
    const std::string topic = "t";
    const auto deadline = in(5);
    co_return co_await topic_partitions(client, topic, only, deadline);
  }

  Silent events;
  fixtures::sim::SimRuntime sim;
  fixtures::broker::Broker broker;
  client::Client client;
};

}  // namespace

TEST_CASE("start: what people type") {
  using client::StartPosition;
  const auto is = [](std::string_view text, StartPosition position) {
    const StartText start = parse_start(text);
    return start.position == position && !start.stored;
  };
  CHECK(is("", StartPosition::earliest()));
  CHECK(is("beginning", StartPosition::earliest()));
  CHECK(is("earliest", StartPosition::earliest()));
  CHECK(is("end", StartPosition::latest()));
  CHECK(is("latest", StartPosition::latest()));
  CHECK(is("0", StartPosition::offset(0)));
  CHECK(is("9223372036854775807", StartPosition::offset(9'223'372'036'854'775'807)));
  CHECK(is("-5", StartPosition::before_end(5)));
  CHECK(is("-0", StartPosition::before_end(0)));
  CHECK(is("last:5", StartPosition::before_end(5)));
  CHECK(is("s@1700000000000", StartPosition::timestamp(first_ms)));
  CHECK(is("by_duration:PT1M", StartPosition::before_now(60'000)));
  CHECK(parse_start("stored").stored);
  CHECK(parse_end_time("e@1700000000000") == first_ms);
  CHECK(parse_end_time("s@5") == -1);
  CHECK_THROWS_AS(parse_end_time("e@"), Error);
  CHECK_THROWS_AS(parse_end_time("e@-1"), Error);
  for (const char* text : {"x", "5x", "--5", "s@", "s@x", "s@-1", "-", "9223372036854775808", " 5", "e@5", "1.5",
                           "none", "by_duration:1"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_start(text), Error);
  }
}

TEST_CASE("positions: partitions of a topic, and some of them") {
  World world;
  world.run([&]() -> asio::awaitable<void> {
    const auto all = co_await world.partitions();
    REQUIRE(all.size() == 3);
    CHECK(all[2] == TopicPartition("t", 2));
    const std::vector<int> twice = {2, 0, 2};
    const auto some = co_await world.partitions(twice);
    REQUIRE(some.size() == 2);
    CHECK(some[0] == TopicPartition("t", 0));
    CHECK(some[1] == TopicPartition("t", 2));
  });
}

TEST_CASE("positions: a topic or a partition that is not there is told at once") {
  World world;
  world.run([&]() -> asio::awaitable<void> {
    const auto began = world.sim.clock().now();
    const std::string topic = "nope";
    const std::vector<int> all, missing = {1, 3};
    const auto deadline = world.in(60);
    std::string told;
    try {
      co_await topic_partitions(world.client, topic, all, deadline);
    } catch (const Error& error) {
      CHECK(error.code() == protocol::ErrorCode::unknown_topic_or_partition);
      told = error.what();
    }
    CHECK(told.find("nope") != std::string::npos);
    told.clear();
    try {
      co_await world.partitions(missing);
    } catch (const Error& error) {
      CHECK(error.stage() == Error::Stage::config);
      told = error.what();
    }
    CHECK(told.find("partition 3 of topic t") != std::string::npos);
    CHECK(told.find("partitions 0 to 2") != std::string::npos);
    CHECK(world.sim.clock().now() - began < seconds(5));
  });
}

TEST_CASE("positions: offsets are found although leaders move") {
  World world;
  world.run([&]() -> asio::awaitable<void> {
    world.fill(0, 10);
    world.fill(2, 4);
    const auto all = co_await world.partitions();
    world.broker.move_leader("t", 0, world.broker.leader("t", 0) == 1 ? 2 : 1);
    world.broker.move_leader("t", 2, world.broker.leader("t", 2) == 1 ? 2 : 1);
    const auto deadline = world.in(20);
    const auto ends = co_await offsets_at(world.client, all, -1, client::Isolation::read_uncommitted, deadline);
    CHECK(ends == std::vector<std::int64_t>{10, 0, 4});
    const auto early =
        co_await offsets_at(world.client, all, first_ms + 3, client::Isolation::read_uncommitted, deadline);
    CHECK(early == std::vector<std::int64_t>{3, -1, 3});
  });
}
