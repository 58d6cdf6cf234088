// Joining, sharing and leaving a group, on the simulator against the embedded broker.
#include <doctest/doctest.h>

#include <algorithm>

#include "world.hpp"

using namespace barnabas;
using namespace barnabas::group::testing;
using barnabas::group::Turn;

TEST_CASE("group: one member joins, gets all partitions, delivers in order, commits, leaves") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    World world(seed);
    Member a(world, "a", "10.0.0.11");
    world.run([&]() -> asio::awaitable<void> {
      world.broker.create_topic("t", 3);
      for (int p = 0; p < 3; ++p) world.produce("t", p, 100);
      co_await a.start("t");
      co_await world.until([&] { return a.records == 300; }, "300 records");
      co_await world.until([&] { return world.committed("t", 0) == 100 && world.committed("t", 2) == 100; }, "commits");
      CHECK(a.consumer->generation() == 1);
      CHECK(a.consumer->member_id() != "");
      CHECK(world.broker.group("g").members.size() == 1);
      world.produce("t", 1, 50);
      co_await world.until([&] { return a.records == 350; }, "50 more records");
      co_await a.stop();
      CHECK(world.committed("t", 1) == 150);
      CHECK(world.broker.group("g").members.empty());
    });
    world.invariants.check_complete();
    CHECK(world.invariants.violations().empty());
    CHECK(world.invariants.records_repeated() == 0);
    CHECK(a.count(EventKind::commit_failed) == 0);
    CHECK(a.count(EventKind::left) == 1);
  }
}

TEST_CASE("group: a second member takes its share, and its leaving gives it back, with nothing twice") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    World world(seed);
    Member a(world, "a", "10.0.0.11"), b(world, "b", "10.0.0.12");
    world.run([&]() -> asio::awaitable<void> {
      world.broker.create_topic("t", 4);
      co_await a.start("t");
      co_await world.until([&] { return a.partitions() == 4; }, "all partitions for a");
      for (int p = 0; p < 4; ++p) world.produce("t", p, 200);
      co_await b.start("t");
      co_await world.until([&] { return a.partitions() == 2 && b.partitions() == 2; }, "two each");
      for (int p = 0; p < 4; ++p) world.produce("t", p, 200);
      co_await world.until([&] { return a.records + b.records == 1600; }, "all records");
      co_await b.stop();
      co_await world.until([&] { return a.partitions() == 4; }, "all partitions for a again");
      for (int p = 0; p < 4; ++p) world.produce("t", p, 10);
      co_await world.until([&] { return a.records + b.records == 1640; }, "the last records");
      co_await a.stop();
    });
    world.invariants.check_complete();
    CHECK(world.invariants.violations().empty());
    CHECK(world.invariants.records_repeated() == 0);
    CHECK(b.records > 0);
  }
}

TEST_CASE("group: more members than partitions, one idle member hears of it") {
  World world;
  Member a(world, "a", "10.0.0.11"), b(world, "b", "10.0.0.12");
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    co_await a.start("t");
    co_await b.start("t");
    co_await world.until(
        [&] { return world.broker.group("g").members.size() == 2 && a.partitions() + b.partitions() == 1; },
        "a settled group");
    co_await world.sleep(seconds(40));
    CHECK(a.partitions() + b.partitions() == 1);
    Member& idle = a.partitions() == 0 ? a : b;
    CHECK(idle.last(EventKind::assigned).find("nothing is assigned") != std::string::npos);
    co_await a.stop();
    co_await b.stop();
  });
}

TEST_CASE("group: a topic that does not exist yet is waited for and read from its first record, even with latest") {
  World world;
  auto options = consumer_options();
  options.fetch.offset_reset = client::OffsetReset::latest;
  Member a(world, "a", "10.0.0.11", options);
  world.run([&]() -> asio::awaitable<void> {
    co_await a.start("later");
    co_await world.sleep(seconds(5));
    CHECK(a.partitions() == 0);
    world.broker.create_topic("later", 2);
    world.produce("later", 0, 10);
    co_await world.until([&] { return a.records == 10; }, "records of the new topic");
    CHECK(a.partitions() == 2);
    co_await a.stop();
  });
  world.invariants.check_complete();
  CHECK(world.invariants.violations().empty());
}

TEST_CASE("group: a topic that is deleted is let go; made anew it is read again from its first record") {
  World world;
  Member a(world, "a", "10.0.0.11");
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 2);
    for (int i = 0; i < 20; ++i) world.broker.append("t", 0, one_record());
    co_await a.start("t");
    co_await world.until([&] { return world.committed("t", 0) == 20; }, "the first life");
    world.broker.delete_topic("t");
    co_await world.until([&] { return a.partitions() == 0; }, "the partitions to be given up");
    world.broker.create_topic("t", 3);
    for (int i = 0; i < 5; ++i) world.broker.append("t", 2, one_record());
    co_await world.until([&] { return a.records == 25; }, "the second life");
    CHECK(a.partitions() == 3);
    co_await a.stop();
    // Offsets of two topics with one name are not told apart by the invariants.
    world.invariants = fixtures::sim::Invariants(fixtures::sim::Invariants::On::collect);
  });
}

