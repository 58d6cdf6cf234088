// The engine between a real consumer and handlers, in the simulator against the embedded broker.
#include "barnabas/handlers/dispatch/engine.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>

#include "barnabas/client/runtime/clock.hpp"
#include "barnabas/fixtures/broker/broker.hpp"
#include "barnabas/handlers/null.hpp"
#include "barnabas/handlers/remote/remote.hpp"
#include "barnabas/tests/unit/handlers/support.hpp"

namespace {

using namespace barnabas;
using namespace barnabas::tests;
using namespace std::chrono_literals;
using client::EventKind;
using fixtures::sim::HttpFault;

fixtures::broker::BrokerOptions broker_options() {
  fixtures::broker::BrokerOptions options(1, 9092);
  options.host = "10.1.0.1";
  return options;
}

client::ClientOptions client_options() {
  client::ClientOptions options;
  options.bootstrap_servers = client::parse_endpoints("10.1.0.1:9092");
  options.metadata_max_age_ms = 2'000;
  return options;
}

group::ConsumerOptions consumer_options() {
  group::ConsumerOptions options;
  options.group.group_id = "g";
  options.group.auto_commit_interval_ms = 200;
  options.group.rebalance_drain_ms = 5'000;
  options.fetch.offset_reset = client::OffsetReset::earliest;
  return options;
}

handlers::RemoteOptions remote_options() {
  handlers::RemoteOptions options;
  options.endpoint = "http://sink:8080/";
  options.send_message_count = 7;
  return options;
}

/// A handler that takes what it is given when it is told to.
class Sluggish final : public handlers::Handler {
 public:
  explicit Sluggish(runtime::Clock& clock) : changed_(clock) {}
  const std::string& name() const override { return name_; }
  asio::awaitable<void> handle(group::Turn& turn) override {
    if (throws) throw std::runtime_error("no such luck");
    while (stuck && !closed_) co_await changed_.wait();
    records::RecordView record;
    while (!closed_ && turn.next(record)) ++stats_.records;
    if (turn.count() > 0) turn.acker().done(turn.first_offset(), turn.end_offset());
  }
  asio::awaitable<void> close(runtime::TimePoint) override {
    closed_ = true;
    changed_.notify_all();
    co_return;
  }
  const handlers::HandlerStats& stats() const override { return stats_; }
  void release() {
    stuck = false;
    changed_.notify_all();
  }
  bool stuck = false;
  bool throws = false;

 private:
  std::string name_ = "sluggish";
  runtime::Broadcast changed_;
  handlers::HandlerStats stats_;
  bool closed_ = false;
};

/// A broker, a sink that keeps what it takes, and members.
struct World {
  explicit World(std::uint64_t seed = 1) : sim(fixtures::sim::SimOptions(seed)), broker(sim, broker_options()) {
    sim.http().endpoint("http://sink:8080").respond([this](const runtime::HttpRequest& request) {
      for (std::size_t at = request.body.find("\"value\":\""); at != std::string::npos;
           at = request.body.find("\"value\":\"", at)) {
        at += 9;
        ++taken[request.body.substr(at, request.body.find('"', at) - at)];
      }
      runtime::HttpResponse response;
      response.status = 200;
      return response;
    });
  }

