// Troubles that other clients' users had with groups, each as small as it can be; docs/cases.md leads here and to the
// others.
#include <doctest/doctest.h>

#include "barnabas/group/coordinator.hpp"
#include "world.hpp"

using namespace barnabas;
using namespace barnabas::group;
using namespace barnabas::group::testing;

namespace {

int refused_commits(const Member& member) {
  return static_cast<int>(std::ranges::count_if(member.events, [](const client::Event& event) {
    return event.kind == EventKind::commit_failed &&
           (event.code == ErrorCode::rebalance_in_progress || event.code == ErrorCode::illegal_generation);
  }));
}

}  // namespace

TEST_CASE("case: no commit is sent between JoinGroup and SyncGroup") {
  for (const char* assignor : {"range", "cooperative-sticky"}) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      CAPTURE(assignor);
      CAPTURE(seed);
      World world(seed);
      auto options = consumer_options();
      options.group.auto_commit_interval_ms = 10;
      options.group.heartbeat_interval_ms = 300;
      options.group.assignors = {assignor};
      Member a(world, "a", "10.0.0.11", options), b(world, "b", "10.0.0.12", options);
      world.run([&]() -> asio::awaitable<void> {
        world.broker.create_topic("t", 4);
        co_await a.start("t");
        co_await b.start("t");
        for (int i = 0; i < 40; ++i) {
          for (int p = 0; p < 4; ++p) world.produce("t", p, 5, 1);
          if (i % 8 == 4) world.broker.add_partitions("t", 5 + i / 8);  // the leader asks for a rebalance
          co_await world.sleep(milliseconds(250));
        }
        co_await world.until([&] { return a.records + b.records >= 800; }, "all records");
        CHECK(a.consumer->generation() >= 3);
        CHECK(refused_commits(a) == 0);
        CHECK(refused_commits(b) == 0);
        co_await a.stop();
        co_await b.stop();
      });
      CHECK(world.invariants.records_repeated() == 0);
    }
  }
}

TEST_CASE("case: what an older generation is told is no news about the present one") {
  World world;
  auto options = consumer_options();
  options.group.heartbeat_interval_ms = 1'000;
  Member a(world, "a", "10.0.0.11", options), b(world, "b", "10.0.0.12", options);
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 2);
    co_await a.start("t");
    co_await world.until([&] { return a.partitions() == 2; }, "the assignment");
    // A heartbeat of generation 1 is refused, but the answer comes when generation 2 has long begun.
    Fault late = Fault::with_error(ErrorCode::illegal_generation);
    late.delay_response = seconds(8);
    const auto beats = world.broker.requests().of(ApiKey::heartbeat);
    const int fault = world.broker.faults().plan(FaultTarget(ApiKey::heartbeat), late);
    co_await world.until([&] { return world.broker.requests().of(ApiKey::heartbeat) > beats; }, "the heartbeat");
    world.broker.faults().withdraw(fault);
    co_await b.start("t");
    co_await world.until([&] { return a.partitions() == 1 && b.partitions() == 1; }, "one each");
    const auto generation = a.consumer->generation();
    co_await world.sleep(seconds(20));
    CHECK(a.consumer->generation() == generation);
    CHECK(a.count(EventKind::lost) == 0);
    co_await a.stop();
    co_await b.stop();
  });
}

TEST_CASE("case: a pause dies with the assignment") {
  World world;
  auto options = consumer_options();
  options.group.heartbeat_interval_ms = 500;
  Member a(world, "a", "10.0.0.11", options), b(world, "b", "10.0.0.12", options);
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 2);
    co_await a.start("t");
    co_await world.until([&] { return a.partitions() == 2; }, "both partitions");
    for (const auto& lane : a.consumer->lanes()) lane->pause();
    co_await b.start("t");
    co_await world.until([&] { return a.partitions() == 1 && b.partitions() == 1; }, "one each");
    co_await b.stop();
    co_await world.until([&] { return a.partitions() == 2; }, "both again");
    for (int p = 0; p < 2; ++p) world.produce("t", p, 10);
    co_await world.until([&] { return a.records == 20; }, "records of partitions that were paused before");
    co_await a.stop();
  });
}

TEST_CASE("case: resuming what is not paused changes nothing, and a seek outlives a pause") {
  World world;
  Member a(world, "a", "10.0.0.11");
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    world.produce("t", 0, 50);
    co_await a.start("t");
    co_await world.until([&] { return a.records == 50; }, "the records");
    const auto lane = a.consumer->lanes()[0];
    lane->resume();
    co_await world.sleep(seconds(2));
    CHECK(a.records == 50);
    lane->pause();
    lane->seek(client::StartPosition::offset(40));
    co_await world.sleep(seconds(2));
    CHECK(a.records == 50);
    lane->resume();
    co_await world.until([&] { return a.records == 60; }, "the last ten once more");
    co_await world.sleep(seconds(2));
    CHECK(a.records == 60);
    co_await a.stop();
    // A step back on purpose is no fault.
    world.invariants = fixtures::sim::Invariants(fixtures::sim::Invariants::On::collect);
  });
}

