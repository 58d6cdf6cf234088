// The consumer protocol (KIP-848) against the embedded coordinator: joining, sharing, and all that can go wrong.
#include <doctest/doctest.h>

#include <algorithm>

#include "world.hpp"

using namespace barnabas;
using namespace barnabas::group;
using namespace barnabas::group::testing;

namespace {

ConsumerOptions modern() {
  ConsumerOptions options = consumer_options();
  options.group.protocol = GroupProtocol::consumer;
  return options;
}

ConsumerOptions modern_static(const char* instance_id) {
  ConsumerOptions options = modern();
  options.group.group_instance_id = instance_id;
  return options;
}

void produce_to_all(World& world, int partitions, int count) {
  for (int p = 0; p < partitions; ++p) world.produce("t", p, count);
}

std::map<TopicPartition, std::uint64_t> lanes_of(const Member& member) {
  std::map<TopicPartition, std::uint64_t> lanes;
  for (const auto& lane : member.consumer->lanes()) lanes[lane->partition()] = lane->assignment_epoch();
  return lanes;
}

std::size_t members_of(const World& world) {
  const auto group = world.broker.consumer_group("g");
  return group ? group->members.size() : 0;
}

std::string state_of(const World& world) {
  const auto group = world.broker.consumer_group("g");
  return group ? group->state : "";
}

FaultTarget heartbeats(int skip = 0, int times = 1) {
  FaultTarget target(ApiKey::consumer_group_heartbeat);
  target.skip = skip;
  target.times = times;
  return target;
}

/// What two members of one name do at one time is not the client's doing.
void forgive(World& world) { world.invariants = fixtures::sim::Invariants(fixtures::sim::Invariants::On::collect); }

}  // namespace

TEST_CASE("consumer protocol: one member joins, gets all partitions, delivers in order, commits, leaves") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    World world(seed);
    Member a(world, "a", "10.0.0.11", modern());
    world.run([&]() -> asio::awaitable<void> {
      world.broker.create_topic("t", 3);
      produce_to_all(world, 3, 100);
      co_await a.start("t");
      co_await world.until([&] { return a.records == 300; }, "300 records");
      co_await world.until([&] { return world.committed("t", 0) == 100 && world.committed("t", 2) == 100; }, "commits");
      CHECK(a.consumer->generation() > 0);
      CHECK(protocol::Uuid::parse(protocol::string(a.consumer->member_id())).has_value());
      REQUIRE(members_of(world) == 1);
      CHECK(world.broker.consumer_group("g")->members[0].id == a.consumer->member_id());
      co_await world.sleep(seconds(60));
      world.produce("t", 1, 50);
      co_await world.until([&] { return a.records == 350; }, "50 more records");
      co_await a.stop();
      CHECK(world.committed("t", 1) == 150);
      CHECK(members_of(world) == 0);
    });
    world.invariants.check_complete();
    CHECK(world.invariants.records_repeated() == 0);
    CHECK(a.count(EventKind::commit_failed) == 0);
    CHECK(a.count(EventKind::heartbeat_failed) == 0);
    CHECK(a.count(EventKind::left) == 1);
  }
}

TEST_CASE("consumer protocol: what is told once is not told again") {
  World world;
  Member a(world, "a", "10.0.0.11", modern());
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 3);
    co_await a.start("t");
    co_await world.until([&] { return a.partitions() == 3; }, "all partitions");
    co_await world.sleep(seconds(7));
    const auto before = world.broker.requests().of(ApiKey::consumer_group_heartbeat);
    co_await world.sleep(seconds(50));
    const auto sent = world.broker.requests().of(ApiKey::consumer_group_heartbeat) - before;
    CHECK(sent == 10);
    co_await a.stop();
  });
}

TEST_CASE("consumer protocol: who joins takes what is given up, and what stays is never touched") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    World world(seed);
    Member a(world, "a", "10.0.0.11", modern()), b(world, "b", "10.0.0.12", modern());
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