  template <class Body>
  void run(Body body) {
    sim.run([&]() -> asio::awaitable<void> {
      const auto started = broker.start();
      REQUIRE(started.has_value());
      co_await body();
      co_await broker.stop();
    });
  }
  void produce(const std::string& topic, std::int32_t partition, int from, int count) {
    records::BatchBuilder builder;
    for (int i = from; i < from + count; ++i) {
      const std::string value = topic + "/" + std::to_string(partition) + "/" + std::to_string(i);
      builder.append(1'000, std::nullopt, protocol::string(value));
    }
    const std::string batch = builder.finish();
    broker.append(topic, partition, protocol::bytes(batch));
  }
  template <class Condition>
  asio::awaitable<void> until(Condition condition) {
    for (int polls = 0; !condition(); ++polls) {
      if (polls == 3'000) throw std::runtime_error("what was waited for did not come within a minute");
      co_await runtime::sleep_for(sim.clock(), 20ms);
    }
  }

  fixtures::sim::SimRuntime sim;
  fixtures::broker::Broker broker;
  std::map<std::string, int> taken;
};

/// One process: client, consumer, engine.
struct Member {
  Member(World& world, const handlers::Router& router, handlers::EngineOptions options = handlers::EngineOptions())
      : client(world.sim, client_options(), events),
        consumer(client, consumer_options()),
        engine(world.sim, events, consumer, router, options) {}

  asio::awaitable<void> start() {
    const auto deadline = client.deadline_in_ms(10'000);
    co_await client.connect(deadline);
    co_await engine.start();
  }
  asio::awaitable<void> stop(std::int64_t limit_ms = 10'000) {
    const auto before = client.now();
    const auto deadline = client.deadline_in_ms(limit_ms);
    co_await engine.close(deadline);
    CHECK(client.now() - before <= std::chrono::milliseconds(limit_ms) + 200ms);
    co_await client.close(deadline);
  }

  EventLog events;
  client::Client client;
  group::Consumer consumer;
  handlers::Engine engine;
};

handlers::Router route(const std::string& topic, handlers::Handler& handler) {
  handlers::Router router;
  router.add(topic, handler);
  return router;
}

}  // namespace

TEST_CASE("router: a topic has one handler, handlers are named once") {
  handlers::Null a("a"), b("b");
  handlers::Router router;
  CHECK(router.add("z", a));
  CHECK(router.add("y", b));
  CHECK(router.add("x", a));
  CHECK_FALSE(router.add("z", b));
  CHECK(router.find("z") == &a);
  CHECK(router.find("w") == nullptr);
  CHECK(router.topics() == std::vector<std::string>{"z", "y", "x"});
  CHECK(router.handlers() == std::vector<handlers::Handler*>{&a, &b});
}

TEST_CASE("router: names stand before patterns, patterns in their order, and exclusions go nowhere") {
  handlers::Null a("a"), b("b"), c("c");
  handlers::Router router;
  CHECK(router.add("^logs-", a));
  CHECK(router.add("^logs-eu", b));
  CHECK(router.add("logs-eu", c));
  CHECK(router.add("!logs-private", b));
  CHECK_THROWS_AS(router.add("^(", a), Error);
  CHECK(router.find("logs-us") == &a);
  CHECK(router.find("logs-eu-2") == &a);
  CHECK(router.find("logs-eu") == &c);
  CHECK(router.find("spans") == nullptr);
  CHECK(router.topics().size() == 4);
  CHECK(router.handlers() == std::vector<handlers::Handler*>{&a, &b, &c});
}

TEST_CASE("engine: topics go to their handlers, offsets are committed after delivery, the group is left") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    World world(seed);
    EventLog remote_events;
    handlers::Remote remote("backend", remote_options(), world.sim, remote_events);
    handlers::Null null("counter");
    handlers::Router router;
    router.add("spans", remote);
    router.add("noise", null);
    Member member(world, router);
    world.run([&]() -> asio::awaitable<void> {
      world.broker.create_topic("spans", 3);
      world.broker.create_topic("noise", 1);
      for (int p = 0; p < 3; ++p) world.produce("spans", p, 0, 100);
      world.produce("noise", 0, 0, 50);
      co_await member.start();
      co_await world.until([&] { return remote.stats().records == 300 && null.stats().records == 50; });
      const auto metrics = member.engine.metrics();
      CHECK(metrics.lanes.size() == 4);
      CHECK(metrics.handlers.size() == 2);
      CHECK(metrics.total().records == 350);
      CHECK(metrics.lag() >= 0);
      CHECK(metrics.turns >= 4);
      co_await member.stop();
      for (int p = 0; p < 3; ++p) CHECK(world.broker.committed("g", "spans", p) == 100);
      CHECK(world.broker.committed("g", "noise", 0) == 50);
      CHECK(world.broker.group("g").members.empty());
    });
    CHECK(world.taken.size() == 300);
    CHECK(remote.stats().delivered == 300);
  }
}

TEST_CASE("engine: a sink that is down stops its partitions and no others; nothing is committed or lost") {
  World world;
  EventLog remote_events;
  handlers::Remote remote("backend", remote_options(), world.sim, remote_events);
  handlers::Null null("counter");
  handlers::Router router;
  router.add("spans", remote);
  router.add("noise", null);
  Member member(world, router);
  auto& sink = world.sim.http().endpoint("http://sink:8080");
  sink.fail(HttpFault::hang);
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("spans", 2);
    world.broker.create_topic("noise", 1);
    for (int p = 0; p < 2; ++p) world.produce("spans", p, 0, 100);
    co_await member.start();
    co_await runtime::sleep_for(world.sim.clock(), 100s);
    world.produce("noise", 0, 0, 50);
    co_await world.until([&] { return null.stats().records == 50; });
    CHECK(world.broker.committed("g", "spans", 0) <= 0);
    CHECK(member.events.count(EventKind::handler_stalled) >= 2);
    CHECK(member.events.count(EventKind::handler_stalled) <= 8);
    CHECK(member.engine.metrics().stalls == member.events.count(EventKind::handler_stalled));
    CHECK(world.broker.group("g").members.size() == 1);
    sink.fail(HttpFault::none);
    co_await world.until([&] { return world.taken.size() == 196; });
    co_await member.stop();
    for (int p = 0; p < 2; ++p) CHECK(world.broker.committed("g", "spans", p) == 100);
  });
  CHECK(world.taken.size() == 200);
}

