// Lanes behind a real fetcher: damaged logs, logs that are cut, partitions taken by hand, listeners.
#include <doctest/doctest.h>

#include "world.hpp"

using namespace barnabas;
using namespace barnabas::group;
using namespace barnabas::group::testing;

namespace {

/// Forgets what the invariants were told: for runs in which records are lost by intention.
void forget(World& world) { world.invariants = fixtures::sim::Invariants(fixtures::sim::Invariants::On::collect); }

struct Listening final : AssignmentListener {
  void on_assigned(std::shared_ptr<TurnSource> source) override {
    lanes.push_back(std::static_pointer_cast<Lane>(source));
  }
  void on_revoked(TurnSource& source, runtime::TimePoint deadline) override {
    revoked.push_back(source.partition());
    deadlines.push_back(deadline);
  }
  std::vector<std::shared_ptr<Lane>> lanes;
  std::vector<TopicPartition> revoked;
  std::vector<runtime::TimePoint> deadlines;
};

}  // namespace

TEST_CASE("lane: a batch damaged in the log stops its partition alone, with the records before it committed") {
  World world;
  Member a(world, "a", "10.0.0.11");
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 2);
    world.produce("t", 0, 30);
    world.produce("t", 1, 30);
    CHECK(world.broker.corrupt_batch("t", 0, 10, 80));
    co_await a.start("t");
    co_await world.until([&] { return a.count(EventKind::partition_stopped) == 1; }, "the stop");
    CHECK(a.count(EventKind::corrupt_batch) == 2);
    CHECK(a.last(EventKind::partition_stopped).find("offsets 10 to 19") != std::string::npos);
    co_await world.until([&] { return world.committed("t", 0) == 10 && world.committed("t", 1) == 30; }, "the commits");
    world.produce("t", 1, 10);
    co_await world.until([&] { return world.committed("t", 1) == 40; }, "the other partition");
    CHECK(a.consumer->error() == nullptr);
    co_await a.stop();
    CHECK(world.committed("t", 0) == 10);
    forget(world);
  });
}

TEST_CASE("lane: a batch that was damaged on its way is fetched again and nothing is missing") {
  World world;
  Member a(world, "a", "10.0.0.11");
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    world.produce("t", 0, 30);
    CHECK(world.broker.corrupt_batch("t", 0, 10, 80));
    co_await a.start("t");
    co_await world.until([&] { return a.count(EventKind::corrupt_batch) == 1; }, "the first attempt");
    CHECK(world.broker.corrupt_batch("t", 0, 10, 80));
    world.produce("t", 0, 10);
    co_await world.until([&] { return world.committed("t", 0) == 40; }, "everything");
    CHECK(a.count(EventKind::partition_stopped) == 0);
    co_await a.stop();
  });
  world.invariants.check_complete();
  CHECK(world.invariants.records_repeated() == 0);
}

TEST_CASE("lane: records that retention took away are passed over with an event, and the commit follows") {
  World world;
  Member a(world, "a", "10.0.0.11");
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    world.produce("t", 0, 30);
    co_await a.start("t");
    co_await world.until([&] { return world.committed("t", 0) == 30; }, "the first part");
    a.consumer->lanes().front()->pause();
    co_await world.sleep(seconds(1));
    forget(world);
    world.broker.append("t", 0, one_record());
    world.broker.append("t", 0, one_record());
    world.broker.delete_before("t", 0, 31);
    a.consumer->lanes().front()->resume();
    co_await world.until([&] { return world.committed("t", 0) == 32; }, "the rest");
    CHECK(a.records == 31);
    co_await a.stop();
    forget(world);
  });
}

TEST_CASE("lane: after the log was cut and written anew, the new records are delivered and committed") {
  World world(1, 3);
  Member a(world, "a", "10.0.0.11");
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1, 3);
    world.produce("t", 0, 30);
    co_await a.start("t");
    co_await world.until([&] { return world.committed("t", 0) == 30; }, "the first part");
    world.broker.truncate("t", 0, 20);
    for (int i = 0; i < 15; ++i) world.broker.append("t", 0, one_record());
    co_await world.until([&] { return world.committed("t", 0) == 35; }, "the second part");
    CHECK(a.records >= 35);
    co_await a.stop();
    forget(world);
  });
}