TEST_CASE("consumer protocol: kept partitions are delivered while a slow member gives up its own") {
  fixtures::broker::BrokerOptions lively;
  lively.consumer_heartbeat_interval = milliseconds(300);
  World world(1, 1, lively);
  ConsumerOptions options = modern();
  options.group.rebalance_drain_ms = 20'000;
  Member a(world, "a", "10.0.0.11", options), b(world, "b", "10.0.0.12", options);
  Member c(world, "c", "10.0.0.13", options);
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 6);
    co_await a.start("t");
    co_await b.start("t");
    co_await world.until([&] { return a.partitions() == 3 && b.partitions() == 3; }, "three each");
    a.stuck = true;
    // The coordinator moves the last of each.
    std::int32_t last = 0;
    for (const auto& lane : a.consumer->lanes()) last = std::max(last, lane->partition().partition);
    world.produce("t", last, 10);
    co_await world.sleep(milliseconds(500));
    co_await c.start("t");
    co_await world.until([&] { return c.partitions() == 1; }, "what b gave up");
    const auto records = b.records;
    for (const auto& lane : b.consumer->lanes()) world.produce("t", lane->partition().partition, 10);
    co_await world.sleep(milliseconds(500));
    CHECK(b.records == records + 20);
    CHECK(c.partitions() == 1);
    a.stuck = false;
    co_await world.until([&] { return c.partitions() == 2; }, "what a gave up");
    co_await world.until([&] { return a.records + b.records + c.records >= 30; }, "all");
    co_await a.stop();
    co_await b.stop();
    co_await c.stop();
  });
  world.invariants.check_complete();
}

TEST_CASE("consumer protocol: a handler that is stuck loses its partitions in time, and nobody is fenced") {
  World world;
  ConsumerOptions options = modern();
  options.group.rebalance_timeout_ms = 6'000;
  options.group.rebalance_drain_ms = 5'900;
  Member a(world, "a", "10.0.0.11", options), b(world, "b", "10.0.0.12", options);
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 4);
    co_await a.start("t");
    co_await world.until([&] { return a.partitions() == 4; }, "all partitions for a");
    a.stuck = true;
    world.broker.append("t", 3, one_record());
    co_await world.sleep(seconds(1));
    co_await b.start("t");
    co_await world.until([&] { return b.partitions() == 2; }, "two for b");
    CHECK(a.count(EventKind::drain_timed_out) > 0);
    CHECK(a.count(EventKind::lost) == 0);
    CHECK(a.partitions() == 2);
    a.stuck = false;
    co_await world.until([&] { return b.records >= 1; }, "the record, once more");
    co_await a.stop();
    co_await b.stop();
    forgive(world);
  });
}

TEST_CASE("consumer protocol: another broker coordinates: the membership goes on there") {
  World world(1, 2);
  Member a(world, "a", "10.0.0.11", modern());
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 2);
    co_await a.start("t");
    co_await world.until([&] { return a.partitions() == 2; }, "all partitions");
    const auto epoch = a.consumer->generation();
    const auto lanes = lanes_of(a);
    world.broker.move_coordinator("g", world.broker.coordinator("g") == 1 ? 2 : 1);
    produce_to_all(world, 2, 10);
    co_await world.sleep(seconds(20));
    CHECK(a.consumer->generation() == epoch);
    CHECK(lanes_of(a) == lanes);
    CHECK(a.count(EventKind::lost) == 0);
    CHECK(world.committed("t", 1) == 10);
    co_await a.stop();
    CHECK(members_of(world) == 0);
  });
  world.invariants.check_complete();
}

TEST_CASE("consumer protocol: a join whose answer is lost leaves no second member behind") {
  for (const bool static_member : {false, true}) {
    CAPTURE(static_member);
    World world;
    Member a(world, "a", "10.0.0.11", static_member ? modern_static("i1") : modern());
    world.run([&]() -> asio::awaitable<void> {
      world.broker.create_topic("t", 2);
      world.broker.faults().plan(heartbeats(0, 2), Fault::dropping());
      co_await a.start("t");
      co_await world.until([&] { return a.partitions() == 2; }, "all partitions");
      CHECK(members_of(world) == 1);
      produce_to_all(world, 2, 10);
      co_await world.until([&] { return world.committed("t", 0) == 10 && world.committed("t", 1) == 10; }, "all");
      co_await a.stop();
    });
    world.invariants.check_complete();
  }
}

