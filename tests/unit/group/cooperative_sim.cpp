// Members that keep their partitions while the group divides anew (KIP-429).
#include <doctest/doctest.h>

#include "world.hpp"

using namespace barnabas;
using namespace barnabas::group;
using namespace barnabas::group::testing;

namespace {

ConsumerOptions with_assignors(std::vector<std::string> assignors) {
  ConsumerOptions options = consumer_options();
  options.group.assignors = std::move(assignors);
  return options;
}

ConsumerOptions cooperative() { return with_assignors({"cooperative-sticky"}); }

void produce_to_all(World& world, int partitions, int count) {
  for (int p = 0; p < partitions; ++p) world.produce("t", p, count);
}

/// Partition -> assignment epoch of the lane that reads it.
std::map<TopicPartition, std::uint64_t> lanes_of(const Member& member) {
  std::map<TopicPartition, std::uint64_t> lanes;
  for (const auto& lane : member.consumer->lanes()) lanes[lane->partition()] = lane->assignment_epoch();
  return lanes;
}

}  // namespace

TEST_CASE("cooperative: who joins takes what is given up, and what stays is never touched") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    World world(seed);
    Member a(world, "a", "10.0.0.11", cooperative()), b(world, "b", "10.0.0.12", cooperative());
    world.run([&]() -> asio::awaitable<void> {
      world.broker.create_topic("t", 4);
      co_await a.start("t");
      co_await world.until([&] { return a.partitions() == 4; }, "all partitions for a");
      const auto before = lanes_of(a);
      produce_to_all(world, 4, 200);
      co_await b.start("t");
      co_await world.until([&] { return a.partitions() == 2 && b.partitions() == 2; }, "two each");
      produce_to_all(world, 4, 200);
      co_await world.until([&] { return a.records + b.records == 1600; }, "all records");
      for (const auto& [partition, epoch] : lanes_of(a)) CHECK(before.at(partition) == epoch);
      CHECK(a.count(EventKind::revoked) == 2);
      co_await b.stop();
      co_await world.until([&] { return a.partitions() == 4; }, "all partitions for a again");
      CHECK(a.count(EventKind::revoked) == 2);
      produce_to_all(world, 4, 10);
      co_await world.until([&] { return a.records + b.records == 1640; }, "the last records");
      co_await a.stop();
    });
    world.invariants.check_complete();
    CHECK(world.invariants.records_repeated() == 0);
  }
}

TEST_CASE("cooperative: kept partitions are delivered while a slow member holds the rebalance up") {
  World world;
  Member a(world, "a", "10.0.0.11", cooperative()), b(world, "b", "10.0.0.12", cooperative());
  Member c(world, "c", "10.0.0.13", cooperative());
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 6);
    co_await a.start("t");
    co_await b.start("t");
    co_await world.until([&] { return a.partitions() == 3 && b.partitions() == 3; }, "three each");
    // c joins with two requests; then one of the others is kept waiting before the coordinator sees its own.
    FaultTarget third(ApiKey::join_group);
    third.skip = 2;
    Fault slow;
    slow.delay_request = seconds(2);
    world.broker.faults().plan(third, slow);
    co_await c.start("t");
    for (int round = 0; round < 15; ++round) {
      produce_to_all(world, 6, 10);
      co_await world.sleep(milliseconds(100));
    }
    CHECK(c.partitions() == 0);
    CHECK(a.records + b.records >= 14 * 60);
    co_await world.until([&] { return c.partitions() == 2; }, "two for c");
    co_await world.until([&] { return a.records + b.records + c.records == 900; }, "all records");
    co_await a.stop();
    co_await b.stop();
    co_await c.stop();
  });
  world.invariants.check_complete();
}

TEST_CASE("cooperative: an eager group goes over to it by restarting its members twice") {
  World world;
  const std::vector<std::string> both = {"cooperative-sticky", "range"};
  auto a = std::make_unique<Member>(world, "a", "10.0.0.11", with_assignors({"range"}));
  auto b = std::make_unique<Member>(world, "b", "10.0.0.12", with_assignors({"range"}));
  std::vector<std::unique_ptr<Member>> later;
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 4);
    co_await a->start("t");
    co_await b->start("t");
    co_await world.until([&] { return a->partitions() == 2 && b->partitions() == 2; }, "two each");
    Member* running[] = {a.get(), b.get()};
    int number = 0;
    for (const auto& assignors : {both, std::vector<std::string>{"cooperative-sticky"}}) {
      for (Member*& place : running) {
        produce_to_all(world, 4, 20);
        co_await place->stop();
        ++number;
        std::string name = "n" + std::to_string(number), ip = "10.0.1." + std::to_string(number);
        later.push_back(std::make_unique<Member>(world, name, ip, with_assignors(assignors)));
        place = later.back().get();
        co_await place->start("t");
        co_await world.until([&] { return running[0]->partitions() == 2 && running[1]->partitions() == 2; },
                             "two each again");
      }
    }
    produce_to_all(world, 4, 20);
    co_await world.until([&] { return world.committed("t", 0) == 100 && world.committed("t", 3) == 100; }, "all");
    co_await world.sleep(seconds(2));
    CHECK(world.broker.group("g").protocol_name == "cooperative-sticky");
    for (Member* member : running) co_await member->stop();
  });
  world.invariants.check_complete();
}