TEST_CASE("engine: close while the sink is down returns by its deadline; what was not delivered comes again") {
  World world;
  auto& sink = world.sim.http().endpoint("http://sink:8080");
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("spans", 2);
    for (int p = 0; p < 2; ++p) world.produce("spans", p, 0, 100);
    sink.fail(HttpFault::refused);
    for (int life = 0; life < 2; ++life) {
      EventLog remote_events;
      handlers::Remote remote("backend", remote_options(), world.sim, remote_events);
      const auto router = route("spans", remote);
      Member member(world, router);
      co_await member.start();
      co_await runtime::sleep_for(world.sim.clock(), 20s);
      co_await member.stop(5'000);
      sink.fail(HttpFault::none);
    }
    for (int p = 0; p < 2; ++p) CHECK(world.broker.committed("g", "spans", p) == 100);
  });
  CHECK(world.taken.size() == 200);
}

TEST_CASE("engine: two members share, one leaves in the middle, every record arrives") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    World world(seed);
    EventLog remote_events;
    handlers::Remote one("one", remote_options(), world.sim, remote_events);
    handlers::Remote two("two", remote_options(), world.sim, remote_events);
    const auto router_one = route("spans", one), router_two = route("spans", two);
    Member first(world, router_one), second(world, router_two);
    world.run([&]() -> asio::awaitable<void> {
      world.broker.create_topic("spans", 4);
      for (int p = 0; p < 4; ++p) world.produce("spans", p, 0, 200);
      co_await first.start();
      co_await runtime::sleep_for(world.sim.clock(), 300ms);
      co_await second.start();
      co_await world.until([&] { return second.consumer.lanes().size() == 2; });
      for (int p = 0; p < 4; ++p) world.produce("spans", p, 200, 200);
      co_await runtime::sleep_for(world.sim.clock(), 300ms);
      co_await first.stop();
      for (int p = 0; p < 4; ++p) world.produce("spans", p, 400, 50);
      co_await world.until([&] { return second.consumer.lanes().size() == 4; });
      co_await world.until([&] { return world.taken.size() >= 4 * 450 - 6; });
      co_await second.stop();
      for (int p = 0; p < 4; ++p) CHECK(world.broker.committed("g", "spans", p) == 450);
    });
    CHECK(world.taken.size() == 1'800);
    for (const auto& [value, times] : world.taken) CHECK(times == 1);
  }
}

TEST_CASE("engine: a handler that holds a turn is told about, again at twice the time") {
  World world;
  Sluggish sluggish(world.sim.clock());
  sluggish.stuck = true;
  const auto router = route("t", sluggish);
  handlers::EngineOptions options;
  options.stall_ms = 2'000;
  Member member(world, router, options);
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    world.produce("t", 0, 0, 10);
    co_await member.start();
    co_await runtime::sleep_for(world.sim.clock(), 20s);
    CHECK(member.events.count(EventKind::handler_stalled) == 4);  // at 2, 4, 8 and 16 s
    CHECK(member.engine.metrics().lanes[0].busy_ms > 15'000);
    sluggish.release();
    co_await world.until([&] { return world.broker.committed("g", "t", 0) == 10; });
    CHECK(member.engine.metrics().lanes[0].busy_ms == 0);
    co_await member.stop();
  });
}

TEST_CASE("engine: a handler that throws stops its partition, visibly, and commits nothing") {
  World world;
  Sluggish sluggish(world.sim.clock());
  sluggish.throws = true;
  const auto router = route("t", sluggish);
  Member member(world, router);
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    world.produce("t", 0, 0, 10);
    co_await member.start();
    co_await runtime::sleep_for(world.sim.clock(), 5s);
    REQUIRE(member.events.count(EventKind::partition_stopped) == 1);
    CHECK(member.events.last(EventKind::partition_stopped)->text.find("no such luck") != std::string::npos);
    co_await member.stop();
    CHECK(world.broker.committed("g", "t", 0) <= 0);
  });
}

TEST_CASE("engine: a partition whose topic goes nowhere is not read, and that is told") {
  World world;
  handlers::Null null("n");
  const auto router = route("t", null);
  Member member(world, router);
  Rig rig(world.sim);
  world.run([&]() -> asio::awaitable<void> {
    const auto lane = rig.lane("elsewhere", 0);
    feed(rig, *lane, 0, {"a"});
    member.engine.on_assigned(lane);
    co_await runtime::sleep_for(world.sim.clock(), 1s);
    CHECK(lane->window().position() == 0);
    CHECK(member.events.count(EventKind::partition_stopped) == 1);
    CHECK(member.engine.metrics().lanes.empty());
  });
}