TEST_CASE("consumer protocol: an acknowledgement whose answer is lost is told again") {
  for (int skip = 0; skip < 4; ++skip) {
    CAPTURE(skip);
    World world;
    Member a(world, "a", "10.0.0.11", modern()), b(world, "b", "10.0.0.12", modern());
    world.run([&]() -> asio::awaitable<void> {
      world.broker.create_topic("t", 4);
      co_await a.start("t");
      co_await world.until([&] { return a.partitions() == 4; }, "all partitions for a");
      produce_to_all(world, 4, 20);
      world.broker.faults().plan(heartbeats(skip, 2), Fault::dropping());
      co_await b.start("t");
      co_await world.until([&] { return a.partitions() == 2 && b.partitions() == 2; }, "two each");
      co_await world.until([&] { return state_of(world) == "Stable"; }, "a stable group");
      CHECK(a.count(EventKind::lost) + b.count(EventKind::lost) == 0);
      produce_to_all(world, 4, 20);
      co_await world.until([&] { return a.records + b.records == 160; }, "all records");
      co_await a.stop();
      co_await b.stop();
    });
    world.invariants.check_complete();
  }
}

TEST_CASE("consumer protocol: who is fenced or not known loses its partitions and joins anew") {
  for (const auto code :
       {ErrorCode::fenced_member_epoch, ErrorCode::unknown_member_id, ErrorCode::group_id_not_found}) {
    CAPTURE(protocol::name(code));
    World world;
    Member a(world, "a", "10.0.0.11", modern());
    world.run([&]() -> asio::awaitable<void> {
      world.broker.create_topic("t", 2);
      co_await a.start("t");
      co_await world.until([&] { return a.partitions() == 2; }, "all partitions");
      const auto id = a.consumer->member_id();
      world.broker.faults().plan(heartbeats(), Fault::with_error(code));
      co_await world.until([&] { return a.count(EventKind::lost) > 0; }, "the loss");
      produce_to_all(world, 2, 10);
      co_await world.until([&] { return world.committed("t", 0) == 10 && world.committed("t", 1) == 10; }, "all");
      CHECK(a.consumer->member_id() == id);
      CHECK(members_of(world) == 1);
      co_await a.stop();
    });
    world.invariants.check_complete();
  }
}

TEST_CASE("consumer protocol: a broker that lets no known member begin again is left first") {
  World world;
  Member a(world, "a", "10.0.0.11", modern());
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 2);
    co_await a.start("t");
    co_await world.until([&] { return a.partitions() == 2; }, "all partitions");
    world.broker.faults().plan(heartbeats(0, 2), Fault::with_error(ErrorCode::fenced_member_epoch));
    const auto begin = a.client->now();
    co_await world.until([&] { return a.count(EventKind::lost) > 0; }, "the loss");
    co_await world.until([&] { return a.partitions() == 2; }, "all partitions again");
    CHECK(a.client->now() - begin < seconds(7));
    CHECK(members_of(world) == 1);
    co_await a.stop();
  });
}

TEST_CASE("consumer protocol: a member that nobody heard of for a session lets go, and comes back") {
  World world;
  Member a(world, "a", "10.0.0.11", modern()), b(world, "b", "10.0.0.12", modern());
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 2);
    co_await a.start("t");
    co_await b.start("t");
    co_await world.until([&] { return a.partitions() == 1 && b.partitions() == 1; }, "one each");
    const runtime::Address wall("10.0.0.11", 0);
    world.sim.network().partition(wall, runtime::Address(), fixtures::sim::Partition::cut);
    co_await world.sleep(seconds(46));
    CHECK(a.count(EventKind::lost) > 0);
    CHECK(a.partitions() == 0);
    co_await world.until([&] { return b.partitions() == 2; }, "both for b");
    world.sim.network().heal_all();
    co_await world.until([&] { return a.partitions() == 1 && b.partitions() == 1; }, "one each again");
    produce_to_all(world, 2, 10);
    co_await world.until([&] { return a.records + b.records == 20; }, "all records");
    co_await a.stop();
    co_await b.stop();
  });
  world.invariants.check_complete();
}

