// Share groups (KIP-932) between members and embedded brokers in the simulator.
#include <doctest/doctest.h>

#include "barnabas/group/statistics.hpp"
#include "barnabas/protocol/records/builder.hpp"
#include "share_world.hpp"

using namespace barnabas;
using namespace barnabas::group;
using namespace barnabas::group::testing;

namespace {

using Word = ShareMember::Word;

const fixtures::broker::SharePartition& state(const World& world, std::int32_t partition = 0) {
  const auto* found = world.broker.share_partition("g", "t", partition);
  static const fixtures::broker::ShareOptions none;
  static const fixtures::broker::SharePartition nothing(none, 0);
  return found ? *found : nothing;
}

ConsumerOptions few_at_a_time(std::int32_t records) {
  ConsumerOptions options = consumer_options();
  options.group.max_poll_records = records;
  options.group.share_acquire_mode = ShareAcquireMode::record_limit;
  return options;
}

fixtures::broker::BrokerOptions without_renewals() {
  auto options = share_brokers();
  options.versions[ApiKey::share_fetch] = {1, 1};
  options.versions[ApiKey::share_acknowledge] = {1, 1};
  return options;
}

int sum(const std::vector<const ShareMember*>& members, std::int64_t offset, std::int32_t partition = 0) {
  int times = 0;
  for (const ShareMember* member : members) times += member->times(offset, partition);
  return times;
}

}  // namespace

TEST_CASE("share: each record is handed out once, accepted, and the group is left") {
  World world(1, 1, share_brokers());
  ShareMember a(world, "a", "10.0.0.11");
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 2);
    world.produce("t", 0, 100);
    co_await a.start("t");
    world.produce("t", 1, 30);
    co_await world.until([&] { return state(world, 0).accepted() == 100 && state(world, 1).accepted() == 30; }, "all");
    CHECK(state(world).start_offset() == 100);
    CHECK(a.seen.size() == 130);
    for (const auto& seen : a.seen) CHECK(seen.delivery_count == 1);
    CHECK(world.broker.share_group("g").members.size() == 1);
    CHECK(a.consumer->statistics().partitions.size() == 2);
    co_await a.stop();
    CHECK(world.broker.share_group("g").members.empty());
    CHECK(world.broker.share_session_count(1) == 0);
    CHECK(a.count(EventKind::acquisition_lost) == 0);
    CHECK(a.count(EventKind::acknowledge_failed) == 0);
  });
}

TEST_CASE("share: what is released comes again, with delivery count 2") {
  World world(1, 1, share_brokers());
  ShareMember a(world, "a", "10.0.0.11");
  a.decide = [](std::int64_t offset, std::int16_t count) {
    return offset == 3 && count == 1 ? Word::release : Word::accept;
  };
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    world.produce("t", 0, 10);
    co_await a.start("t");
    co_await world.until([&] { return state(world).accepted() == 10; }, "all");
    CHECK(a.seen.size() == 11);
    CHECK(a.times(3) == 2);
    CHECK(a.seen.back().offset == 3);
    CHECK(a.seen.back().delivery_count == 2);
    co_await a.stop();
  });
}

TEST_CASE("share: what is rejected never comes again, and what nobody accepts is given up at the limit") {
  World world(1, 1, share_brokers());
  ShareMember a(world, "a", "10.0.0.11");
  a.decide = [](std::int64_t offset, std::int16_t) {
    return offset == 5 ? Word::reject : offset == 7 ? Word::release : Word::accept;
  };
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    world.produce("t", 0, 10);
    co_await a.start("t");
    co_await world.until([&] { return state(world).start_offset() == 10; }, "the end");
    CHECK(state(world).accepted() == 8);
    CHECK(state(world).rejected() == 1);
    CHECK(state(world).given_up() == 1);
    CHECK(a.times(5) == 1);
    CHECK(a.times(7) == 5);
    co_await a.stop();
  });
}

