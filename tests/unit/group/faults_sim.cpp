// A group while things go wrong around it, on the simulator against the embedded broker.
#include <doctest/doctest.h>

#include "world.hpp"

using namespace barnabas;
using namespace barnabas::group::testing;
using barnabas::group::Turn;

namespace {

FaultTarget times(ApiKey api, int n) {
  FaultTarget target(api);
  target.times = n;
  return target;
}

}  // namespace

TEST_CASE("group: heartbeats go on while a handler is stuck for many session timeouts") {
  World world;
  auto options = consumer_options();
  options.group.session_timeout_ms = 6'000;
  options.group.heartbeat_interval_ms = 1'000;
  Member a(world, "a", "10.0.0.11", options);
  world.invariants = fixtures::sim::Invariants(fixtures::sim::Invariants::On::collect, seconds(6));
  std::uint64_t beats = 0;
  world.sim.after_each_step([&] {
    const auto now = world.broker.requests().of(ApiKey::heartbeat);
    if (now != beats) world.invariants.heartbeat("a", world.sim.clock().now());
    beats = now;
  });
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    world.produce("t", 0, 10);
    a.stuck = true;
    co_await a.start("t");
    co_await world.sleep(seconds(60));
    world.invariants.check_heartbeats(world.sim.clock().now());
    CHECK(beats >= 55);
    CHECK(a.consumer->generation() == 1);
    CHECK(a.partitions() == 1);
    CHECK(world.committed("t", 0) <= 0);
    a.stuck = false;
    co_await world.until([&] { return world.committed("t", 0) == 10; }, "the commit");
    co_await a.stop();
  });
}

TEST_CASE("group: work that finishes during the drain is committed, so nobody does it again") {
  for (const bool aside : {false, true}) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      CAPTURE(aside);
      CAPTURE(seed);
      World world(seed);
      auto options = consumer_options();
      options.group.heartbeat_interval_ms = 500;
      Member a(world, "a", "10.0.0.11", options), b(world, "b", "10.0.0.12", options);
      a.working_aside = b.working_aside = aside;
      a.work = b.work = milliseconds(700);
      std::int64_t under_way = 0;
      world.run([&]() -> asio::awaitable<void> {
        world.broker.create_topic("t", 2);
        co_await a.start("t");
        for (int i = 0; i < 80; ++i) {
          for (int p = 0; p < 2; ++p) world.produce("t", p, 5);
          if (i == 20) co_await b.start("t");
          for (const auto& lane : a.consumer->lanes()) {
            if (lane->closed() && !lane->drained()) ++under_way;
          }
          co_await world.sleep(milliseconds(100));
        }
        co_await world.until([&] { return a.records + b.records >= 800; }, "all records");
        CHECK(a.partitions() == 1);
        CHECK(b.partitions() == 1);
        co_await a.stop();
        co_await b.stop();
      });
      world.invariants.check_complete();
      CHECK(world.invariants.violations().empty());
      CHECK(world.invariants.records_repeated() == 0);
      CHECK(a.count(EventKind::drain_timed_out) == 0);
      CHECK(under_way > 0);
    }
  }
}

TEST_CASE("group: work that does not finish in time is given away, and its late acknowledgement is dropped") {
  World world;
  Member a(world, "a", "10.0.0.11"), b(world, "b", "10.0.0.12");
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    world.produce("t", 0, 10);
    a.stuck = true;
    co_await a.start("t");
    co_await world.until([&] { return a.records == 10; }, "records in a's hands");
    const auto left = a.consumer->lanes().front();
    co_await b.start("t");
    co_await world.until([&] { return a.count(EventKind::revoked) == 1 && a.partitions() + b.partitions() == 1; },
                         "the next generation");
    CHECK(a.count(EventKind::drain_timed_out) == 1);
    CHECK(world.committed("t", 0) <= 0);
    CHECK(left->fenced());
    a.stuck = false;
    co_await world.until([&] { return left->stale_acks() == 10; }, "the late acknowledgement");
    CHECK(a.count(EventKind::stale_ack_dropped) == 1);
    co_await world.until([&] { return world.committed("t", 0) == 10; }, "delivery by whoever has it now");
    CHECK(world.invariants.records_repeated() == 10);
    co_await a.stop();
    co_await b.stop();
  });
}