TEST_CASE("consumer protocol: a commit that is refused ends no membership; only heartbeats do") {
  for (const auto code : {ErrorCode::stale_member_epoch, ErrorCode::unknown_member_id}) {
    CAPTURE(protocol::name(code));
    World world;
    Member a(world, "a", "10.0.0.11", modern());
    world.run([&]() -> asio::awaitable<void> {
      world.broker.create_topic("t", 2);
      co_await a.start("t");
      co_await world.until([&] { return a.partitions() == 2; }, "all partitions");
      FaultTarget commits(ApiKey::offset_commit);
      commits.times = 3;
      world.broker.faults().plan(commits, Fault::with_error(code));
      const auto lanes = lanes_of(a);
      produce_to_all(world, 2, 10);
      co_await world.until([&] { return world.committed("t", 0) == 10 && world.committed("t", 1) == 10; }, "all");
      CHECK(a.count(EventKind::lost) == 0);
      CHECK(lanes_of(a) == lanes);
      co_await a.stop();
    });
    world.invariants.check_complete();
    CHECK(world.invariants.records_repeated() == 0);
  }
}

TEST_CASE("consumer protocol: committed offsets refused for an old epoch are asked for again, not taken for none") {
  World world;
  ConsumerOptions options = modern();
  options.fetch.offset_reset = client::OffsetReset::latest;
  Member a(world, "a", "10.0.0.11", options), b(world, "b", "10.0.0.12", options);
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    co_await a.start("t");
    co_await world.until([&] { return world.committed("t", 0) == 0; }, "the start");
    co_await a.stop();
    world.produce("t", 0, 10);
    FaultTarget fetches(ApiKey::offset_fetch);
    fetches.times = 2;
    world.broker.faults().plan(fetches, Fault::with_error(ErrorCode::stale_member_epoch));
    co_await b.start("t");
    co_await world.until([&] { return b.records == 10; }, "all records");
    co_await b.stop();
  });
  world.invariants.check_complete();
}

TEST_CASE("consumer protocol: a topic that metadata does not know yet is kept until it does") {
  World world;
  Member a(world, "a", "10.0.0.11", modern());
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("logs-a", 1);
    co_await a.connect();
    a.consumer->subscribe({"^logs-"});
    world.tasks.spawn("serve", a.serve());
    co_await world.until([&] { return a.partitions() == 1; }, "the first topic");
    FaultTarget metadata(ApiKey::metadata);
    metadata.times = FaultTarget::always;
    const int fault = world.broker.faults().plan(metadata, Fault::delaying(seconds(4)));
    world.broker.create_topic("logs-b", 1);
    world.produce("logs-b", 0, 10);
    co_await world.until([&] { return a.count(EventKind::topic_missing) > 0; }, "an assignment without a name");
    CHECK(a.partitions() == 1);
    world.broker.faults().withdraw(fault);
    co_await world.until([&] { return world.committed("logs-b", 0) == 10; }, "the second topic");
    CHECK(a.partitions() == 2);
    co_await a.stop();
  });
  world.invariants.check_complete();
}

TEST_CASE("consumer protocol: a topic whose name is not known yet is shared with who joins meanwhile") {
  World world;
  Member a(world, "a", "10.0.0.11", modern()), b(world, "b", "10.0.0.12", modern());
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("logs-a", 1);
    co_await a.connect();
    co_await b.connect();
    a.consumer->subscribe({"^logs-"});
    world.tasks.spawn("serve", a.serve());
    co_await world.until([&] { return a.partitions() == 1; }, "the first topic");
    FaultTarget metadata(ApiKey::metadata);
    metadata.times = FaultTarget::always;
    const int fault = world.broker.faults().plan(metadata, Fault::delaying(seconds(20)));
    world.broker.create_topic("logs-b", 2);
    co_await world.until([&] { return a.count(EventKind::topic_missing) > 0; }, "an assignment without a name");
    const auto begin = a.client->now();
    b.consumer->subscribe({"^logs-"});
    world.tasks.spawn("serve", b.serve());
    co_await world.until([&] { return members_of(world) == 2 && state_of(world) == "Stable"; }, "a stable group");
    CHECK(a.client->now() - begin < seconds(20));
    for (const auto& member : world.broker.consumer_group("g")->members) CHECK_FALSE(member.assigned.empty());
    CHECK(a.count(EventKind::lost) == 0);
    world.broker.faults().withdraw(fault);
    co_await world.until([&] { return a.partitions() + b.partitions() == 3; }, "names for all");
    co_await a.stop();
    co_await b.stop();
  });
}