TEST_CASE("case: heartbeats go on while the assignor works, however long that takes") {
  fixtures::sim::SimOptions slow(3);
  slow.worker_delay_max = seconds(60);
  World world(slow, 1, {});
  auto options = consumer_options();
  options.group.session_timeout_ms = 6'000;
  options.group.heartbeat_interval_ms = 1'000;
  Member a(world, "a", "10.0.0.11", options);
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 2);
    co_await a.start("t");
    const auto began = world.sim.clock().now();
    co_await world.until([&] { return a.partitions() == 2 || world.sim.clock().now() - began > seconds(50); }, "it");
    co_await world.until([&] { return a.partitions() == 2; }, "both partitions");
    CHECK(world.sim.clock().now() - began > seconds(12));  // twice the session timeout
    CHECK(a.consumer->generation() == 1);
    CHECK(a.count(EventKind::lost) == 0);
    co_await a.stop();
  });
}

TEST_CASE("case: who gives up waiting for the coordinator takes nobody else's answer away") {
  World world;
  Member a(world, "a", "10.0.0.11");
  world.run([&]() -> asio::awaitable<void> {
    co_await a.connect();
    const auto life = std::make_shared<Life>(a.machine.clock());
    runtime::TaskGroup tasks(a.machine);
    Coordinator coordinator(*a.client, life, tasks, "g");
    world.broker.faults().plan(FaultTarget(ApiKey::find_coordinator), Fault::delaying(seconds(2)));
    std::string impatient;
    std::int32_t patient = -1;
    const auto wait_briefly = [&]() -> asio::awaitable<void> {
      const auto deadline = a.client->deadline_in_ms(500);
      try {
        co_await coordinator.find(deadline);
      } catch (const Error& error) {
        impatient = error.what();
      }
    };
    const auto wait = [&]() -> asio::awaitable<void> {
      const auto deadline = a.client->deadline_in_ms(10'000);
      patient = co_await coordinator.find(deadline);
    };
    tasks.spawn("impatient", wait_briefly());  // it began the search
    tasks.spawn("patient", wait());
    co_await world.until([&] { return !impatient.empty(); }, "the first one's end");
    CHECK(patient == -1);
    co_await world.until([&] { return patient == 1; }, "the second one's answer");
    CHECK(world.broker.requests().of(ApiKey::find_coordinator) == 1);
    life->stop();
    co_await tasks.join();
    co_await a.stop();
  });
}

TEST_CASE("case: auto commit never passes a record that is still in a handler's hands") {
  World world;
  auto options = consumer_options();
  options.group.auto_commit_interval_ms = 10;
  Member a(world, "a", "10.0.0.11", options);
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    world.produce("t", 0, 30);
    a.stuck = true;
    co_await a.start("t");
    co_await world.until([&] { return a.records == 30; }, "records in a's hands");
    co_await world.sleep(seconds(5));
    CHECK(world.committed("t", 0) <= 0);
    a.stuck = false;
    co_await world.until([&] { return world.committed("t", 0) == 30; }, "the commit");
    co_await a.stop();
  });
}

TEST_CASE("case: a topic that comes to match while JoinGroup is on its way is joined right after") {
  World world;
  Member a(world, "a", "10.0.0.11");
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("logs-a", 1);
    co_await a.connect();
    Fault slow;
    slow.delay_response = seconds(5);
    FaultTarget second(ApiKey::join_group);  // the first one asks for a member id
    second.skip = 1;
    world.broker.faults().plan(second, slow);
    a.consumer->subscribe({"^logs-"});
    world.tasks.spawn("a", a.serve());
    const auto joins = [&] { return world.broker.requests().of(ApiKey::join_group); };
    co_await world.until([&] { return joins() > 1; }, "the JoinGroup");
    world.broker.create_topic("logs-b", 1);
    co_await world.until([&] { return a.partitions() == 2; }, "both topics");
    co_await a.stop();
  });
}