TEST_CASE("share: two members read one partition together, each record once") {
  World world(1, 1, share_brokers());
  ShareMember a(world, "a", "10.0.0.11", few_at_a_time(10)), b(world, "b", "10.0.0.12", few_at_a_time(10));
  a.work = b.work = milliseconds(20);
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    co_await a.start("t");
    co_await b.start("t");
    co_await world.until([&] { return a.count(EventKind::assigned) == 1 && b.count(EventKind::assigned) == 1; },
                         "the partition for both");
    world.produce("t", 0, 400);
    co_await world.until([&] { return state(world).accepted() == 400; }, "all");
    for (int offset = 0; offset < 400; ++offset) CHECK(sum({&a, &b}, offset) == 1);
    CHECK(a.seen.size() > 100);
    CHECK(b.seen.size() > 100);
    co_await a.stop();
    co_await b.stop();
  });
}

TEST_CASE("share: a lock that ends gives the records to others, and late words are dropped and told") {
  World world(1, 1, without_renewals());
  ShareMember a(world, "a", "10.0.0.11"), b(world, "b", "10.0.0.12");
  a.stuck = true;
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    world.produce("t", 0, 10);
    co_await a.start("t");
    co_await world.until([&] { return a.seen.size() == 10; }, "the records at a");
    co_await b.start("t");
    co_await world.until([&] { return state(world).accepted() == 10; }, "b to accept");
    CHECK(b.seen.size() == 10);
    for (const auto& seen : b.seen) CHECK(seen.delivery_count == 2);
    CHECK(a.count(EventKind::acquisition_lost) == 1);
    CHECK(a.last(EventKind::acquisition_lost).find("10 records") != std::string::npos);
    a.stuck = false;
    co_await world.until([&] { return a.count(EventKind::stale_ack_dropped) > 0; }, "the late words");
    CHECK(a.consumer->lanes().front()->counts().stale_acks == 10);
    CHECK(a.count(EventKind::acknowledge_failed) == 0);
    co_await a.stop();
    co_await b.stop();
    CHECK(state(world).accepted() == 10);
  });
}

TEST_CASE("share: while a handler works, locks are renewed") {
  World world(1, 1, share_brokers());
  ShareMember a(world, "a", "10.0.0.11"), b(world, "b", "10.0.0.12");
  a.work = seconds(23);
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    world.produce("t", 0, 10);
    co_await a.start("t");
    co_await world.until([&] { return a.seen.size() == 10; }, "the records at a");
    co_await b.start("t");
    co_await world.until([&] { return state(world).accepted() == 10; }, "a to accept");
    CHECK(b.seen.empty());
    CHECK(a.count(EventKind::acquisition_lost) == 0);
    co_await a.stop();
    co_await b.stop();
  });
}

TEST_CASE("share: when the leader moves, what was acquired there is gone, and that is told") {
  World world(1, 2, share_brokers());
  ShareMember a(world, "a", "10.0.0.11");
  a.work = seconds(1);
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1, 2);
    world.produce("t", 0, 10);
    co_await a.start("t");
    co_await world.until([&] { return a.seen.size() == 10; }, "the records at a");
    const auto to = world.broker.leader("t", 0) == 1 ? 2 : 1;
    world.broker.move_leader("t", 0, to);
    co_await world.until([&] { return state(world).accepted() == 10; }, "all");
    CHECK(a.count(EventKind::acquisition_lost) + a.count(EventKind::acknowledge_failed) == 1);
    CHECK(a.times(0) == 2);
    CHECK(a.seen.back().delivery_count == 2);
    world.produce("t", 0, 5);
    co_await world.until([&] { return state(world).accepted() == 15; }, "the next");
    co_await a.stop();
  });
}

TEST_CASE("share: a lost session is opened again; what it held comes again when its locks end") {
  World world(1, 1, share_brokers());
  ShareMember a(world, "a", "10.0.0.11");
  a.work = milliseconds(300);
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    world.produce("t", 0, 10);
    co_await a.start("t");
    co_await world.until([&] { return a.seen.size() == 10; }, "the records at a");
    world.broker.forget_share_sessions(1);
    co_await world.until([&] { return state(world).accepted() == 10; }, "all");
    CHECK(a.count(EventKind::fetch_session_reset) == 1);
    CHECK(a.count(EventKind::acquisition_lost) + a.count(EventKind::acknowledge_failed) == 1);
    CHECK(a.times(0) == 2);
    co_await a.stop();
  });
}