TEST_CASE("consumer protocol: one pattern is the broker's to match, others are the client's") {
  struct Case {
    std::vector<std::string> subscription;
    std::string regex;
  };
  const std::vector<Case> cases = {{{"^logs-"}, ".*(?:^logs-).*"},
                                   {{"^logs-", "!logs-c"}, ""},
                                   {{"^logs-", "other"}, ""},
                                   {{"^logs-|^__consumer"}, ""}};
  for (const Case& one : cases) {
    CAPTURE(one.subscription.back());
    World world;
    Member a(world, "a", "10.0.0.11", modern());
    world.run([&]() -> asio::awaitable<void> {
      world.broker.create_topic("logs-a", 1);
      world.broker.create_topic("my-logs-", 1);
      co_await a.connect();
      std::vector<std::string> subscription = one.subscription;
      a.consumer->subscribe(std::move(subscription));
      world.tasks.spawn("serve", a.serve());
      co_await world.until([&] { return a.partitions() == 1; }, "the first topic");
      CHECK(world.broker.consumer_group("g")->members[0].regex == one.regex);
      world.broker.create_topic("logs-b", 1);
      world.produce("logs-b", 0, 10);
      co_await world.until([&] { return world.committed("logs-b", 0) == 10; }, "the second topic");
      CHECK(a.partitions() == 2);
      co_await a.stop();
    });
    world.invariants.check_complete();
  }
}

TEST_CASE("consumer protocol: a broker of version 0 gets names for a pattern") {
  fixtures::broker::BrokerOptions old;
  old.versions[ApiKey::consumer_group_heartbeat] = {0, 0};
  World world(1, 1, old);
  Member a(world, "a", "10.0.0.11", modern());
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("logs-a", 1);
    co_await a.connect();
    a.consumer->subscribe({"^logs-"});
    world.tasks.spawn("serve", a.serve());
    co_await world.until([&] { return a.partitions() == 1; }, "the first topic");
    world.broker.create_topic("logs-b", 1);
    co_await world.until([&] { return a.partitions() == 2; }, "the second topic");
    const auto group = world.broker.consumer_group("g");
    CHECK(group->members[0].regex.empty());
    CHECK(group->members[0].topics == std::vector<std::string>{"logs-a", "logs-b"});
    co_await a.stop();
  });
}

TEST_CASE("consumer protocol: a static member that comes back gets what it had, and the others never notice") {
  World world;
  Member first(world, "first", "10.0.0.11", modern_static("i1")), other(world, "other", "10.0.0.12", modern());
  Member again(world, "again", "10.0.0.13", modern_static("i1"));
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 4);
    co_await first.start("t");
    co_await other.start("t");
    co_await world.until([&] { return first.partitions() == 2 && other.partitions() == 2; }, "two each");
    co_await world.until([&] { return state_of(world) == "Stable"; }, "a stable group");
    const auto epoch = other.consumer->generation();
    std::vector<TopicPartition> had;
    for (const auto& lane : first.consumer->lanes()) had.push_back(lane->partition());
    co_await first.stop();
    CHECK(members_of(world) == 2);
    co_await world.sleep(seconds(10));
    CHECK(other.partitions() == 2);
    co_await again.start("t");
    co_await world.until([&] { return again.partitions() == 2; }, "two for the one that came back");
    for (const auto& lane : again.consumer->lanes()) {
      CHECK(std::ranges::find(had, lane->partition()) != had.end());
    }
    CHECK(other.consumer->generation() == epoch);
    produce_to_all(world, 4, 10);
    co_await world.until([&] { return again.records + other.records == 40; }, "records");
    co_await again.stop();
    co_await other.stop();
  });
  world.invariants.check_complete();
}

