// Handlers behind a share group: what they say becomes accept, release or reject.
#include <doctest/doctest.h>

#include "barnabas/fixtures/broker/broker.hpp"
#include "barnabas/handlers/dispatch/engine.hpp"
#include "barnabas/handlers/null.hpp"
#include "barnabas/handlers/remote/remote.hpp"
#include "barnabas/tests/unit/handlers/support.hpp"

namespace {

using namespace barnabas;
using namespace barnabas::tests;
using namespace std::chrono_literals;
using client::EventKind;

class Throwing final : public handlers::Handler {
 public:
  const std::string& name() const override { return name_; }
  asio::awaitable<void> handle(group::Turn&) override {
    throw std::runtime_error("no such luck");
    co_return;
  }
  asio::awaitable<void> close(runtime::TimePoint) override { co_return; }
  const handlers::HandlerStats& stats() const override { return stats_; }

 private:
  std::string name_ = "throwing";
  handlers::HandlerStats stats_;
};

/// A broker and an endpoint that answers with `status`.
struct World {
  World() : sim(fixtures::sim::SimOptions(1)), broker(sim, broker_options()) {
    sim.http().endpoint("http://sink:8080").respond([this](const runtime::HttpRequest&) {
      runtime::HttpResponse response;
      response.status = status;
      return response;
    });
  }
  static fixtures::broker::BrokerOptions broker_options() {
    fixtures::broker::BrokerOptions options(1, 9092);
    options.host = "10.1.0.1";
    options.share.reset_to_latest = false;
    options.share.heartbeat_interval_ms = 500;
    return options;
  }
  template <class Body>
  void run(Body body) {
    sim.run([&]() -> asio::awaitable<void> {
      const auto started = broker.start();
      REQUIRE(started.has_value());
      broker.create_topic("t", 1);
      records::BatchBuilder builder;
      for (int i = 0; i < 10; ++i) builder.append(1'000, std::nullopt, protocol::string("value"));
      const std::string batch = builder.finish();
      broker.append("t", 0, protocol::bytes(batch));
      co_await body();
      co_await broker.stop();
    });
  }
  template <class Condition>
  asio::awaitable<void> until(Condition condition) {
    for (int polls = 0; !condition(); ++polls) {
      if (polls == 3'000) throw std::runtime_error("what was waited for did not come within a minute");
      co_await runtime::sleep_for(sim.clock(), 20ms);
    }
  }
  std::int64_t accepted() const {
    const auto* state = broker.share_partition("g", "t", 0);
    return state ? state->accepted() : 0;
  }

  fixtures::sim::SimRuntime sim;
  fixtures::broker::Broker broker;
  int status = 200;
};

struct Member {
  Member(World& world, handlers::Handler& handler)
      : client(world.sim, client_options(), events), consumer(client, consumer_options()) {
    handlers::Router router;
    router.add("t", handler);
    engine = std::make_unique<handlers::Engine>(world.sim, events, consumer, std::move(router));
  }
  static client::ClientOptions client_options() {
    client::ClientOptions options;
    options.bootstrap_servers = client::parse_endpoints("10.1.0.1:9092");
    return options;
  }
  static group::ConsumerOptions consumer_options() {
    group::ConsumerOptions options;
    options.group.group_id = "g";
    options.group.type = group::GroupType::share;
    return options;
  }
  asio::awaitable<void> start() {
    const auto deadline = client.deadline_in_ms(10'000);
    co_await client.connect(deadline);
    co_await engine->start();
  }
  asio::awaitable<void> stop() {
    const auto deadline = client.deadline_in_ms(5'000);
    co_await engine->close(deadline);
    co_await client.close(deadline);
  }

  EventLog events;
  client::Client client;
  group::Consumer consumer;
  std::unique_ptr<handlers::Engine> engine;
};

handlers::RemoteOptions remote_options() {
  handlers::RemoteOptions options;
  options.endpoint = "http://sink:8080/";
  options.send_message_count = 3;
  options.flush_interval_ms = 50;
  return options;
}

}  // namespace

TEST_CASE("share handlers: what the endpoint took is accepted, also when it refused at first") {
  World world;
  EventLog remote_events;
  handlers::Remote remote("backend", remote_options(), world.sim, remote_events);
  Member member(world, remote);
  world.status = 503;
  world.run([&]() -> asio::awaitable<void> {
    co_await member.start();
    co_await runtime::sleep_for(world.sim.clock(), 2s);
    CHECK(world.accepted() == 0);
    world.status = 200;
    co_await world.until([&] { return world.accepted() == 10; });
    CHECK(member.engine->metrics().lanes.size() == 1);
    CHECK(member.engine->metrics().total().delivered == 10);
    co_await member.stop();
  });
}

TEST_CASE("share handlers: what the endpoint never takes is rejected") {
  World world;
  EventLog remote_events;
  auto options = remote_options();
  options.on_rejected = handlers::OnRejected::drop;
  handlers::Remote remote("backend", options, world.sim, remote_events);
  Member member(world, remote);
  world.status = 400;
  world.run([&]() -> asio::awaitable<void> {
    co_await member.start();
    co_await world.until([&] {
      const auto* state = world.broker.share_partition("g", "t", 0);
      return state && state->rejected() == 10;
    });
    CHECK(world.accepted() == 0);
    co_await member.stop();
  });
}

TEST_CASE("share handlers: what was not delivered at the end goes to another member at once") {
  World world;
  EventLog remote_events;
  handlers::Remote remote("backend", remote_options(), world.sim, remote_events);
  handlers::Null null("counter");
  Member member(world, remote), other(world, null);
  world.status = 503;
  world.run([&]() -> asio::awaitable<void> {
    co_await member.start();
    co_await runtime::sleep_for(world.sim.clock(), 2s);
    co_await member.stop();
    const auto* state = world.broker.share_partition("g", "t", 0);
    REQUIRE(state != nullptr);
    CHECK(state->acquired(member.consumer.member_id()) == 0);
    co_await other.start();
    co_await world.until([&] { return world.accepted() == 10; });
    co_await other.stop();
  });
}

TEST_CASE("share handlers: a handler that throws keeps nothing") {
  World world;
  Throwing throwing;
  handlers::Null null("counter");
  Member member(world, throwing), other(world, null);
  world.run([&]() -> asio::awaitable<void> {
    co_await member.start();
    co_await world.until([&] { return member.events.count(EventKind::partition_stopped) == 1; });
    co_await runtime::sleep_for(world.sim.clock(), 1s);
    CHECK(world.broker.share_partition("g", "t", 0)->acquired(member.consumer.member_id()) == 0);
    co_await other.start();
    co_await world.until([&] { return world.accepted() == 10; });
    CHECK(member.events.count(EventKind::partition_stopped) == 1);
    co_await member.stop();
    co_await other.stop();
  });
}