TEST_CASE("share: after a lost connection records come again at once, and none is lost") {
  World world(1, 1, share_brokers());
  ShareMember a(world, "a", "10.0.0.11");
  a.work = milliseconds(300);
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    world.produce("t", 0, 10);
    co_await a.start("t");
    co_await world.until([&] { return a.seen.size() == 10; }, "the records at a");
    world.broker.cut_connections(1);
    const auto before = a.client->now();
    co_await world.until([&] { return state(world).accepted() == 10; }, "all");
    CHECK(a.client->now() - before < seconds(4));
    CHECK(a.count(EventKind::acquisition_lost) >= 1);
    co_await a.stop();
  });
}

TEST_CASE("share: a coordinator that moves or loads takes nothing from its members") {
  World world(1, 2, share_brokers());
  ShareMember a(world, "a", "10.0.0.11");
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    co_await a.start("t");
    world.produce("t", 0, 10);
    co_await world.until([&] { return state(world).accepted() == 10; }, "the first");
    const auto to = world.broker.coordinator("g") == 1 ? 2 : 1;
    world.broker.set_coordinator_loading(to, true);
    world.broker.move_coordinator("g", to);
    co_await world.sleep(seconds(3));
    world.produce("t", 0, 10);
    world.broker.set_coordinator_loading(to, false);
    co_await world.until([&] { return state(world).accepted() == 20; }, "the next");
    co_await world.sleep(seconds(8));
    CHECK(world.broker.share_group("g").members.size() == 1);
    CHECK(a.count(EventKind::coordinator_lost) >= 1);
    CHECK(a.count(EventKind::lost) == 0);
    CHECK(a.count(EventKind::revoked) == 0);
    co_await a.stop();
  });
}

TEST_CASE("share: a member that the coordinator forgot joins again and finishes what it has in hand") {
  World world(1, 1, share_brokers());
  ShareMember a(world, "a", "10.0.0.11");
  a.work = seconds(2);
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    world.produce("t", 0, 10);
    co_await a.start("t");
    co_await world.until([&] { return a.seen.size() == 10; }, "the records at a");
    world.broker.expel_from_share_group("g", a.consumer->member_id());
    co_await world.until([&] { return state(world).accepted() == 10; }, "all");
    CHECK(a.count(EventKind::lost) == 1);
    CHECK(a.count(EventKind::joined) == 2);
    CHECK(a.seen.size() == 10);
    co_await a.stop();
  });
}

TEST_CASE("share: close gives back what is under way, and others get it at once") {
  World world(1, 1, share_brokers());
  ShareMember a(world, "a", "10.0.0.11", few_at_a_time(10)), b(world, "b", "10.0.0.12");
  a.stuck = true;
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    world.produce("t", 0, 10);
    co_await a.start("t");
    co_await world.until([&] { return a.seen.size() == 10; }, "the records at a");
    co_await b.start("t");
    co_await world.until([&] { return b.count(EventKind::assigned) == 1; }, "the partition for b");
    co_await a.stop(seconds(2));
    const auto before = b.client->now();
    CHECK(a.count(EventKind::drain_timed_out) == 1);
    co_await world.until([&] { return state(world).accepted() == 10; }, "b to accept");
    CHECK(b.client->now() - before < seconds(1));
    for (const auto& seen : b.seen) CHECK(seen.delivery_count == 2);
    a.stuck = false;
    co_await b.stop();
  });
}

TEST_CASE("share: close lets a delivery under way finish, and accepts it") {
  World world(1, 1, share_brokers());
  ShareMember a(world, "a", "10.0.0.11");
  a.work = seconds(2);
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    world.produce("t", 0, 10);
    co_await a.start("t");
    co_await world.until([&] { return a.seen.size() == 10; }, "the records at a");
    co_await a.stop(seconds(10));
    CHECK(state(world).accepted() == 10);
    CHECK(a.count(EventKind::drain_timed_out) == 0);
  });
}