TEST_CASE("case: closing while a cooperative member gives partitions up takes no new ones") {
  World world;
  auto options = consumer_options();
  options.group.assignors = {"cooperative-sticky"};
  options.group.heartbeat_interval_ms = 500;
  options.group.rebalance_drain_ms = 8'000;
  Member a(world, "a", "10.0.0.11", options), b(world, "b", "10.0.0.12", options), c(world, "c", "10.0.0.13", options);
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 4);
    world.broker.create_topic("u", 4);
    co_await a.connect();
    a.consumer->subscribe({"t", "u"});
    world.tasks.spawn("a", a.serve());
    co_await world.until([&] { return a.partitions() == 8; }, "all partitions");
    co_await b.start("u");
    co_await world.until([&] { return a.partitions() == 4 && b.partitions() == 4; }, "four each");
    for (int p = 0; p < 4; ++p) world.produce("t", p, 5);
    a.stuck = true;
    co_await world.until([&] { return a.records > 0; }, "a turn that does not end");
    // b's partitions come to a in the generation in which a's go to c.
    co_await c.connect();
    const int before = a.count(EventKind::joined);
    co_await b.stop();
    c.consumer->subscribe({"t"});
    world.tasks.spawn("c", c.serve());
    co_await world.until([&] { return a.count(EventKind::joined) > before; }, "the next generation");
    CHECK(a.partitions() == 4);
    co_await a.stop(seconds(4));
    CHECK(a.partitions() == 0);
    a.stuck = false;
    co_await c.stop();
    world.invariants = fixtures::sim::Invariants(fixtures::sim::Invariants::On::collect);
  });
}

TEST_CASE("case: a heartbeat interval longer than the rebalance timeout loses nothing") {
  World world;
  auto options = consumer_options();
  options.group.rebalance_timeout_ms = 2'000;
  options.group.rebalance_drain_ms = 500;
  options.group.heartbeat_interval_ms = 3'000;
  Member a(world, "a", "10.0.0.11", options);
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    co_await a.start("t");
    co_await world.until([&] { return a.partitions() == 1; }, "the assignment");
    co_await world.sleep(seconds(30));
    CHECK(a.consumer->generation() == 1);
    CHECK(a.count(EventKind::lost) == 0);
    co_await a.stop();
  });
}

TEST_CASE("case: word of the rebalance that is being completed begins no other") {
  World world;
  auto options = consumer_options();
  options.group.heartbeat_interval_ms = 500;
  Member a(world, "a", "10.0.0.11", options);
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    Fault slow;
    slow.delay_request = seconds(4);
    world.broker.faults().plan(FaultTarget(ApiKey::sync_group), slow);
    FaultTarget few(ApiKey::heartbeat);
    few.times = 4;  // as coordinators before 2.7 answer between Join and Sync
    world.broker.faults().plan(few, Fault::with_error(ErrorCode::rebalance_in_progress));
    co_await a.start("t");
    co_await world.until([&] { return a.partitions() == 1; }, "the assignment");
    co_await world.sleep(seconds(10));
    CHECK(a.consumer->generation() == 1);
    CHECK(a.count(EventKind::joining) == 1);
    co_await a.stop();
  });
}

TEST_CASE("case: pausing a lane that is over leaves its successor alone") {
  World world;
  auto options = consumer_options();
  options.group.heartbeat_interval_ms = 500;
  Member a(world, "a", "10.0.0.11", options), b(world, "b", "10.0.0.12", options);
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 2);
    co_await a.start("t");
    co_await world.until([&] { return a.partitions() == 2; }, "both partitions");
    const auto old = a.consumer->lanes();
    co_await b.start("t");
    co_await world.until([&] { return a.partitions() == 1 && b.partitions() == 1; }, "one each");
    co_await b.stop();
    co_await world.until([&] { return a.partitions() == 2; }, "both again");
    for (const auto& lane : old) lane->pause();
    co_await world.sleep(seconds(2));  // what was asked for before has come
    for (int p = 0; p < 2; ++p) world.produce("t", p, 10);
    co_await world.until([&] { return a.records == 20; }, "all records");
    co_await a.stop();
  });
}

TEST_CASE("case: a commit that ends the membership while a join is tried again takes the partitions at once") {
  World world;
  auto options = consumer_options();
  options.group.assignors = {"cooperative-sticky"};
  options.group.group_instance_id = "one";
  options.group.auto_commit_interval_ms = 10;
  options.group.heartbeat_interval_ms = 500;
  Member a(world, "a", "10.0.0.11", options);
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 4);
    co_await a.start("t");
    co_await world.until([&] { return a.partitions() == 4; }, "all partitions");
    FaultTarget joins(ApiKey::join_group), commits(ApiKey::offset_commit);
    joins.times = 4;
    commits.times = 2;
    world.broker.faults().plan(joins, Fault::with_error(ErrorCode::not_coordinator));
    world.broker.add_partitions("t", 5);  // the leader joins again
    co_await world.until([&] { return world.broker.requests().of(ApiKey::join_group) > 3; }, "a join that fails");
    world.broker.faults().plan(commits, Fault::with_error(ErrorCode::unknown_member_id));
    for (int i = 0; i < 40; ++i) {
      world.produce("t", i % 4, 1);
      co_await world.sleep(milliseconds(10));
    }
    co_await world.until([&] { return a.partitions() == 5; }, "all partitions again");
    const Error* error = a.consumer->error();
    CHECK_MESSAGE(!error, (error ? error->what() : ""));
    co_await a.stop();
    world.invariants = fixtures::sim::Invariants(fixtures::sim::Invariants::On::collect);
  });
}
