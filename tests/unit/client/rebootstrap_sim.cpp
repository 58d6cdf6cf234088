// Finding the cluster again: names that are looked up afresh, and the way back to the bootstrap servers (KIP-899,
// KIP-1102, KIP-235).
#include <optional>

#include "barnabas/client/cluster/connection.hpp"
#include "world.hpp"

using namespace barnabas;
using namespace barnabas::client;
using namespace barnabas::client::testing;

namespace {

const TopicPartition t0("t", 0);

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// A world whose cluster may move house: the same topic with the same records at 10.2.0.1, 10.2.0.2, …
struct Moving : World {
  explicit Moving(int nodes = 1, BrokerOptions broker_options = {}) : World(nodes, broker_options), nodes_(nodes) {
    broker.create_topic("t", 1, nodes);
    fill("t", 0, 50);
    sim.network().set_name("kafka", {"10.1.0.1"});
    options.bootstrap_servers = parse_endpoints("kafka:9092");
    options.request_timeout_ms = 2'000;
  }

  void stop_old() {
    for (int node = 1; node <= nodes_; ++node) broker.stop_node(node);
  }
  void start_new(int records, BrokerOptions broker_options = {}) {
    broker_options.nodes = nodes_;
    broker_options.base_port = 9092;
    for (int node = 1; node <= nodes_; ++node) broker_options.hosts.push_back("10.2.0." + std::to_string(node));
    moved.emplace(sim, std::move(broker_options));
    REQUIRE(moved->start());
    moved->create_topic("t", 1, nodes_);
    for (int i = 0; i < records; ++i) {
      records::BatchBuilder builder{records::BatchOptions()};
      const std::string value = std::to_string(i);
      builder.append(1'700'000'000'000 + i, std::nullopt, protocol::string(value), {});
      const std::string bytes = builder.finish();
      moved->append("t", 0, protocol::bytes(bytes));
    }
    sim.network().set_name("kafka", {"10.2.0.1"});
  }

