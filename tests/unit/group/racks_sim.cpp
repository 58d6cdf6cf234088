// Racks reach the leader's division (KIP-881), and a group with racks comes to rest.
#include <doctest/doctest.h>

#include "barnabas/group/assignors/assignor.hpp"
#include "world.hpp"

using namespace barnabas;
using namespace barnabas::group;
using namespace barnabas::group::testing;

namespace {

fixtures::broker::BrokerOptions three_racks() {
  fixtures::broker::BrokerOptions options;
  options.racks = {"r1", "r2", "r3"};
  return options;
}

ConsumerOptions in_rack(std::string rack, std::string assignor) {
  ConsumerOptions options = consumer_options();
  options.fetch.rack = std::move(rack);
  options.group.assignors = {std::move(assignor)};
  return options;
}

class Broken final : public Assignor {
 public:
  std::string_view name() const override { return "broken"; }
  Assignments assign(const TopicShapes&, const std::vector<MemberSubscription>&) const override {
    throw std::runtime_error("no idea");
  }
};

}  // namespace

TEST_CASE("racks: each partition goes to the member in its replica's rack") {
  for (const char* assignor : {"range", "sticky"}) {
    CAPTURE(assignor);
    World world(1, 3, three_racks());
    // Against the order of the member ids, so that it cannot come about by itself.
    Member a(world, "a", "10.0.0.11", in_rack("r3", assignor)), b(world, "b", "10.0.0.12", in_rack("r2", assignor)),
        c(world, "c", "10.0.0.13", in_rack("r1", assignor));
    world.run([&]() -> asio::awaitable<void> {
      world.broker.create_topic("t", 3);
      for (Member* member : {&a, &b, &c}) co_await member->start("t");
      co_await world.until([&] { return a.partitions() == 1 && b.partitions() == 1 && c.partitions() == 1; },
                           "one each");
      const auto node_of = [&](const Member& member) {
        return world.broker.leader("t", member.consumer->lanes()[0]->partition().partition);
      };
      CHECK(node_of(a) == 3);
      CHECK(node_of(b) == 2);
      CHECK(node_of(c) == 1);
      for (Member* member : {&a, &b, &c}) co_await member->stop();
    });
  }
}

TEST_CASE("racks: a cooperative group whose balance goes against the racks comes to rest") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    CAPTURE(seed);
    World world(seed, 3, three_racks());
    const char* const rule = "cooperative-sticky";
    Member a(world, "a", "10.0.0.11", in_rack("r1", rule)), b(world, "b", "10.0.0.12", in_rack("r1", rule)),
        c(world, "c", "10.0.0.13", in_rack("r2", rule));
    world.run([&]() -> asio::awaitable<void> {
      world.broker.create_topic("t", 7);
      for (Member* member : {&a, &b, &c}) co_await member->start("t");
      co_await world.until([&] { return a.partitions() + b.partitions() + c.partitions() == 7; }, "all partitions");
      co_await world.sleep(seconds(30));
      const auto generation = a.consumer->generation();
      co_await world.sleep(seconds(120));
      CHECK(a.consumer->generation() == generation);
      CHECK(generation < 20);
      CHECK(a.partitions() + b.partitions() + c.partitions() == 7);
      for (Member* member : {&a, &b, &c}) co_await member->stop();
    });
  }
}

TEST_CASE("assignor: one that throws is told, and tried again") {
  static const bool registered = [] {
    register_assignor(std::make_unique<Broken>());
    return true;
  }();
  REQUIRE(registered);
  World world;
  Member a(world, "a", "10.0.0.11", in_rack("", "broken"));
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    co_await a.start("t");
    co_await world.until(
        [&] { return a.last(EventKind::joining).find("the assignor failed: no idea") != std::string::npos; },
        "the failure");
    CHECK_FALSE(a.consumer->error());
    co_await a.stop();
  });
}