TEST_CASE("share: what a killed member had goes to the others when its connection is gone") {
  World world(1, 1, share_brokers());
  ShareMember a(world, "a", "10.0.0.11", few_at_a_time(10)), b(world, "b", "10.0.0.12", few_at_a_time(10));
  a.stuck = true;
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    world.produce("t", 0, 10);
    co_await a.start("t");
    co_await world.until([&] { return a.seen.size() == 10; }, "the records at a");
    co_await b.start("t");
    co_await world.sleep(seconds(1));
    a.kill();
    const auto before = b.client->now();
    co_await world.until([&] { return state(world).accepted() == 10; }, "b to accept");
    CHECK(b.client->now() - before < seconds(2));
    CHECK(b.seen.size() == 10);
    co_await a.stop(seconds(0));
    co_await b.stop();
  });
}

TEST_CASE("share: offsets that hold no record are acknowledged as gaps") {
  World world(1, 1, share_brokers());
  ShareMember a(world, "a", "10.0.0.11");
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    for (const auto codec : {records::Codec::none, records::Codec::lz4}) {
      records::BatchBuilder builder{records::BatchOptions(codec)};
      builder.skip(2);
      for (int i = 0; i < 3; ++i) builder.append(1'700'000'000'000, std::nullopt, protocol::string("value"), {});
      builder.skip(4);
      for (int i = 0; i < 3; ++i) builder.append(1'700'000'000'000, std::nullopt, protocol::string("value"), {});
      builder.skip(1);
      const std::string batch = builder.finish();
      world.broker.append("t", 0, protocol::bytes(batch));
    }
    // A batch of which compaction left nothing, and one more record.
    records::BatchBuilder empty;
    empty.skip(5);
    const std::string nothing = empty.finish();
    world.broker.append("t", 0, protocol::bytes(nothing));
    world.broker.append("t", 0, one_record());
    co_await a.start("t");
    co_await world.until([&] { return state(world).start_offset() == 32; }, "the end");
    CHECK(a.seen.size() == 13);
    CHECK(state(world).accepted() == 13);
    CHECK(state(world).gaps() == 19);
    co_await a.stop();
  });
}

TEST_CASE("share: a damaged batch is given back once and then rejected; others are accepted") {
  World world(1, 1, share_brokers());
  ShareMember a(world, "a", "10.0.0.11");
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    world.produce("t", 0, 30);
    CHECK(world.broker.corrupt_batch("t", 0, 10, 80));
    co_await a.start("t");
    co_await world.until([&] { return state(world).start_offset() == 30; }, "the end");
    CHECK(state(world).accepted() == 20);
    CHECK(state(world).rejected() == 10);
    CHECK(a.count(EventKind::corrupt_batch) == 2);
    co_await a.stop();
  });
}

TEST_CASE("share: a topic that comes later, and one that comes to match a pattern") {
  World world(1, 1, share_brokers());
  ShareMember a(world, "a", "10.0.0.11"), b(world, "b", "10.0.0.12");
  world.run([&]() -> asio::awaitable<void> {
    co_await a.start("t");
    co_await b.start("^other-.*");
    co_await world.sleep(seconds(2));
    world.broker.create_topic("t", 1);
    world.broker.create_topic("other-1", 1);
    world.produce("t", 0, 10);
    world.broker.append("other-1", 0, one_record());
    co_await world.until([&] { return a.seen.size() == 10 && b.seen.size() == 1; }, "the records");
    co_await a.stop();
    co_await b.stop();
  });
}