  void consume(std::function<asio::awaitable<void>()> body) {
    run([this, body = std::move(body)]() -> asio::awaitable<void> {
      co_await connect();
      const FetchOptions fetch = fetch_options();
      Fetcher& fetcher = make_fetcher(fetch);
      fetcher.add(t0, StartPosition::earliest(), sink);
      co_await until([&] { return sink.offsets.size() == 50; }, "the first records");
      co_await body();
      const auto deadline = client->deadline_in_ms(1'000);
      co_await fetcher.close(deadline);
      if (moved) co_await moved->stop();
    });
  }

  Sink sink;
  std::optional<fixtures::broker::Broker> moved;

 private:
  int nodes_;
};

}  // namespace

TEST_CASE("rebootstrap: a cluster that comes back at other addresses is found again, and reading goes on") {
  for (const int nodes : {1, 3}) {
    CAPTURE(nodes);
    Moving world(nodes);
    std::int64_t took_ms = 0;
    world.consume([&]() -> asio::awaitable<void> {
      world.stop_old();
      co_await world.sleep(seconds(20));
      const auto begin = world.client->now();
      world.start_new(100);
      co_await world.until([&] { return world.sink.offsets.size() == 100; }, "records from the new place");
      took_ms = std::chrono::duration_cast<milliseconds>(world.client->now() - begin).count();
      CHECK(world.client->metadata().brokers().at(1).endpoint.host == "10.2.0.1");
    });
    CHECK(world.sink.offsets == range(0, 100));
    CHECK(world.count(EventKind::rebootstrapped) == 1);  // once, however long it takes
    CHECK(contains(world.first(EventKind::rebootstrapped), "none of the known brokers can be reached"));
    CHECK(took_ms < 5'000);
  }
}

TEST_CASE("rebootstrap: with strategy none the bootstrap servers are never asked again") {
  Moving world;
  world.options.metadata_recovery = MetadataRecovery::none;
  world.options.rebootstrap_trigger_ms = 0;
  world.consume([&]() -> asio::awaitable<void> {
    world.stop_old();
    const auto asked_before = world.sim.network().resolves("kafka");
    world.start_new(100);
    co_await world.sleep(seconds(60));
    CHECK(world.sim.network().resolves("kafka") == asked_before);
    CHECK(world.sink.offsets.size() == 50);
    // The old place still works.
    REQUIRE(world.broker.start_node(1));
    world.fill("t", 0, 10);
    co_await world.until([&] { return world.sink.offsets.size() == 60; }, "records from the old place");
  });
  CHECK(world.count(EventKind::rebootstrapped) == 0);
}

TEST_CASE("rebootstrap: one broker that is left is enough to stay") {
  Moving world(3);
  world.consume([&]() -> asio::awaitable<void> {
    world.broker.stop_node(1);
    world.broker.stop_node(2);
    co_await world.sleep(seconds(60));
    world.fill("t", 0, 10);
    co_await world.until([&] { return world.sink.offsets.size() == 60; }, "records from the last broker");
  });
  CHECK(world.count(EventKind::rebootstrapped) == 0);
}

TEST_CASE("rebootstrap: brokers that can be reached and give no metadata are left when the trigger's time is over") {
  Moving world;
  world.options.rebootstrap_trigger_ms = 20'000;
  world.consume([&]() -> asio::awaitable<void> {
    FaultTarget silent(ApiKey::metadata);
    silent.times = FaultTarget::always;
    world.broker.faults().plan(silent, Fault::dropping());
    world.start_new(100);
    const auto begin = world.client->now();
    world.client->request_metadata("test");
    co_await world.until([&] { return world.count(EventKind::rebootstrapped) == 1; }, "the way back");
    CHECK(world.client->now() - begin >= seconds(20));
    CHECK(world.client->now() - begin < seconds(26));
    co_await world.until([&] { return world.sink.offsets.size() == 100; }, "records from the new place");
  });
  CHECK(world.sink.offsets == range(0, 100));
  CHECK(contains(world.first(EventKind::rebootstrapped), "no metadata came for"));
}

TEST_CASE("rebootstrap: a broker that asks for it is left at once, its connections with it") {
  Moving world;
  world.consume([&]() -> asio::awaitable<void> {
    const FaultTarget once(ApiKey::metadata);
    world.broker.faults().plan(once, Fault::with_error(ErrorCode::rebootstrap_required));
    world.start_new(100);
    world.client->request_metadata("test");
    co_await world.until([&] { return world.sink.offsets.size() == 100; }, "records from the new place");
    CHECK(world.broker.connection_count(1) == 0);
  });
  CHECK(world.sink.offsets == range(0, 100));
  CHECK(world.count(EventKind::rebootstrapped) == 1);
  CHECK(contains(world.first(EventKind::rebootstrapped), "asks for it"));
  // What was under way fails as a lost connection does, which everybody gets over.
  CHECK(contains(world.first(EventKind::fetch_failed), "starts again from its bootstrap servers"));
  CHECK(contains(world.first(EventKind::disconnected), "starts again from its bootstrap servers"));
}

TEST_CASE("rebootstrap: with strategy none a broker that asks for it is told of, and stays") {
  Moving world;
  world.options.metadata_recovery = MetadataRecovery::none;
  world.consume([&]() -> asio::awaitable<void> {
    const FaultTarget once(ApiKey::metadata);
    world.broker.faults().plan(once, Fault::with_error(ErrorCode::rebootstrap_required));
    world.client->request_metadata("test");
    co_await world.until([&] { return world.count(EventKind::metadata_failed) == 1; }, "the refusal");
    world.fill("t", 0, 10);
    co_await world.until([&] { return world.sink.offsets.size() == 60; }, "more records");
  });
  CHECK(contains(world.first(EventKind::metadata_failed), "REBOOTSTRAP_REQUIRED"));
  CHECK(contains(world.first(EventKind::metadata_failed), "metadata.recovery.strategy=none"));
  CHECK(world.count(EventKind::rebootstrapped) == 0);
}

TEST_CASE("rebootstrap: refreshes that succeed never lead there, however far they are apart") {
  Moving world;
  world.options.metadata_max_age_ms = 5'000;
  world.options.rebootstrap_trigger_ms = 1'000;
  world.consume([&]() -> asio::awaitable<void> { co_await world.sleep(seconds(120)); });
  CHECK(world.count(EventKind::metadata_refreshed) >= 20);
  CHECK(world.count(EventKind::rebootstrapped) == 0);
}

TEST_CASE("rebootstrap: closing in the middle of it keeps its deadline") {
  Moving world;
  world.options.dns_lookup = DnsLookup::resolve_canonical_bootstrap_servers_only;
  world.options.connect_timeout_ms = 30'000;
  world.consume([&]() -> asio::awaitable<void> {
    world.stop_old();
    world.sim.network().fail_name("kafka", fixtures::sim::NameFault::silent);
    co_await world.until([&] { return world.count(EventKind::rebootstrapped) == 1; }, "the way back");
    co_await world.sleep(milliseconds(500));
  });  // which closes the client
}

TEST_CASE("dns: an answer that changes is followed at the next attempt") {
  BrokerOptions advertised;
  advertised.advertised_host = "kafka";
  Moving world(1, advertised);
  world.options.metadata_recovery = MetadataRecovery::none;
  world.consume([&]() -> asio::awaitable<void> {
    world.stop_old();
    co_await world.sleep(seconds(5));
    world.start_new(100, advertised);
    co_await world.until([&] { return world.sink.offsets.size() == 100; }, "records from the new place");
  });
  CHECK(world.sink.offsets == range(0, 100));
}

TEST_CASE("dns: canonical names stand for a bootstrap server when that is wanted") {
  for (const DnsLookup lookup : {DnsLookup::use_all_dns_ips, DnsLookup::resolve_canonical_bootstrap_servers_only}) {
    const bool canonical = lookup == DnsLookup::resolve_canonical_bootstrap_servers_only;
    CAPTURE(canonical);
    World world;
    auto& network = world.sim.network();
    network.set_name("kafka", {"10.9.0.8", "10.9.0.9", "10.1.0.1"});
    network.set_canonical_name("10.1.0.1", "host-1");
    network.set_canonical_name("10.9.0.9", "host-9");
    network.set_name("host-1", {"10.1.0.1"});
    network.set_name("host-9", {"10.9.0.9"});
    world.options.dns_lookup = lookup;
    world.options.bootstrap_servers = parse_endpoints("kafka:9092");
    world.run([&]() -> asio::awaitable<void> { co_await world.connect(); });
    CHECK(contains(world.first(EventKind::connected), canonical ? "server host-1:9092" : "server kafka:9092"));
    CHECK(network.resolves("kafka") == 1);
    CHECK((network.resolves("host-1") > 0) == canonical);
    CHECK(network.dials(runtime::Address("10.9.0.8", 9092)) <= 1);  // by its address, since it has no name
  }
}

TEST_CASE("dns: a bootstrap name that cannot be resolved is named in the error, and tried again the next time") {
  World world;
  world.options.dns_lookup = DnsLookup::resolve_canonical_bootstrap_servers_only;
  world.options.bootstrap_servers = parse_endpoints("kafka:9092");
  world.run([&]() -> asio::awaitable<void> {
    auto connect = [&]() -> asio::awaitable<void> { co_await world.connect(); };
    const auto failure = co_await failure_of(connect);
    REQUIRE(failure);
    CHECK(failure->stage() == Error::Stage::resolve);
    CHECK(contains(failure->what(), "kafka"));
    world.sim.network().set_name("kafka", {"10.1.0.1"});
    world.sim.network().set_canonical_name("10.1.0.1", "host-1");
    world.sim.network().set_name("host-1", {"10.1.0.1"});
    co_await world.connect();
    CHECK(contains(world.first(EventKind::connected), "server host-1:9092"));
  });
}