TEST_CASE("consumer: partitions taken by hand are delivered and committed without a membership") {
  World world;
  Member a(world, "a", "10.0.0.11");
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 2);
    world.produce("t", 1, 30);
    co_await a.connect();
    const TopicPartition partition("t", 1);
    a.consumer->assign(partition, client::StartPosition::offset(10));
    CHECK_THROWS_AS(a.consumer->assign(partition, client::StartPosition::earliest()), Error);
    CHECK_THROWS_AS(a.consumer->subscribe({"t"}), Error);
    world.tasks.spawn("serve", a.serve());
    co_await world.until([&] { return a.records == 20; }, "records from offset 10");
    co_await world.until([&] { return world.committed("t", 1) == 30; }, "the commit");
    CHECK(world.broker.group("g").members.empty());
    a.consumer->unassign(partition);
    co_await world.until([&] { return a.partitions() == 0; }, "the partition to be given back");
    co_await a.stop();
    forget(world);
  });
}

TEST_CASE("consumer: a listener gets the lanes, hears of their going in time to finish, and close waits for it") {
  World world;
  Member a(world, "a", "10.0.0.11");
  Listening listening;
  a.consumer->listen(&listening);
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    world.produce("t", 0, 10);
    co_await a.connect();
    a.consumer->subscribe({"t"});
    co_await world.until([&] { return listening.lanes.size() == 1; }, "the lane");
    const auto lane = listening.lanes.front();
    Turn turn;
    const bool more = co_await lane->next(turn);
    REQUIRE(more);
    records::RecordView record;
    while (turn.next(record)) continue;
    const Acker acker = turn.acker();
    const std::int64_t end = turn.end_offset();
    turn.end();
    const auto work = [&]() -> asio::awaitable<void> {
      co_await world.until([&] { return !listening.revoked.empty(); }, "the news");
      CHECK(listening.deadlines.front() > world.sim.clock().now());
      co_await world.sleep(seconds(1));
      acker.done(0, end);
    };
    world.tasks.spawn("work", work());
    forget(world);
    co_await a.stop();
    CHECK(listening.revoked.size() == 1);
    CHECK(world.committed("t", 0) == 10);
    CHECK(lane->fenced());
    co_await world.tasks.join();
    forget(world);
  });
}

TEST_CASE("lane: with unreadable.batch=skip a damaged batch is passed over, said and counted") {
  World world;
  ConsumerOptions options = consumer_options();
  options.fetch.unreadable_batch = client::UnreadableBatch::skip;
  Member a(world, "a", "10.0.0.11", options);
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    world.produce("t", 0, 30);
    CHECK(world.broker.corrupt_batch("t", 0, 10, 80));
    co_await a.start("t");
    co_await world.until([&] { return world.committed("t", 0) == 30; }, "the records behind it");
    CHECK(a.count(EventKind::corrupt_batch) == 2);
    CHECK(a.count(EventKind::batch_skipped) == 1);
    CHECK(a.last(EventKind::batch_skipped).find("offsets 10 to 19") != std::string::npos);
    CHECK(a.count(EventKind::partition_stopped) == 0);
    CHECK(a.consumer->lanes().front()->skipped() == 10);
    CHECK(a.records == 20);
    co_await a.stop();
    forget(world);
  });
}

TEST_CASE("lane: what stopped a partition is known by its offsets") {
  World world;
  Member a(world, "a", "10.0.0.11");
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    world.produce("t", 0, 30);
    CHECK(world.broker.corrupt_batch("t", 0, 10, 80));
    co_await a.start("t");
    co_await world.until([&] { return a.count(EventKind::partition_stopped) == 1; }, "the stop");
    const auto& lane = a.consumer->lanes().front();
    REQUIRE(lane->error());
    CHECK(lane->error()->code() == ErrorCode::corrupt_message);
    CHECK(lane->unreadable().first == 10);
    CHECK(lane->unreadable().next == 20);
    co_await a.stop();
    forget(world);
  });
}