TEST_CASE("consumer protocol: after a kill the instance id is waited for; a second living process is told why not") {
  World world;
  Member older(world, "older", "10.0.0.11", modern_static("i1")),
      newer(world, "newer", "10.0.0.12", modern_static("i1"));
  Member heir(world, "heir", "10.0.0.13", modern_static("i1"));
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 2);
    co_await older.start("t");
    co_await world.until([&] { return older.partitions() == 2; }, "partitions for the older");
    co_await newer.connect();
    newer.consumer->subscribe({"t"});
    co_await newer.consumer->stopped();
    REQUIRE(newer.consumer->error() != nullptr);
    CHECK(newer.consumer->error()->code() == ErrorCode::unreleased_instance_id);
    CHECK(std::string(newer.consumer->error()->what()).find("another process uses group.instance.id i1") !=
          std::string::npos);
    CHECK(older.partitions() == 2);
    co_await newer.stop();
    CHECK(members_of(world) == 1);

    const runtime::Address dead("10.0.0.11", 0);
    world.sim.network().partition(dead, runtime::Address(), fixtures::sim::Partition::cut);
    world.invariants.left("older");
    co_await heir.start("t");
    co_await world.until([&] { return heir.partitions() == 2; }, "both for the heir");
    co_await heir.stop();
    co_await older.stop(milliseconds(100));
    forgive(world);
  });
}

TEST_CASE("consumer protocol: a process whose instance id was taken over stops for good and says why") {
  World world;
  Member a(world, "a", "10.0.0.11", modern_static("i1"));
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 2);
    co_await a.start("t");
    co_await world.until([&] { return a.partitions() == 2; }, "all partitions");
    world.broker.faults().plan(heartbeats(), Fault::with_error(ErrorCode::fenced_instance_id));
    co_await a.consumer->stopped();
    REQUIRE(a.consumer->error() != nullptr);
    CHECK(a.consumer->error()->code() == ErrorCode::fenced_instance_id);
    CHECK(a.partitions() == 0);
    CHECK(a.count(EventKind::fenced) == 1);
    co_await a.stop();
  });
}

TEST_CASE("consumer protocol: what waiting cannot cure stops the consumer") {
  for (const auto code : {ErrorCode::group_authorization_failed, ErrorCode::topic_authorization_failed,
                          ErrorCode::unsupported_assignor, ErrorCode::invalid_regular_expression}) {
    CAPTURE(protocol::name(code));
    World world;
    Member a(world, "a", "10.0.0.11", modern());
    world.run([&]() -> asio::awaitable<void> {
      world.broker.create_topic("t", 1);
      world.broker.faults().plan(heartbeats(0, FaultTarget::always), Fault::with_error(code));
      co_await a.start("t");
      co_await a.consumer->stopped();
      REQUIRE(a.consumer->error() != nullptr);
      CHECK(a.consumer->error()->code() == code);
      co_await a.stop(seconds(1));
    });
  }
}

TEST_CASE("consumer protocol: an unknown assignor is the broker's to refuse, a known one divides") {
  for (const char* assignor : {"range", "no-such"}) {
    CAPTURE(assignor);
    World world;
    ConsumerOptions options = modern();
    options.group.remote_assignor = assignor;
    Member a(world, "a", "10.0.0.11", options);
    world.run([&]() -> asio::awaitable<void> {
      world.broker.create_topic("t", 1);
      co_await a.start("t");
      if (std::string(assignor) == "range") {
        co_await world.until([&] { return a.partitions() == 1; }, "the partition");
        CHECK(world.broker.consumer_group("g")->assignor == "range");
      } else {
        co_await a.consumer->stopped();
        CHECK(a.consumer->error()->code() == ErrorCode::unsupported_assignor);
      }
      co_await a.stop(seconds(1));
    });
  }
}