TEST_CASE("group: the coordinator moves; commits and heartbeats find it again") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    CAPTURE(seed);
    World world(seed, 3);
    Member a(world, "a", "10.0.0.11");
    world.run([&]() -> asio::awaitable<void> {
      world.broker.create_topic("t", 2);
      co_await a.start("t");
      co_await world.until([&] { return a.partitions() == 2; }, "partitions");
      for (int node = 1; node <= 3; ++node) {
        world.broker.move_coordinator("g", node);
        world.produce("t", 0, 10);
        co_await world.until([&] { return world.committed("t", 0) == 10 * node; }, "a commit at the new coordinator");
      }
      co_await a.stop();
      CHECK(world.broker.group("g").members.empty());
    });
    world.invariants.check_complete();
    CHECK(a.count(EventKind::coordinator_lost) >= 2);
    CHECK(a.count(EventKind::lost) == 0);
  }
}

TEST_CASE("group: the coordinator's node dies for good; the group goes on elsewhere") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    CAPTURE(seed);
    World world(seed, 3);
    Member a(world, "a", "10.0.0.11");
    world.run([&]() -> asio::awaitable<void> {
      world.broker.create_topic("t", 2, 3);
      co_await a.start("t");
      co_await world.until([&] { return a.partitions() == 2; }, "partitions");
      world.produce("t", 0, 10);
      co_await world.until([&] { return world.committed("t", 0) == 10; }, "a commit");
      world.broker.stop_node(world.broker.coordinator("g"));
      world.produce("t", 0, 10);
      co_await world.until([&] { return world.committed("t", 0) == 20; }, "a commit elsewhere");
      co_await a.stop();
    });
    world.invariants.check_complete();
    CHECK(world.invariants.violations().empty());
  }
}

TEST_CASE("group: errors that waiting cures are waited out, with events") {
  const ApiKey apis[] = {ApiKey::find_coordinator, ApiKey::join_group, ApiKey::sync_group,
                         ApiKey::offset_fetch,     ApiKey::heartbeat,  ApiKey::offset_commit};
  const ErrorCode codes[] = {ErrorCode::coordinator_load_in_progress, ErrorCode::coordinator_not_available,
                             ErrorCode::not_coordinator, ErrorCode::unknown_server_error};
  for (const ApiKey api : apis) {
    for (const ErrorCode code : codes) {
      CAPTURE(static_cast<int>(api));
      CAPTURE(static_cast<int>(code));
      World world;
      Member a(world, "a", "10.0.0.11");
      world.run([&]() -> asio::awaitable<void> {
        world.broker.create_topic("t", 1);
        world.broker.faults().plan(times(api, 3), Fault::with_error(code));
        co_await a.start("t");
        world.produce("t", 0, 10);
        co_await world.until([&] { return world.committed("t", 0) == 10; }, "the commit");
        co_await world.until([&] { return world.broker.faults().pending() == 0; }, "all faults");
        co_await world.sleep(seconds(5));
        CHECK(a.partitions() == 1);
        co_await a.stop();
        CHECK(a.consumer->error() == nullptr);
      });
      world.invariants.check_complete();
      CHECK(world.invariants.violations().empty());
      CHECK(a.consumer->error() == nullptr);
    }
  }
}

TEST_CASE("group: an answer that never comes, or a connection that ends, is got over") {
  const ApiKey apis[] = {ApiKey::find_coordinator, ApiKey::join_group, ApiKey::sync_group,
                         ApiKey::offset_fetch,     ApiKey::heartbeat,  ApiKey::offset_commit};
  const Fault faults[] = {Fault::closing(), Fault::dropping(), Fault::cutting_after(6)};
  for (const ApiKey api : apis) {
    for (const Fault& fault : faults) {
      CAPTURE(static_cast<int>(api));
      CAPTURE(&fault - faults);
      World world;
      auto options = consumer_options();
      options.group.rebalance_timeout_ms = 10'000;
      Member a(world, "a", "10.0.0.11", options);
      world.run([&]() -> asio::awaitable<void> {
        world.broker.create_topic("t", 1);
        world.broker.faults().plan(FaultTarget(api), fault);
        co_await a.start("t");
        world.produce("t", 0, 10);
        co_await world.until([&] { return world.committed("t", 0) == 10; }, "the commit");
        co_await world.until([&] { return world.broker.faults().pending() == 0; }, "the fault");
        co_await world.sleep(seconds(20));
        CHECK(a.partitions() == 1);
        co_await a.stop();
      });
      world.invariants.check_complete();
      CHECK(world.invariants.violations().empty());
    }
  }
}