TEST_CASE("share: brokers without share groups, and a group that is none: one clear error") {
  auto options = share_brokers();
  SUBCASE("no such API") {
    options.versions[ApiKey::share_group_heartbeat] = {1, 0};
    World world(1, 1, options);
    ShareMember a(world, "a", "10.0.0.11");
    world.run([&]() -> asio::awaitable<void> {
      world.broker.create_topic("t", 1);
      co_await a.start("t");
      co_await a.consumer->stopped();
      REQUIRE(a.consumer->error() != nullptr);
      CHECK(std::string(a.consumer->error()->what()).find("share.version=1") != std::string::npos);
      co_await a.stop();
    });
  }
  SUBCASE("another kind of group") {
    World world(1, 1, options);
    ShareMember a(world, "a", "10.0.0.11");
    world.run([&]() -> asio::awaitable<void> {
      world.broker.create_topic("t", 1);
      world.broker.faults().plan(FaultTarget(ApiKey::share_group_heartbeat),
                                 Fault::with_error(ErrorCode::group_id_not_found));
      co_await a.start("t");
      co_await a.consumer->stopped();
      REQUIRE(a.consumer->error() != nullptr);
      CHECK(std::string(a.consumer->error()->what()).find("no share group") != std::string::npos);
      co_await a.stop();
    });
  }
}

TEST_CASE("share: no room for another session is waited for, visibly") {
  auto options = share_brokers();
  options.share.sessions_max = 1;
  World world(1, 1, options);
  ShareMember a(world, "a", "10.0.0.11"), b(world, "b", "10.0.0.12");
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    co_await a.start("t");
    co_await world.until([&] { return world.broker.share_session_count(1) == 1; }, "a's session");
    co_await b.start("t");
    co_await world.until([&] { return b.count(EventKind::fetch_failed) > 2; }, "the refusals");
    CHECK(b.last(EventKind::fetch_failed).find("SHARE_SESSION_LIMIT_REACHED") != std::string::npos);
    co_await a.stop();
    world.produce("t", 0, 10);
    co_await world.until([&] { return b.seen.size() == 10; }, "the records at b");
    co_await b.stop();
  });
}

TEST_CASE("share: lost answers of heartbeats and fetches lose nothing") {
  for (const ApiKey api : {ApiKey::share_group_heartbeat, ApiKey::share_fetch, ApiKey::share_acknowledge}) {
    CAPTURE(static_cast<int>(api));
    World world(1, 1, share_brokers());
    ShareMember a(world, "a", "10.0.0.11", few_at_a_time(7));
    a.work = milliseconds(150);
    world.run([&]() -> asio::awaitable<void> {
      world.broker.create_topic("t", 1);
      FaultTarget target(api);
      target.skip = 1;
      target.times = 2;
      world.broker.faults().plan(target, Fault::cutting_after(6));
      world.produce("t", 0, 50);
      co_await a.start("t");
      co_await world.until([&] { return state(world).start_offset() == 50; }, "all");
      CHECK(state(world).given_up() == 0);
      CHECK(state(world).accepted() == 50);
      co_await a.stop();
    });
  }
}

TEST_CASE("share: the consumer's own door with group.type = share") {
  World world(1, 1, share_brokers());
  ConsumerOptions options = consumer_options();
  options.group.type = GroupType::share;
  Member a(world, "a", "10.0.0.11", options);
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    world.broker.append("t", 0, one_record());
    co_await a.start("t");
    co_await world.until([&] { return state(world).accepted() == 1; }, "the record");
    CHECK(a.records == 1);
    CHECK(a.consumer->lanes().empty());
    REQUIRE(a.consumer->share() != nullptr);
    CHECK(a.consumer->generation() > 0);
    const TopicPartition partition("t", 0);
    CHECK_THROWS_AS(a.consumer->assign(partition, client::StartPosition::earliest()), Error);
    co_await a.stop();
    CHECK(world.broker.share_group("g").members.empty());
  });
}

