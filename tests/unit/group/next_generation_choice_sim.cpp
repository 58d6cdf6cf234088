// group.protocol: classic, consumer, auto, against brokers and groups of either kind.
#include <doctest/doctest.h>

#include "barnabas/group/next_generation_choice.hpp"
#include "world.hpp"

using namespace barnabas;
using namespace barnabas::group;
using namespace barnabas::group::testing;

namespace {

ConsumerOptions with_protocol(GroupProtocol protocol) {
  ConsumerOptions options = consumer_options();
  options.group.protocol = protocol;
  return options;
}

fixtures::broker::BrokerOptions without_the_api() {
  fixtures::broker::BrokerOptions options;
  options.versions[ApiKey::consumer_group_heartbeat] = {1, 0};
  return options;
}

std::size_t consumer_members(const World& world) {
  const auto group = world.broker.consumer_group("g");
  return group ? group->members.size() : 0;
}

asio::awaitable<void> read_some(World& world, Member& a) {
  world.broker.create_topic("t", 2);
  for (int p = 0; p < 2; ++p) world.produce("t", p, 10);
  co_await a.start("t");
  co_await world.until([&] { return world.committed("t", 0) == 10 && world.committed("t", 1) == 10; }, "all records");
}

}  // namespace

TEST_CASE("group.protocol: auto takes the consumer protocol where it is spoken") {
  World world;
  Member a(world, "a", "10.0.0.11", with_protocol(GroupProtocol::automatic));
  world.run([&]() -> asio::awaitable<void> {
    co_await read_some(world, a);
    CHECK(consumer_members(world) == 1);
    CHECK(world.broker.requests().of(ApiKey::join_group) == 0);
    co_await a.stop();
    CHECK(consumer_members(world) == 0);
  });
  world.invariants.check_complete();
}

TEST_CASE("group.protocol: auto falls back to the classic protocol and says so") {
  for (const int obstacle : {0, 1, 2, 3}) {
    CAPTURE(obstacle);
    World world(1, 1, obstacle == 0 ? without_the_api() : fixtures::broker::BrokerOptions());
    Member a(world, "a", "10.0.0.11", with_protocol(GroupProtocol::automatic));
    const ErrorCode codes[] = {ErrorCode::none, ErrorCode::unsupported_version, ErrorCode::inconsistent_group_protocol,
                               ErrorCode::group_id_not_found};
    world.run([&]() -> asio::awaitable<void> {
      if (obstacle > 0) {
        FaultTarget target(ApiKey::consumer_group_heartbeat);
        target.times = FaultTarget::always;
        world.broker.faults().plan(target, Fault::with_error(codes[obstacle]));
      }
      co_await read_some(world, a);
      CHECK(consumer_members(world) == 0);
      CHECK(world.broker.group("g").members.size() == 1);
      bool told = false;
      for (const auto& event : a.events) told = told || event.text.find("classic protocol") != std::string::npos;
      CHECK(told);
      CHECK(a.count(EventKind::lost) == 0);
      co_await a.stop();
      CHECK(world.broker.group("g").members.empty());
    });
    world.invariants.check_complete();
  }
}

TEST_CASE("group.protocol: auto joins a group of classic members by their protocol") {
  World world;
  Member a(world, "a", "10.0.0.11"), b(world, "b", "10.0.0.12", with_protocol(GroupProtocol::automatic));
  world.run([&]() -> asio::awaitable<void> {
    co_await read_some(world, a);
    co_await b.start("t");
    co_await world.until([&] { return a.partitions() == 1 && b.partitions() == 1; }, "one each");
    co_await a.stop();
    co_await b.stop();
  });
}

TEST_CASE("group.protocol: consumer with a broker that does not speak it is one clear error") {
  for (const bool hidden : {true, false}) {
    CAPTURE(hidden);
    World world(1, 1, hidden ? without_the_api() : fixtures::broker::BrokerOptions());
    Member a(world, "a", "10.0.0.11", with_protocol(GroupProtocol::consumer));
    world.run([&]() -> asio::awaitable<void> {
      if (!hidden) {
        FaultTarget target(ApiKey::consumer_group_heartbeat);
        target.times = FaultTarget::always;
        world.broker.faults().plan(target, Fault::with_error(ErrorCode::unsupported_version));
      }
      world.broker.create_topic("t", 1);
      co_await a.start("t");
      co_await a.consumer->stopped();
      REQUIRE(a.consumer->error() != nullptr);
      const std::string text = a.consumer->error()->what();
      CHECK(text.find("KIP-848") != std::string::npos);
      CHECK(text.find("group.protocol=classic") != std::string::npos);
      CHECK(a.count(EventKind::stopped) == 1);
      co_await a.stop(seconds(1));
      CHECK(a.count(EventKind::left) == 0);
    });
  }
}

TEST_CASE("group.protocol: a classic member is not let into a consumer group") {
  World world;
  Member a(world, "a", "10.0.0.11", with_protocol(GroupProtocol::consumer)), b(world, "b", "10.0.0.12");
  world.run([&]() -> asio::awaitable<void> {
    co_await read_some(world, a);
    co_await b.start("t");
    co_await b.consumer->stopped();
    CHECK(b.consumer->error()->code() == ErrorCode::inconsistent_group_protocol);
    CHECK(a.partitions() == 2);
    co_await b.stop(seconds(1));
    co_await a.stop();
  });
}

TEST_CASE("group.protocol: an empty group goes from one protocol to the other with its offsets") {
  World world;
  Member a(world, "a", "10.0.0.11"), b(world, "b", "10.0.0.12", with_protocol(GroupProtocol::consumer));
  Member c(world, "c", "10.0.0.13");
  world.run([&]() -> asio::awaitable<void> {
    co_await read_some(world, a);
    for (Member* next : {&b, &c}) {
      co_await (next == &b ? a : b).stop();
      for (int p = 0; p < 2; ++p) world.produce("t", p, 10);
      co_await next->start("t");
      co_await world.until([&] { return next->records == 20; }, "what is new");
    }
    co_await c.stop();
  });
  world.invariants.check_complete();
  CHECK(world.invariants.records_repeated() == 0);
}

TEST_CASE("group.protocol: options of the other protocol are told of") {
  World world;
  ConsumerOptions options = with_protocol(GroupProtocol::consumer);
  options.group.session_timeout_ms = 20'000;
  options.group.assignors = {"sticky"};
  Member a(world, "a", "10.0.0.11", options);
  world.run([&]() -> asio::awaitable<void> {
    co_await read_some(world, a);
    CHECK(a.count(EventKind::config_warning) == 1);
    CHECK(a.last(EventKind::config_warning).find("session.timeout.ms, partition.assignment.strategy have no effect") !=
          std::string::npos);
    co_await a.stop();
  });
}

TEST_CASE("a pattern for the broker means what it means here") {
  CHECK(pattern_for_broker({"^logs-"}) == ".*(?:^logs-).*");
  CHECK(pattern_for_broker({"^a|b$"}) == ".*(?:^a|b$).*");
  CHECK_FALSE(pattern_for_broker({"logs"}).has_value());
  CHECK_FALSE(pattern_for_broker({"^a", "^b"}).has_value());
  CHECK_FALSE(pattern_for_broker({"^a", "!ab"}).has_value());
  CHECK_FALSE(pattern_for_broker({"^"}).has_value());
  CHECK_FALSE(pattern_for_broker({"^.*"}).has_value());
  CHECK_FALSE(pattern_for_broker({"^_"}).has_value());
}
