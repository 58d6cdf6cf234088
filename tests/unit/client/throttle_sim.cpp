// A broker over quota: what its answers ask for is kept, on the connection where it was asked (KIP-219).
#include "barnabas/client/cluster/connection.hpp"
#include "barnabas/protocol/messages/heartbeat.hpp"
#include "world.hpp"

using namespace barnabas;
using namespace barnabas::client;
using namespace barnabas::client::testing;

namespace {

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// A broker whose first answer to a Heartbeat asks for a pause.
struct OverQuota {
  World world;
  std::int32_t pause_ms = 3'000;
  std::vector<runtime::TimePoint> arrived;  ///< Heartbeats
  std::unique_ptr<ScriptedServer> server;

  OverQuota() { world.options.bootstrap_servers = parse_endpoints("10.9.0.1:9092"); }

  asio::awaitable<void> serve(runtime::Stream& stream) {
    while (true) {
      const std::string request = co_await read_request(stream);
      if (request.empty()) co_return;
      std::string answer = request[1] == 18 ? api_versions_answer(request, api_version(request)) : heartbeat(request);
      co_await write_bytes(stream, std::move(answer));
    }
  }
  std::string heartbeat(const std::string& request) {
    arrived.push_back(world.sim.clock().now());
    protocol::HeartbeatResponse response;
    if (arrived.size() == 1) response.throttle_time_ms = pause_ms;
    return *protocol::encode_response(response, api_version(request), correlation_id(request));
  }

  void run(std::function<asio::awaitable<void>()> main) {
    world.run([this, main = std::move(main)]() -> asio::awaitable<void> {
      const runtime::Address at("10.9.0.1", 9092);
      ScriptedServer::Script script = [this](runtime::Stream& stream, int) { return serve(stream); };
      server = std::make_unique<ScriptedServer>(world, at, std::move(script));
      co_await main();
    });
  }

  /// One Heartbeat; gives what went wrong.
  asio::awaitable<std::unique_ptr<Error>> call(int limit_ms, ConnectionClass c = ConnectionClass::control,
                                               std::int16_t version_cap = 4) {
    const protocol::HeartbeatRequest request;
    Target target = Target::any();
    target.connection_class = c;
    const auto deadline = world.client->deadline_in_ms(limit_ms);
    auto once = [&]() -> asio::awaitable<void> { co_await world.client->call(request, target, deadline, version_cap); };
    co_return co_await failure_of(once);
  }
};

}  // namespace

TEST_CASE("throttle: after an answer that asks for a pause nothing is sent on that connection until it is over") {
  OverQuota broker;
  broker.run([&]() -> asio::awaitable<void> {
    for (int i = 0; i < 2; ++i) {
      const auto failure = co_await broker.call(10'000);
      CHECK(failure == nullptr);
    }
  });
  REQUIRE(broker.arrived.size() == 2);
  CHECK(broker.arrived[1] - broker.arrived[0] >= seconds(3));
  CHECK(broker.arrived[1] - broker.arrived[0] < milliseconds(3'100));
  CHECK(broker.world.count(EventKind::throttled) == 1);
  CHECK(contains(broker.world.first(EventKind::throttled), "3000 ms"));
  CHECK(contains(broker.world.first(EventKind::throttled), "10.9.0.1:9092"));
}

TEST_CASE("throttle: connections of other classes are not held back") {
  OverQuota broker;
  broker.run([&]() -> asio::awaitable<void> {
    auto failure = co_await broker.call(10'000);
    CHECK(failure == nullptr);
    failure = co_await broker.call(1'000, ConnectionClass::group);
    CHECK(failure == nullptr);
  });
}

TEST_CASE("throttle: a request that cannot wait so long fails at its deadline and says why; the connection stays") {
  OverQuota broker;
  broker.run([&]() -> asio::awaitable<void> {
    auto failure = co_await broker.call(10'000);
    CHECK(failure == nullptr);
    const auto begin = broker.world.client->now();
    failure = co_await broker.call(1'000);
    REQUIRE(failure);
    CHECK(broker.world.client->now() - begin == seconds(1));
    CHECK(failure->stage() == Error::Stage::timeout);
    CHECK(failure->retriable());
    CHECK(contains(failure->what(), "throttles"));
    CHECK(contains(failure->what(), "Heartbeat"));
    failure = co_await broker.call(10'000);
    CHECK(failure == nullptr);
  });
  CHECK(broker.arrived.size() == 2);
  CHECK(broker.server->connections() == 1);
}

TEST_CASE("throttle: in versions in which the broker has waited itself the client does not wait again") {
  OverQuota broker;
  broker.run([&]() -> asio::awaitable<void> {
    for (int i = 0; i < 2; ++i) {
      const auto failure = co_await broker.call(500, ConnectionClass::control, 1);
      CHECK(failure == nullptr);
    }
  });
  CHECK(broker.world.count(EventKind::throttled) == 0);
}

TEST_CASE("throttle: whoever waits is woken when the connection is cut, and a new connection starts afresh") {
  OverQuota broker;
  broker.pause_ms = 600'000;
  broker.run([&]() -> asio::awaitable<void> {
    auto failure = co_await broker.call(10'000);
    CHECK(failure == nullptr);
    auto waits = [&]() -> asio::awaitable<void> {
      const auto cut = co_await broker.call(60'000);
      CHECK(cut != nullptr);
    };
    broker.world.tasks.spawn("waits", waits());
    co_await broker.world.sleep(seconds(1));
    const auto begin = broker.world.client->now();
    broker.world.sim.network().cut_all(runtime::Address("10.9.0.1", 9092));
    co_await broker.world.tasks.join();
    CHECK(broker.world.client->now() - begin < seconds(1));
    failure = co_await broker.call(5'000);
    CHECK(failure == nullptr);
  });
}

TEST_CASE("versions: what was agreed on is told when a connection opens") {
  BrokerOptions broker_options;
  broker_options.versions[ApiKey::fetch] = {4, 11};
  broker_options.versions[ApiKey::offset_for_leader_epoch] = {1, 0};  // hidden
  World world(1, broker_options);
  world.run([&]() -> asio::awaitable<void> { co_await world.connect(); });
  const std::string text = world.first(EventKind::negotiated);
  CHECK(contains(text, "10.1.0.1:9092"));
  CHECK(contains(text, "Fetch 11,"));
  CHECK(contains(text, "Metadata 13,"));
  CHECK(contains(text, "OffsetForLeaderEpoch none"));
}