TEST_CASE("consumer: reading by hand ends by itself at the ends that were wanted") {
  World world;
  Member a(world, "a", "10.0.0.11");
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 2);
    world.produce("t", 0, 30);
    world.produce("t", 1, 30);
    co_await a.connect();
    const auto start = client::StartPosition::earliest();
    a.consumer->assign(TopicPartition("t", 0), start, client::EndPosition::before_offset(25));
    a.consumer->assign(TopicPartition("t", 1), start, client::EndPosition::at_end());
    co_await a.serve();
    CHECK(a.records == 55);
    CHECK(a.count(EventKind::end_reached) == 2);
    co_await a.stop();
    CHECK(world.committed("t", 0) == 25);
    CHECK(world.committed("t", 1) == 30);
    forget(world);
  });
}

TEST_CASE("consumer: following patterns, topics and partitions that come later are read from their start") {
  World world;
  ConsumerOptions options = consumer_options();
  options.group.group_id.clear();
  Member a(world, "a", "10.0.0.11", options);
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("logs-a", 1);
    world.broker.create_topic("logs-private", 1);
    world.broker.create_topic("other", 1);
    for (const char* topic : {"logs-a", "logs-private", "other"}) world.broker.append(topic, 0, one_record());
    co_await a.connect();
    a.consumer->follow({"^logs-", "!logs-private"}, client::StartPosition::latest());
    world.tasks.spawn("serve", a.serve());
    co_await world.until([&] { return a.partitions() == 1; }, "the first topic");
    co_await world.sleep(seconds(1));
    world.broker.append("logs-a", 0, one_record());
    co_await world.until([&] { return a.records == 1; }, "what came after the start");
    world.broker.create_topic("logs-b", 1);
    world.broker.append("logs-b", 0, one_record());
    world.broker.append("logs-b", 0, one_record());
    world.broker.add_partitions("logs-a", 2);
    world.broker.append("logs-a", 1, one_record());
    a.client->request_metadata("the test wants to go on");
    co_await world.until([&] { return a.records == 4; }, "what came with new topics and partitions");
    CHECK(a.partitions() == 3);
    CHECK(a.count(EventKind::partitions_added) >= 1);
    co_await a.stop();
    forget(world);
  });
}

TEST_CASE("lane: a seek forward counts what lies between as finished, a seek back delivers again") {
  World world;
  Member a(world, "a", "10.0.0.11");
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    world.produce("t", 0, 100);
    co_await a.connect();
    const TopicPartition partition("t", 0);
    a.consumer->assign(partition, client::StartPosition::earliest(), client::EndPosition::at_end());
    Turn turn;
    co_await a.consumer->next(turn);
    records::RecordView record;
    REQUIRE(turn.next(record));
    CHECK(record.offset == 0);
    a.consumer->lanes().front()->seek(client::StartPosition::offset(70));
    turn.acker().done(0, 1);
    co_await a.consumer->next(turn);
    REQUIRE(turn.next(record));
    CHECK(record.offset == 70);
    turn.acker().done(70, 71);
    turn.end();
    co_await a.consumer->commit();
    CHECK(world.committed("t", 0) == 71);
    a.consumer->lanes().front()->seek(client::StartPosition::earliest());
    co_await a.serve();
    CHECK(a.delivered[partition].front() == 0);
    CHECK(a.delivered[partition].back() == 99);
    co_await a.stop();
    CHECK(world.committed("t", 0) == 100);
    forget(world);
  });
}

TEST_CASE("lane: a partition that stopped at a damaged batch goes on behind it when told to") {
  World world;
  Member a(world, "a", "10.0.0.11");
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    world.produce("t", 0, 30);
    CHECK(world.broker.corrupt_batch("t", 0, 10, 80));
    co_await a.start("t");
    co_await world.until([&] { return a.count(EventKind::partition_stopped) == 1; }, "the stop");
    const auto& lane = a.consumer->lanes().front();
    lane->seek(client::StartPosition::offset(lane->unreadable().next));
    co_await world.until([&] { return world.committed("t", 0) == 30; }, "the records behind it");
    CHECK(a.records == 20);
    co_await a.stop();
    forget(world);
  });
}