TEST_CASE("cooperative: what is kept through a rebalance that nobody ends is given up in time") {
  World world;
  ConsumerOptions options = cooperative();
  options.group.session_timeout_ms = 6'000;
  options.group.heartbeat_interval_ms = 1'000;
  Member a(world, "a", "10.0.0.11", options), b(world, "b", "10.0.0.12", options);
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 2);
    co_await a.start("t");
    co_await world.until([&] { return a.partitions() == 2; }, "all partitions for a");
    // Its next JoinGroup is on its way for longer than the session timeout.
    FaultTarget third(ApiKey::join_group);
    third.skip = 2;
    Fault slow;
    slow.delay_request = seconds(10);
    world.broker.faults().plan(third, slow);
    co_await b.start("t");
    co_await world.until([&] { return a.count(EventKind::lost) > 0; }, "the end of its patience");
    CHECK(a.partitions() == 0);
    CHECK(b.partitions() == 0);
    co_await world.until([&] { return a.partitions() == 1 && b.partitions() == 1; }, "one each");
    co_await a.stop();
    co_await b.stop();
  });
}

TEST_CASE("cooperative: the others keep what they have while a killed member's session runs out during a rebalance") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    World world(seed);
    ConsumerOptions options = cooperative();
    options.group.session_timeout_ms = 6'000;
    options.group.heartbeat_interval_ms = 1'500;
    Member a(world, "a", "10.0.0.11", options), b(world, "b", "10.0.0.12", options);
    Member killed(world, "killed", "10.0.0.13", options), late(world, "late", "10.0.0.14", options);
    world.run([&]() -> asio::awaitable<void> {
      world.broker.create_topic("t", 6);
      for (Member* member : {&a, &b, &killed}) co_await member->start("t");
      const auto two_each = [&] { return a.partitions() == 2 && b.partitions() == 2 && killed.partitions() == 2; };
      co_await world.until(two_each, "two each");
      co_await world.sleep(seconds(5));
      world.sim.network().partition(runtime::Address("10.0.0.13", 0), runtime::Address());
      co_await world.sleep(seconds(1));
      co_await late.start("t");
      co_await world.until([&] { return a.partitions() + b.partitions() + late.partitions() == 6; },
                           "the new division");
      CHECK(a.count(EventKind::lost) == 0);
      CHECK(b.count(EventKind::lost) == 0);
      world.sim.network().heal_all();
      for (Member* member : {&a, &b, &killed, &late}) co_await member->stop();
    });
  }
}

TEST_CASE("cooperative: what moves flows again half a second later, whatever the heartbeat interval") {
  World world;
  ConsumerOptions options = cooperative();
  options.group.heartbeat_interval_ms = 10'000;
  Member a(world, "a", "10.0.0.11", options), b(world, "b", "10.0.0.12", options);
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 4);
    co_await a.start("t");
    co_await world.until([&] { return a.partitions() == 4; }, "all partitions for a");
    co_await b.start("t");
    co_await world.until([&] { return a.partitions() == 2; }, "what a gives up");
    const auto given_up = world.sim.clock().now();
    co_await world.until([&] { return b.partitions() == 2; }, "what b gets");
    CHECK(world.sim.clock().now() - given_up < seconds(1));
    co_await a.stop();
    co_await b.stop();
  });
}

TEST_CASE("cooperative: a static member that is killed before it has given partitions up leaves none to nobody") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    CAPTURE(seed);
    World world(seed);
    ConsumerOptions one = cooperative(), two = cooperative();
    one.group.group_instance_id = "one";
    two.group.group_instance_id = "two";
    one.group.heartbeat_interval_ms = two.group.heartbeat_interval_ms = 500;
    Member killed(world, "killed", "10.0.0.11", one), b(world, "b", "10.0.0.12", two);
    Member heir(world, "heir", "10.0.0.13", one);
    world.run([&]() -> asio::awaitable<void> {
      world.broker.create_topic("t", 4);
      killed.stuck = true;
      co_await killed.start("t");
      co_await world.until([&] { return killed.partitions() == 4; }, "all partitions for the first");
      produce_to_all(world, 4, 10);
      co_await world.until([&] { return killed.records == 10; }, "records in its hands");
      co_await b.start("t");
      co_await world.until([&] { return b.count(EventKind::joined) > 0; }, "the generation of both");
      world.sim.network().partition(runtime::Address("10.0.0.11", 0), runtime::Address(),
                                    fixtures::sim::Partition::cut);
      world.invariants.left("killed");
      co_await heir.start("t");
      co_await world.until([&] { return b.partitions() == 2 && heir.partitions() == 2; }, "two each");
      co_await world.until([&] { return b.records + heir.records == 40; }, "all records");
      killed.stuck = false;
      for (Member* member : {&killed, &b, &heir}) co_await member->stop();
      // The killed one lives on in its own world, where it still has partitions to give up.
      world.invariants = fixtures::sim::Invariants(fixtures::sim::Invariants::On::collect);
    });
  }
}