TEST_CASE("consumer protocol: a full group and a loading coordinator are waited for, visibly") {
  for (const auto code : {ErrorCode::group_max_size_reached, ErrorCode::coordinator_load_in_progress}) {
    CAPTURE(protocol::name(code));
    World world;
    Member a(world, "a", "10.0.0.11", modern());
    world.run([&]() -> asio::awaitable<void> {
      world.broker.create_topic("t", 1);
      world.broker.faults().plan(heartbeats(0, 5), Fault::with_error(code));
      co_await a.start("t");
      co_await world.until([&] { return a.partitions() == 1; }, "the partition");
      CHECK(a.count(EventKind::joining) >= 5);
      co_await a.stop();
    });
  }
}

TEST_CASE("consumer protocol: leaving while partitions are given up") {
  World world;
  Member a(world, "a", "10.0.0.11", modern()), b(world, "b", "10.0.0.12", modern());
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 4);
    co_await a.start("t");
    co_await world.until([&] { return a.partitions() == 4; }, "all partitions for a");
    a.work = milliseconds(700);
    produce_to_all(world, 4, 40);
    co_await world.sleep(milliseconds(300));
    co_await b.start("t");
    co_await world.until([&] { return world.broker.consumer_group("g")->state == "Reconciling"; }, "a revocation");
    co_await a.stop();
    CHECK(a.last(EventKind::left).find("without a goodbye") == std::string::npos);
    co_await world.until([&] { return b.partitions() == 4; }, "all for b");
    co_await world.until([&] { return world.committed("t", 0) == 40 && world.committed("t", 3) == 40; }, "all");
    co_await b.stop();
  });
  world.invariants.check_complete();
}

TEST_CASE("consumer protocol: closing while joining leaves no member behind") {
  World world;
  Member a(world, "a", "10.0.0.11", modern());
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    world.broker.faults().plan(heartbeats(), Fault::delaying(seconds(3)));
    co_await a.start("t");
    co_await world.until([&] { return members_of(world) == 1; }, "the join");
    co_await a.stop();
    CHECK(members_of(world) == 0);
    co_await world.sleep(seconds(5));
    CHECK(members_of(world) == 0);
    CHECK(a.count(EventKind::assigned) == 0);
  });
}

TEST_CASE("consumer protocol: an answer that comes after the goodbye changes nothing") {
  World world;
  Member a(world, "a", "10.0.0.11", modern());
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 2);
    co_await a.start("t");
    co_await world.until([&] { return a.partitions() == 2; }, "all partitions");
    const auto sent = world.broker.requests().of(ApiKey::consumer_group_heartbeat);
    world.broker.faults().plan(heartbeats(), Fault::delaying(seconds(4)));
    co_await world.until([&] { return world.broker.requests().of(ApiKey::consumer_group_heartbeat) > sent; },
                         "a heartbeat on its way");
    const auto joined = a.count(EventKind::joined);
    co_await a.stop();
    CHECK(a.count(EventKind::left) == 1);
    CHECK(members_of(world) == 0);
    CHECK(a.count(EventKind::joined) == joined);
    CHECK(a.count(EventKind::heartbeat_failed) == 0);
  });
}

TEST_CASE("consumer protocol: a topic that does not exist yet is waited for and read from its first record") {
  World world;
  ConsumerOptions options = modern();
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
    world.broker.add_partitions("later", 3);
    world.produce("later", 2, 10);
    co_await world.until([&] { return a.records == 20; }, "records of the new partition");
    co_await a.stop();
  });
  world.invariants.check_complete();
}

TEST_CASE("consumer protocol: a topic that is deleted is let go; made anew it is read again from its first record") {
  World world;
  Member a(world, "a", "10.0.0.11", modern());
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 2);
    for (int i = 0; i < 20; ++i) world.broker.append("t", 0, one_record());
    co_await a.start("t");
    co_await world.until([&] { return world.committed("t", 0) == 20; }, "the first life");
    world.broker.delete_topic("t");
    world.broker.create_topic("t", 3);
    for (int i = 0; i < 5; ++i) world.broker.append("t", 2, one_record());
    co_await world.until([&] { return a.records == 25; }, "the second life");
    CHECK(a.partitions() == 3);
    co_await a.stop();
    forgive(world);
  });
}
