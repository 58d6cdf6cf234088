// What a client says about itself, against what happened to it.
#include "barnabas/client/statistics/statistics.hpp"

#include "world.hpp"

using namespace barnabas;
using namespace barnabas::client;
using namespace barnabas::client::testing;

namespace {

std::size_t index(RequestKind kind) { return static_cast<std::size_t>(kind); }

asio::awaitable<void> close(World& world, Fetcher& fetcher) {
  const auto deadline = world.client->deadline_in_ms(500);
  co_await fetcher.close(deadline);
}

}  // namespace

TEST_CASE("statistics: brokers, requests, bytes and metadata of a client that reads") {
  World world(2);
  Sink sink;
  world.broker.create_topic("t", 1);
  world.fill("t", 0, 1000);
  world.run([&]() -> asio::awaitable<void> {
    const ClientStatistics before = world.client->statistics();
    CHECK(before.metadata_age_ms == -1);
    CHECK(before.brokers.size() == 2);
    CHECK(before.brokers[0].state == BrokerState::idle);
    CHECK(before.cluster_id.empty());
    co_await world.connect();
    Fetcher& fetcher = world.make_fetcher(world.fetch_options());
    const TopicPartition t0("t", 0);
    const auto start = StartPosition::earliest();
    fetcher.add(t0, start, sink);
    co_await world.until([&] { return sink.offsets.size() == 1000; }, "records");
    co_await world.sleep(seconds(2));

    const ClientStatistics statistics = world.client->statistics();
    CHECK(statistics.name == "test");
    CHECK(statistics.client_id == "test");
    CHECK(!statistics.cluster_id.empty());
    CHECK(statistics.uptime_ms >= 2'000);
    CHECK(statistics.metadata_age_ms >= 1'900);
    CHECK(statistics.metadata_age_ms <= statistics.uptime_ms);
    CHECK(statistics.metadata_refreshes >= 2);
    CHECK(statistics.topics == 1);
    CHECK(statistics.memory.budget_bytes == world.options.memory_bytes_max);
    CHECK(statistics.memory.used_bytes == world.client->pool().used());

    const std::int32_t leader = fetcher.status(t0)->leader_id;
    const BrokerStatistics* broker = statistics.broker(leader);
    REQUIRE(broker);
    CHECK(broker->address == "10.1.0." + std::to_string(leader) + ":" + std::to_string(9091 + leader));
    CHECK(broker->state == BrokerState::connected);
    CHECK(broker->connections >= 1);
    CHECK(broker->requests_outstanding == 1);  // the long poll
    const Traffic& traffic = broker->traffic;
    CHECK(traffic.connects == broker->connections);
    CHECK(traffic.connect_attempts >= traffic.connects);
    CHECK(traffic.disconnects == 0);
    CHECK(traffic.requests_failed == 0);
    CHECK(traffic.requests_sent == traffic.responses_received + broker->requests_outstanding);
    CHECK(traffic.bytes_received > fetcher.status(t0)->bytes);
    CHECK(traffic.bytes_sent >= traffic.requests_sent * 12);
    std::uint64_t by_api = 0;
    for (const auto& [key, count] : traffic.requests_by_api) by_api += count;
    CHECK(by_api == traffic.requests_sent);

    const Latency& polls = traffic.latency[index(RequestKind::fetch)];
    CHECK(polls.count() + 1 == traffic.requests_by_api.at(1));
    CHECK(polls.largest_us() >= 100'000);  // waited for records that did not come
    const Latency& prompt = traffic.latency[index(RequestKind::prompt)];
    CHECK(prompt.count() + polls.count() == traffic.responses_received);
    CHECK(prompt.largest_us() < 100'000);
    co_await close(world, fetcher);
  });
}

TEST_CASE("statistics: a request without an answer is failed and timed out, and its connection is one that ended") {
  World world;
  world.run([&]() -> asio::awaitable<void> {
    co_await world.connect();
    const auto ask = [&]() -> asio::awaitable<void> {
      protocol::MetadataRequest request;
      const Target target = Target::node(1);
      const auto deadline = world.client->deadline_in_ms(1'000);
      co_await world.client->call(request, target, deadline);
    };
    co_await ask();
    const FaultTarget metadata(ApiKey::metadata);
    world.broker.faults().plan(metadata, Fault::dropping());
    const auto failure = co_await failure_of(ask);
    CHECK(failure);
    const ClientStatistics statistics = world.client->statistics();
    const BrokerStatistics* broker = statistics.broker(1);
    REQUIRE(broker);
    CHECK(broker->traffic.requests_timed_out == 1);
    CHECK(broker->traffic.requests_failed == 1);
    CHECK(broker->traffic.disconnects == 1);
    CHECK(broker->connections == 0);
    CHECK(broker->state == BrokerState::idle);
  });
}

TEST_CASE("statistics: a broker that is not there is backing off, each attempt counted") {
  World world;
  world.options.bootstrap_servers = {runtime::Endpoint("10.9.9.9", 9092)};
  world.run([&]() -> asio::awaitable<void> {
    const auto connect = [&]() -> asio::awaitable<void> { co_await world.connect(); };
    const auto failure = co_await failure_of(connect);
    CHECK(failure);
    const ClientStatistics statistics = world.client->statistics();
    REQUIRE(statistics.brokers.size() == 1);
    const BrokerStatistics& server = statistics.brokers[0];
    CHECK(server.node_id < 0);
    CHECK(server.state == BrokerState::backing_off);
    CHECK(server.traffic.connect_attempts >= 1);
    CHECK(server.traffic.connects == 0);
    CHECK(server.traffic.requests_sent == 0);
    CHECK(statistics.broker(7) == nullptr);
  });
}

TEST_CASE("statistics: pauses that a broker asks of Fetch are counted") {
  World world;
  Sink sink;
  world.broker.create_topic("t", 1);
  world.fill("t", 0, 10);
  world.run([&]() -> asio::awaitable<void> {
    co_await world.connect();
    // An answer of version 17 to the first Fetch: throttled for two seconds, no error, no session, nothing else.
    const std::string throttled("\0\0\0\x11\0\0\0\x02\0\0\0\x07\xd0\0\0\0\0\0\0\x01\0", 21);
    const FaultTarget target(ApiKey::fetch);
    world.broker.faults().plan(target, Fault::raw(throttled));
    Fetcher& fetcher = world.make_fetcher(world.fetch_options());
    const TopicPartition t0("t", 0);
    const auto start = StartPosition::earliest();
    fetcher.add(t0, start, sink);
    co_await world.until([&] { return world.count(EventKind::throttled) == 1; }, "the throttle");
    const ClientStatistics statistics = world.client->statistics();
    CHECK(statistics.broker(1)->traffic.throttles == 1);
    CHECK(statistics.broker(1)->traffic.throttled_ms == 2'000);
    co_await close(world, fetcher);
  });
}