TEST_CASE("group: no answer but an error-free one says that nothing was committed") {
  // With `latest`, taking an error for "no commit" would skip the records in between in silence.
  const ErrorCode codes[] = {ErrorCode::unstable_offset_commit, ErrorCode::coordinator_load_in_progress,
                             ErrorCode::unknown_server_error, ErrorCode::illegal_generation,
                             ErrorCode::unknown_member_id};
  for (const ErrorCode code : codes) {
    CAPTURE(static_cast<int>(code));
    World world;
    auto options = consumer_options();
    options.fetch.offset_reset = client::OffsetReset::latest;
    Member a(world, "a", "10.0.0.11"), b(world, "b", "10.0.0.12", options);
    world.run([&]() -> asio::awaitable<void> {
      world.broker.create_topic("t", 1);
      world.produce("t", 0, 10);
      co_await a.start("t");
      co_await world.until([&] { return world.committed("t", 0) == 10; }, "a's commit");
      co_await a.stop();
      world.produce("t", 0, 10);
      world.broker.faults().plan(times(ApiKey::offset_fetch, 5), Fault::with_error(code));
      co_await b.start("t");
      co_await world.until([&] { return b.records == 10; }, "the records since the commit");
      co_await b.stop();
    });
    world.invariants.check_complete();
    CHECK(world.invariants.violations().empty());
  }
}

TEST_CASE("group: latest is pinned by a commit, so that records of a pause between two runs are not lost") {
  World world;
  auto options = consumer_options();
  options.fetch.offset_reset = client::OffsetReset::latest;
  Member a(world, "a", "10.0.0.11", options), b(world, "b", "10.0.0.12", options);
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    co_await a.start("t");
    co_await world.until([&] { return world.committed("t", 0) == 0; }, "the commit of the start");
    co_await a.stop();
    world.produce("t", 0, 10);
    co_await b.start("t");
    co_await world.until([&] { return b.records == 10; }, "the records in between");
    co_await b.stop();
  });
}

