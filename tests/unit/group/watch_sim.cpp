// What lasts too long is told: deliveries that do not finish, partitions that nobody fetches; and commits by number.
#include <doctest/doctest.h>

#include "world.hpp"

using namespace barnabas;
using namespace barnabas::group;
using namespace barnabas::group::testing;

namespace {

FaultTarget always(ApiKey api) {
  FaultTarget target(api);
  target.times = FaultTarget::always;
  return target;
}

}  // namespace

TEST_CASE("watch: a delivery that takes too long is told once, with partition, offset and seconds") {
  World world;
  auto options = consumer_options();
  options.group.stall_limit_ms = 5'000;
  Member a(world, "a", "10.0.0.11", options);
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    world.produce("t", 0, 10);
    a.stuck = true;
    co_await a.start("t");
    co_await world.until([&] { return a.records == 10; }, "records in a's hands");
    co_await world.sleep(milliseconds(4'000));
    CHECK(a.count(EventKind::handler_stalled) == 0);
    co_await world.sleep(seconds(30));
    CHECK(a.count(EventKind::handler_stalled) == 1);
    CHECK(a.last(EventKind::handler_stalled).find("deliver t[0]: offset 0 has been under way for ") !=
          std::string::npos);
    CHECK(a.partitions() == 1);
    CHECK(a.consumer->generation() == 1);
    a.stuck = false;
    co_await world.until([&] { return a.count(EventKind::handler_stalled) == 2; }, "the end of it");
    CHECK(a.last(EventKind::handler_stalled).find("finish again") != std::string::npos);
    // Nothing to do is no stall.
    co_await world.sleep(seconds(30));
    CHECK(a.count(EventKind::handler_stalled) == 2);
    co_await a.stop();
  });
}

TEST_CASE("watch: slow work that goes on is no stall") {
  World world;
  auto options = consumer_options();
  options.group.stall_limit_ms = 5'000;
  Member a(world, "a", "10.0.0.11", options);
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    a.work = seconds(4);
    co_await a.start("t");
    for (int i = 0; i < 10; ++i) {
      world.produce("t", 0, 1);
      co_await world.sleep(seconds(4));
    }
    co_await world.until([&] { return a.records == 10; }, "all records");
    CHECK(a.count(EventKind::handler_stalled) == 0);
    co_await a.stop();
  });
}

TEST_CASE("watch: with stall.action = stop others get the partitions of a consumer that hangs") {
  World world;
  auto options = consumer_options();
  options.group.stall_limit_ms = 5'000;
  options.group.stall_action = StallAction::stop;
  Member a(world, "a", "10.0.0.11", options), b(world, "b", "10.0.0.12");
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    world.produce("t", 0, 10);
    a.stuck = true;
    co_await a.start("t");
    co_await world.until([&] { return a.records == 10; }, "records in a's hands");
    co_await a.consumer->stopped();
    REQUIRE(a.consumer->error());
    CHECK(std::string(a.consumer->error()->what()).find("t[0]") != std::string::npos);
    co_await b.start("t");
    a.stuck = false;
    co_await a.stop();
    co_await world.until([&] { return b.records == 10; }, "b's records");
    co_await world.until([&] { return world.committed("t", 0) == 10; }, "b's commit");
    co_await b.stop();
  });
}

TEST_CASE("watch: a partition that gets no position, or has no leader, is told as not fetched") {
  for (const bool without_leader : {false, true}) {
    CAPTURE(without_leader);
    World world;
    Member a(world, "a", "10.0.0.11");
    world.run([&]() -> asio::awaitable<void> {
      world.broker.create_topic("t", 1);
      if (!without_leader) {
        world.broker.faults().plan(always(ApiKey::offset_fetch),
                                   Fault::with_error(ErrorCode::coordinator_load_in_progress));
      }
      co_await a.start("t");
      co_await world.until([&] { return a.partitions() == 1; }, "the assignment");
      if (without_leader) {
        co_await world.until([&] { return a.consumer->lanes()[0]->has_position(); }, "the position");
        world.broker.move_leader("t", 0, -1);
      }
      co_await world.sleep(seconds(25));
      CHECK(a.count(EventKind::partition_unfetched) == 0);
      co_await world.sleep(seconds(60));
      CHECK(a.count(EventKind::partition_unfetched) == 1);
      const std::string text = a.last(EventKind::partition_unfetched);
      CHECK(text.find(without_leader ? "has not been fetched for" : "has not been given a position for") !=
            std::string::npos);
      world.broker.faults().clear();
      if (without_leader) world.broker.move_leader("t", 0, 1);
      world.produce("t", 0, 10);
      co_await world.until([&] { return a.records == 10; }, "the records");
      co_await a.stop();
    });
  }
}

TEST_CASE("watch: a paused partition need not be fetched") {
  World world;
  Member a(world, "a", "10.0.0.11");
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    co_await a.start("t");
    co_await world.until([&] { return a.partitions() == 1 && a.consumer->lanes()[0]->has_position(); }, "position");
    a.consumer->lanes()[0]->pause();
    co_await world.sleep(seconds(90));
    CHECK(a.count(EventKind::partition_unfetched) == 0);
    a.consumer->lanes()[0]->resume();
    world.produce("t", 0, 10);
    co_await world.until([&] { return a.records == 10; }, "the records");
    co_await a.stop();
  });
}

TEST_CASE("commits: a number of finished records does not wait for the interval") {
  World world;
  auto options = consumer_options();
  options.group.auto_commit_interval_ms = 60'000;
  options.group.auto_commit_records = 20;
  Member a(world, "a", "10.0.0.11", options);
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    co_await a.start("t");
    world.produce("t", 0, 10);
    co_await world.until([&] { return a.records == 10; }, "ten records");
    co_await world.sleep(seconds(2));
    CHECK(world.committed("t", 0) == -1);
    world.produce("t", 0, 10);
    co_await world.until([&] { return world.committed("t", 0) == 20; }, "the commit");
    co_await a.stop();
  });
}

TEST_CASE("commits: a program's own word goes with them and is found at the next start") {
  World world;
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    world.produce("t", 0, 10);
    {
      Member a(world, "a", "10.0.0.11");
      co_await a.start("t");
      co_await world.until([&] { return a.partitions() == 1; }, "the assignment");
      a.consumer->lanes()[0]->commit_metadata = "checkpoint 7";
      co_await world.until([&] { return world.committed("t", 0) == 10; }, "the commit");
      co_await a.stop();
    }
    Member b(world, "b", "10.0.0.12");
    co_await b.start("t");
    co_await world.until([&] { return b.partitions() == 1 && b.consumer->lanes()[0]->has_position(); }, "position");
    CHECK(b.consumer->lanes()[0]->found_metadata == "checkpoint 7");
    co_await b.stop();
  });
}