TEST_CASE("share: what a broker refuses does not take with it what was said in the same request") {
  World world(1, 1, share_brokers());
  ShareMember a(world, "a", "10.0.0.11"), b(world, "b", "10.0.0.12");
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    world.produce("t", 0, 10);
    const auto patience = a.client->deadline_in_ms(10'000);
    co_await a.client->connect(patience);
    a.consumer->subscribe({"t"});
    Turn turn;
    records::RecordView record;
    const bool first_came = co_await a.consumer->next(turn);
    REQUIRE(first_came);
    while (turn.next(record)) {}
    const Acker early = turn.acker();
    co_await world.sleep(milliseconds(500));  // who is slow acquires nothing ahead
    // The leader begins anew, where it is, and knows nothing of who holds what.
    world.broker.move_leader("t", 0, 1);
    b.stuck = true;
    co_await b.start("t");
    co_await world.until([&] { return b.seen.size() == 10; }, "the records at b");
    co_await world.sleep(milliseconds(500));
    turn.end();
    world.produce("t", 0, 10);
    const bool second_came = co_await a.consumer->next(turn);
    REQUIRE(second_came);
    CHECK(turn.first_offset() == 10);
    while (turn.next(record)) {}
    early.done(0, 10);
    turn.acker().done(10, turn.end_offset());
    turn.end();
    co_await world.until([&] { return state(world).accepted() == 10; }, "the second lot");
    co_await world.until([&] { return a.count(EventKind::acknowledge_failed) == 1; }, "the refusal of the first");
    CHECK(a.last(EventKind::acknowledge_failed).find("offsets 0 to 9: INVALID_RECORD_STATE") != std::string::npos);
    b.stuck = false;
    co_await world.until([&] { return state(world).accepted() == 20; }, "b's word about the first");
    co_await a.stop();
    co_await b.stop();
  });
}

TEST_CASE("share: acquired ranges that make no sense end the connection, never the process") {
  using Response = protocol::ShareFetchResponse;
  struct Claim {
    std::int64_t first, last;
    std::int16_t count;
  };
  const std::int64_t huge = std::numeric_limits<std::int64_t>::max() - 1;
  const std::vector<std::vector<Claim>> nonsense = {
      {{0, 4, 1}, {3, 9, 1}}, {{5, 2, 1}}, {{-3, 2, 1}}, {{0, 3, 0}}, {{0, huge + 1, 1}}, {{0, huge, 1}}, {{7, 9, 1}},
  };
  for (const auto& claims : nonsense) {
    CAPTURE(claims.front().first);
    CAPTURE(claims.front().last);
    World world(1, 1, share_brokers());
    ShareMember a(world, "a", "10.0.0.11");
    world.run([&]() -> asio::awaitable<void> {
      world.broker.create_topic("t", 1);
      protocol::Arena arena;
      std::vector<Response::AcquiredRecords> ranges(claims.size());
      for (std::size_t i = 0; i < claims.size(); ++i) {
        ranges[i].first_offset = claims[i].first;
        ranges[i].last_offset = claims[i].last;
        ranges[i].delivery_count = claims[i].count;
      }
      Response::Partition partition;
      const std::string batch(one_record().data(), one_record().size());
      partition.records = protocol::bytes(batch);
      partition.acquired_records = protocol::list<Response::AcquiredRecords>(ranges.data(), ranges.size());
      Response::Topic topic;
      topic.topic_id = world.broker.topic_id("t");
      topic.partitions = protocol::list<Response::Partition>(&partition, 1);
      Response response;
      response.acquisition_lock_timeout_ms = 5'000;
      response.responses = protocol::list<Response::Topic>(&topic, 1);
      // The first request on the connection asks for versions.
      const auto frame = protocol::encode_response(response, 2, 2);
      REQUIRE(frame);
      const FaultTarget target(ApiKey::share_fetch);
      world.broker.faults().plan(target, Fault::raw(*frame));
      co_await a.start("t");
      co_await world.until([&] { return a.count(EventKind::fetch_failed) > 0; }, "the complaint");
      const std::string said = a.last(EventKind::fetch_failed);
      CHECK((said.find("make no sense") != std::string::npos || said.find("did not come") != std::string::npos));
      const auto seen_before = a.seen.size();
      CHECK(seen_before <= 1);
      world.produce("t", 0, 10);
      co_await world.until([&] { return a.seen.size() >= seen_before + 10; }, "the records");
      co_await world.until([&] { return state(world).accepted() == 10; }, "all");
      co_await a.stop();
    });
  }
}