TEST_CASE("group: a member that hears nothing gives up its partitions before others may have them, and joins again") {
  struct Row {
    std::int32_t session_ms, rebalance_ms;
  };
  for (const Row row : {Row{6'000, 60'000}, Row{20'000, 6'000}}) {
    CAPTURE(row.session_ms);
    World world;
    auto options = consumer_options();
    options.group.session_timeout_ms = row.session_ms;
    options.group.rebalance_timeout_ms = row.rebalance_ms;
    options.group.heartbeat_interval_ms = 1'000;
    Member a(world, "a", "10.0.0.11", options);
    world.run([&]() -> asio::awaitable<void> {
      world.broker.create_topic("t", 1);
      world.produce("t", 0, 10);
      a.stuck = true;
      co_await a.start("t");
      co_await world.until([&] { return a.partitions() == 1; }, "the assignment");
      FaultTarget all(ApiKey::heartbeat);
      all.times = FaultTarget::always;
      world.broker.faults().plan(all, Fault::with_error(protocol::ErrorCode::coordinator_load_in_progress));
      co_await world.sleep(milliseconds(4'900));
      CHECK(a.count(EventKind::lost) == 0);
      co_await world.sleep(milliseconds(1'200));
      CHECK(a.count(EventKind::lost) >= 1);
      world.broker.faults().clear();
      a.stuck = false;
      co_await world.until([&] { return world.committed("t", 0) == 10; }, "the commit of its next life");
      CHECK(a.count(EventKind::joined) == 2);
      co_await a.stop();
    });
  }
}

TEST_CASE("group: a member that the coordinator has forgotten joins again at once") {
  const ApiKey apis[] = {ApiKey::heartbeat, ApiKey::offset_commit};
  const ErrorCode codes[] = {ErrorCode::unknown_member_id, ErrorCode::illegal_generation};
  for (const ApiKey api : apis) {
    for (const ErrorCode code : codes) {
      CAPTURE(static_cast<int>(api));
      CAPTURE(static_cast<int>(code));
      World world;
      auto options = consumer_options();
      options.group.session_timeout_ms = 6'000;
      options.group.heartbeat_interval_ms = 1'000;
      Member a(world, "a", "10.0.0.11", options);
      world.run([&]() -> asio::awaitable<void> {
        world.broker.create_topic("t", 1);
        co_await a.start("t");
        co_await world.until([&] { return a.partitions() == 1; }, "the partition");
        const auto joins = world.broker.requests().of(ApiKey::join_group);
        world.broker.faults().plan(FaultTarget(api), Fault::with_error(code));
        world.produce("t", 0, 10);
        co_await world.until([&] { return a.count(EventKind::lost) > 0; }, "the loss");
        co_await world.sleep(seconds(1));
        CHECK(world.broker.requests().of(ApiKey::join_group) > joins);
        // The broker only pretended to have forgotten it: as a new member it waits for the old one to expire.
        co_await world.until([&] { return a.partitions() == 1; }, "the partition again");
        co_await world.until([&] { return world.committed("t", 0) == 10; }, "the commit");
        co_await a.stop();
      });
      world.invariants.check_complete();
      CHECK(world.invariants.violations().empty());
    }
  }
}

TEST_CASE("group: close returns in time, whatever is in the way") {
  enum class Obstacle { none, stuck_handler, silent_network, dead_cluster, join_pending, no_time };
  for (const auto obstacle : {Obstacle::none, Obstacle::stuck_handler, Obstacle::silent_network, Obstacle::dead_cluster,
                              Obstacle::join_pending, Obstacle::no_time}) {
    CAPTURE(static_cast<int>(obstacle));
    World world;
    Member a(world, "a", "10.0.0.11"), b(world, "b", "10.0.0.12");
    world.run([&]() -> asio::awaitable<void> {
      world.broker.create_topic("t", 2);
      for (int p = 0; p < 2; ++p) world.produce("t", p, 500);
      a.work = milliseconds(100);
      b.stuck = true;
      if (obstacle == Obstacle::join_pending) {
        // b holds up the rebalance that a's joining begins, for as long as it may drain.
        co_await b.start("t");
        co_await world.until([&] { return b.records > 0; }, "b's turn");
      }
      a.stuck = obstacle == Obstacle::stuck_handler;
      co_await a.start("t");
      if (obstacle == Obstacle::join_pending) {
        co_await world.sleep(milliseconds(500));
      } else {
        co_await world.until([&] { return a.records > 0; }, "a's first turn");
      }
      if (obstacle == Obstacle::silent_network) {
        const runtime::Address anywhere;
        world.sim.network().partition(runtime::Address("10.0.0.11", 0), anywhere);
      }
      if (obstacle == Obstacle::dead_cluster) world.broker.stop_node(1);
      // stop() checks the deadline.
      co_await a.stop(obstacle == Obstacle::no_time ? milliseconds(0) : milliseconds(5'000));
      a.stuck = false;
      world.sim.network().heal_all();
      if (obstacle == Obstacle::none) CHECK(world.broker.group("g").members.empty());
      b.stuck = false;
      co_await b.stop();
      // What was under way with a when it closed is nobody's business in this test.
      world.invariants = fixtures::sim::Invariants(fixtures::sim::Invariants::On::collect);
    });
  }
}

TEST_CASE("group: members come, go and hang while connections are cut; every record is delivered") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    World world(seed, 3);
    auto options = consumer_options();
    options.group.session_timeout_ms = 6'000;
    options.group.heartbeat_interval_ms = 500;
    options.group.rebalance_timeout_ms = 8'000;
    constexpr int partitions = 6;
    std::vector<std::unique_ptr<Member>> members;
    world.run([&]() -> asio::awaitable<void> {
      world.broker.create_topic("t", partitions, 3);
      auto& random = world.sim.random();
      std::vector<Member*> live;
      for (int round = 0; round < 25; ++round) {
        for (int p = 0; p < partitions; ++p) world.produce("t", p, static_cast<int>(random.below(30)));
        const auto dice = random.below(6);
        if (live.empty() || (dice == 0 && live.size() < 4)) {
          const std::string name = "m" + std::to_string(members.size());
          members.push_back(
              std::make_unique<Member>(world, name, "10.0.1." + std::to_string(members.size() + 1), options));
          live.push_back(members.back().get());
          live.back()->work = milliseconds(random.below(300));
          live.back()->working_aside = random.below(2) == 0;
          co_await live.back()->start("t");
        } else if (dice == 1 && live.size() > 1) {
          Member* leaving = live[random.below(live.size())];
          std::erase(live, leaving);
          co_await leaving->stop();
        } else if (dice == 2) {
          const runtime::Address node("10.1.0." + std::to_string(1 + random.below(3)), 0);
          world.sim.network().cut_all(node);
        } else if (dice == 3) {
          world.broker.move_coordinator("g", static_cast<std::int32_t>(1 + random.below(3)));
        } else if (dice == 4) {
          world.broker.move_leader("t", static_cast<std::int32_t>(random.below(partitions)),
                                   static_cast<std::int32_t>(1 + random.below(3)));
        }
        co_await world.sleep(milliseconds(random.below(3'000)));
      }
      co_await world.until(
          [&] {
            for (int p = 0; p < partitions; ++p) {
              if (world.committed("t", p) != world.broker.log("t", p).end_offset()) return false;
            }
            return true;
          },
          "all of it committed");
      for (Member* member : live) co_await member->stop();
    });
    world.invariants.check_complete();
    CHECK(world.invariants.violations().empty());
    for (const auto& violation : world.invariants.violations()) FAIL_CHECK(violation);
  }
}