TEST_CASE("group: a position that was not committed when its topic was deleted does not make the new one begin there") {
  for (const auto reset : {client::OffsetReset::earliest, client::OffsetReset::latest}) {
    World world;
    auto options = consumer_options();
    options.group.auto_commit_interval_ms = 50;
    options.fetch.offset_reset = reset;
    Member a(world, "a", "10.0.0.11", options);
    world.run([&]() -> asio::awaitable<void> {
      world.broker.create_topic("t", 1);
      co_await a.start("t");
      co_await world.until([&] { return world.committed("t", 0) == 0; }, "the start");
      FaultTarget commits(ApiKey::offset_commit);
      commits.times = FaultTarget::always;
      world.broker.faults().plan(commits, Fault::with_error(ErrorCode::coordinator_load_in_progress));
      for (int i = 0; i < 60; ++i) world.broker.append("t", 0, one_record());
      co_await world.until([&] { return a.records == 60; }, "the records of the old topic");
      world.broker.delete_topic("t");
      world.broker.faults().clear();
      world.broker.create_topic("t", 1);
      for (int i = 0; i < 70; ++i) world.broker.append("t", 0, one_record());
      co_await world.until([&] { return a.records == 130; }, "all records of the new topic");
      co_await world.until([&] { return world.committed("t", 0) == 70; }, "the commit");
      co_await a.stop();
      world.invariants = fixtures::sim::Invariants(fixtures::sim::Invariants::On::collect);
    });
  }
}

TEST_CASE("group: a static member comes back to its partitions without a rebalance") {
  World world;
  auto options = consumer_options();
  options.group.group_instance_id = "i1";
  Member first(world, "first", "10.0.0.11", options), again(world, "again", "10.0.0.11", options);
  Member other(world, "other", "10.0.0.12");
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 4);
    co_await first.start("t");
    co_await other.start("t");
    co_await world.until([&] { return first.partitions() == 2 && other.partitions() == 2; }, "two each");
    const auto generation = other.consumer->generation();
    co_await first.stop();
    CHECK(world.broker.group("g").members.size() == 2);
    co_await again.start("t");
    co_await world.until([&] { return again.partitions() == 2; }, "two for the one that came back");
    world.produce("t", 0, 10);
    co_await world.until([&] { return again.records == 10; }, "records");
    CHECK(other.consumer->generation() == generation);
    co_await again.stop();
    co_await other.stop();
  });
}

TEST_CASE("group: two processes with one instance id: the older one stops for good and says why") {
  World world;
  auto options = consumer_options();
  options.group.group_instance_id = "i1";
  Member older(world, "older", "10.0.0.11", options), newer(world, "newer", "10.0.0.12", options);
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 2);
    co_await older.start("t");
    co_await world.until([&] { return older.partitions() == 2; }, "partitions for the older");
    co_await newer.connect();
    newer.consumer->subscribe({"t"});
    co_await older.consumer->stopped();
    REQUIRE(older.consumer->error() != nullptr);
    CHECK(older.consumer->error()->code() == ErrorCode::fenced_instance_id);
    CHECK(older.partitions() == 0);
    CHECK(older.count(EventKind::fenced) == 1);
    co_await older.stop();
    co_await newer.stop();
    // For a moment both held the partitions: nobody can know of a twin before the broker says so.
    world.invariants = fixtures::sim::Invariants(fixtures::sim::Invariants::On::collect);
  });
}

TEST_CASE("group: without authorisation the consumer stops with a clear error") {
  World world;
  Member a(world, "a", "10.0.0.11");
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    FaultTarget target(ApiKey::join_group);
    target.times = FaultTarget::always;
    world.broker.faults().plan(target, Fault::with_error(ErrorCode::group_authorization_failed));
    co_await a.start("t");
    co_await a.consumer->stopped();
    REQUIRE(a.consumer->error() != nullptr);
    CHECK(a.consumer->error()->code() == ErrorCode::group_authorization_failed);
    CHECK(std::string(a.consumer->error()->what()).find("group g") != std::string::npos);
    Turn turn;
    const bool more = co_await a.consumer->next(turn);
    CHECK_FALSE(more);
    co_await a.stop();
  });
}

TEST_CASE("group: options that cannot work are refused at once") {
  World world;
  auto options = consumer_options();
  options.group.assignors = {"sticki"};
  CHECK_THROWS_WITH_AS(Member(world, "a", "10.0.0.11", options), doctest::Contains("sticki"), Error);
  Member a(world, "a", "10.0.0.11");
  CHECK_THROWS_AS(a.consumer->subscribe({}), Error);
  world.run([&]() -> asio::awaitable<void> { co_await a.stop(); });
}

TEST_CASE("group: a pattern's topics are joined, and joined anew when one more matches") {
  World world;
  Member a(world, "a", "10.0.0.11");
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("logs-a", 2);
    world.broker.create_topic("other", 1);
    world.produce("logs-a", 0, 10);
    co_await a.connect();
    a.consumer->subscribe({"^logs-"});
    world.tasks.spawn("serve", a.serve());
    co_await world.until([&] { return world.committed("logs-a", 0) == 10; }, "the first topic");
    CHECK(a.partitions() == 2);
    world.broker.create_topic("logs-b", 1);
    world.produce("logs-b", 0, 10);
    a.client->request_metadata("the test wants to go on");
    co_await world.until([&] { return world.committed("logs-b", 0) == 10; }, "the second topic");
    CHECK(a.partitions() == 3);
    co_await a.stop();
  });
  world.invariants.check_complete();
}
