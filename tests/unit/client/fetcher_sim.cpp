// The fetcher against the embedded broker: where it starts, what makes it start over, and that nothing is lost between.
#include <algorithm>
#include <memory>
#include <string>

#include "world.hpp"

using namespace barnabas;
using namespace barnabas::client;
using namespace barnabas::client::testing;

namespace {

const TopicPartition t0("t", 0);

asio::awaitable<void> close(World& world, Fetcher& fetcher) {
  const auto deadline = world.client->deadline_in_ms(500);
  co_await fetcher.close(deadline);
  CHECK(world.client->now() <= deadline);
}

/// A world with topic t of one partition and a client that has made contact.
struct Reading : World {
  explicit Reading(int nodes = 1, BrokerOptions broker_options = {}) : World(nodes, std::move(broker_options)) {
    options.metadata_max_age_ms = 2'000;
  }
  template <class Main>
  void read(Main main) {
    run([&]() -> asio::awaitable<void> {
      co_await connect();
      fetcher = std::make_unique<Fetcher>(*client, fetch);
      co_await main();
      co_await close(*this, *fetcher);
    });
  }
  FetchOptions fetch = fetch_options();
  std::unique_ptr<Fetcher> fetcher;
  Sink sink;
};

}  // namespace

TEST_CASE("fetcher: starts at an offset, at the earliest, at the latest and at a time") {
  Reading world;
  Sink by_offset, earliest, latest, by_time, future;
  world.read([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 5);
    for (int p = 0; p < 5; ++p) world.fill("t", p, 30);
    world.broker.delete_before("t", 1, 10);
    world.fetcher->add(TopicPartition("t", 0), StartPosition::offset(25), by_offset);
    world.fetcher->add(TopicPartition("t", 1), StartPosition::earliest(), earliest);
    world.fetcher->add(TopicPartition("t", 2), StartPosition::latest(), latest);
    world.fetcher->add(TopicPartition("t", 3), StartPosition::timestamp(1'700'000'000'017), by_time);
    world.fetcher->add(TopicPartition("t", 4), StartPosition::timestamp(1'800'000'000'000), future);
    co_await world.until([&] { return latest.positions.size() == 1 && future.positions.size() == 1; }, "positions");
    world.fill("t", 2, 3);
    world.fill("t", 4, 3);
    co_await world.until([&] { return latest.offsets.size() == 3 && future.offsets.size() == 3; }, "records");
    co_await world.until([&] { return by_time.offsets.size() == 13 && earliest.offsets.size() == 20; }, "records");
    const FetchStatus* status = world.fetcher->status(TopicPartition("t", 2));
    REQUIRE(status);
    CHECK(status->position == 33);
    CHECK(status->high_watermark == 33);
    CHECK(status->log_start_offset == 0);
    CHECK(status->leader_id == 1);
    CHECK(world.fetcher->status(TopicPartition("t", 9)) == nullptr);
  });
  CHECK(by_offset.offsets == range(25, 30));
  CHECK(earliest.offsets == range(10, 30));
  CHECK(latest.offsets == range(30, 33));
  CHECK(by_time.offsets == range(17, 30));
  CHECK(future.offsets == range(30, 33));
}

TEST_CASE("fetcher: out of range goes where the policy says, visibly") {
  for (const OffsetReset policy : {OffsetReset::earliest, OffsetReset::latest, OffsetReset::none}) {
    CAPTURE(policy.text());
    Reading world;
    world.fetch.offset_reset = policy;
    world.broker.create_topic("t", 1);
    world.fill("t", 0, 50);
    world.broker.delete_before("t", 0, 20);
    world.read([&]() -> asio::awaitable<void> {
      world.fetcher->add(t0, StartPosition::offset(5), world.sink);
      if (policy == OffsetReset::none) {
        co_await world.until([&] { return world.sink.stopped != nullptr; }, "the end");
        co_return;
      }
      co_await world.until([&] { return world.sink.positions.size() == 2; }, "the new position");
      world.fill("t", 0, 5);
      co_await world.until([&] { return !world.sink.offsets.empty() && world.sink.offsets.back() == 54; }, "records");
    });
    CHECK(world.count(EventKind::offset_out_of_range) == 1);
    if (policy == OffsetReset::earliest) CHECK(world.sink.offsets == range(20, 55));
    if (policy == OffsetReset::latest) CHECK(world.sink.offsets == range(50, 55));
    if (policy != OffsetReset::none) {
      CHECK(world.count(EventKind::offset_reset) == 1);
      continue;
    }
    CHECK(world.sink.offsets.empty());
    CHECK(world.sink.stopped->code() == ErrorCode::offset_out_of_range);
    CHECK(std::string(world.sink.stopped->what()).find("offset 5") != std::string::npos);
    CHECK(world.sink.stopped->hint().find("auto.offset.reset") != std::string::npos);
    CHECK(world.fetcher->status(t0) == nullptr);
  }
}

TEST_CASE("fetcher: errors that pass do not move the position") {
  for (const ErrorCode error :
       {ErrorCode::not_leader_or_follower, ErrorCode::unknown_topic_or_partition, ErrorCode::unknown_server_error,
        ErrorCode::kafka_storage_error, ErrorCode::unknown_leader_epoch, ErrorCode::offset_not_available}) {
    CAPTURE(static_cast<int>(error));
    Reading world;
    world.broker.create_topic("t", 1);
    world.fill("t", 0, 30);
    world.read([&]() -> asio::awaitable<void> {
      FaultTarget fetches(ApiKey::fetch);
      fetches.times = 3;
      world.broker.faults().plan(fetches, Fault::with_error(error));
      FaultTarget lookups(ApiKey::list_offsets);
      lookups.times = 2;
      world.broker.faults().plan(lookups, Fault::with_error(error));
      world.fetcher->add(t0, StartPosition::earliest(), world.sink);
      co_await world.until([&] { return world.sink.offsets.size() == 30; }, "records");
    });
    CHECK(world.sink.offsets == range(0, 30));
    CHECK(world.sink.positions.size() == 1);
    CHECK(world.count(EventKind::fetch_failed) >= 3);
    CHECK(world.broker.faults().pending() == 0);
  }
}

TEST_CASE("fetcher: follows the leader, back and forth, without gap or repetition") {
  Reading world(3);
  world.broker.create_topic("t", 1, 3);
  world.read([&]() -> asio::awaitable<void> {
    world.fetcher->add(t0, StartPosition::earliest(), world.sink);
    for (int move = 0; move < 8; ++move) {
      world.fill("t", 0, 20);
      co_await world.sleep(milliseconds(move * 13));
      world.broker.move_leader("t", 0, 1 + move % 3);
      world.fill("t", 0, 20);
    }
    co_await world.until([&] { return world.sink.offsets.size() >= 320; }, "all records");
  });
  CHECK(world.sink.offsets == range(0, 320));
}

TEST_CASE("fetcher: waits for a partition that has no leader") {
  Reading world(2);
  world.broker.create_topic("t", 1, 2);
  world.fill("t", 0, 10);
  world.broker.move_leader("t", 0, -1);
  world.read([&]() -> asio::awaitable<void> {
    world.fetcher->add(t0, StartPosition::earliest(), world.sink);
    co_await world.sleep(seconds(3));
    CHECK(world.sink.offsets.empty());
    world.broker.move_leader("t", 0, 2);
    co_await world.until([&] { return world.sink.offsets.size() == 10; }, "records");
  });
}

TEST_CASE("fetcher: a broker that dies is left for the next leader, and found again when it is back") {
  Reading world(2);
  world.broker.create_topic("t", 1, 2);
  world.read([&]() -> asio::awaitable<void> {
    world.fetcher->add(t0, StartPosition::earliest(), world.sink);
    world.fill("t", 0, 20);
    co_await world.until([&] { return world.sink.offsets.size() == 20; }, "records");
    const auto leader = world.broker.leader("t", 0);
    world.broker.stop_node(leader);
    world.fill("t", 0, 20);
    co_await world.until([&] { return world.sink.offsets.size() == 40; }, "records of the other");
    REQUIRE(world.broker.start_node(leader).has_value());
    world.broker.move_leader("t", 0, leader);
    world.fill("t", 0, 20);
    co_await world.until([&] { return world.sink.offsets.size() == 60; }, "records of the one that came back");
  });
  CHECK(world.sink.offsets == range(0, 60));
}

TEST_CASE("fetcher: a seek while records are under way drops them, and goes on where it was told") {
  for (int delay_ms = 0; delay_ms < 12; ++delay_ms) {
    CAPTURE(delay_ms);
    Reading world;
    world.broker.create_topic("t", 1);
    world.fill("t", 0, 100);
    world.read([&]() -> asio::awaitable<void> {
      world.fetcher->add(t0, StartPosition::offset(50), world.sink);
      co_await world.sleep(milliseconds(delay_ms));
      world.sink.offsets.clear();
      world.fetcher->seek(t0, StartPosition::offset(10));
      co_await world.until([&] { return world.sink.offsets.size() >= 90; }, "records from there");
    });
    CHECK(world.sink.offsets == range(10, 100));
    CHECK(world.sink.stale == 0);
    CHECK(world.sink.positions == std::vector<std::int64_t>{50, 10});
  }
}

TEST_CASE("fetcher: the last of several seeks counts, whatever order the answers come in") {
  Reading world;
  world.broker.create_topic("t", 1);
  world.fill("t", 0, 40);
  world.read([&]() -> asio::awaitable<void> {
    const FaultTarget lookups(ApiKey::list_offsets);
    world.broker.faults().plan(lookups, Fault::delaying(milliseconds(300)));
    world.fetcher->add(t0, StartPosition::latest(), world.sink);
    co_await world.until([&] { return world.broker.requests().of(ApiKey::list_offsets) == 1; }, "the question");
    world.fetcher->seek(t0, StartPosition::earliest());
    co_await world.until([&] { return world.sink.offsets.size() == 40; }, "all records");
  });
  CHECK(world.sink.offsets == range(0, 40));
  CHECK(world.sink.positions == std::vector<std::int64_t>{0});
}

TEST_CASE("fetcher: removed and added again while a question is under way, the old answer is nobody's") {
  Reading world;
  world.broker.create_topic("t", 1);
  world.fill("t", 0, 40);
  Sink second;
  world.read([&]() -> asio::awaitable<void> {
    const FaultTarget lookups(ApiKey::list_offsets);
    world.broker.faults().plan(lookups, Fault::delaying(milliseconds(300)));
    world.fetcher->add(t0, StartPosition::latest(), world.sink);
    co_await world.until([&] { return world.broker.requests().of(ApiKey::list_offsets) == 1; }, "the question");
    world.fetcher->remove(t0);
    world.fetcher->add(t0, StartPosition::earliest(), second);
    co_await world.until([&] { return second.offsets.size() == 40; }, "all records");
  });
  CHECK(world.sink.positions.empty());
  CHECK(second.positions == std::vector<std::int64_t>{0});
}

TEST_CASE("fetcher: adding a partition twice is refused") {
  Reading world;
  world.read([&]() -> asio::awaitable<void> {
    world.fetcher->add(t0, StartPosition::earliest(), world.sink);
    CHECK_THROWS_AS(world.fetcher->add(t0, StartPosition::earliest(), world.sink), Error);
    co_return;
  });
}

TEST_CASE("fetcher: a topic that was deleted and created again is read from its start, not from the old offset") {
  for (const OffsetReset policy : {OffsetReset::earliest, OffsetReset::latest, OffsetReset::none}) {
    CAPTURE(policy.text());
    Reading world;
    world.fetch.offset_reset = policy;
    world.broker.create_topic("t", 1);
    world.fill("t", 0, 30);
    world.read([&]() -> asio::awaitable<void> {
      world.fetcher->add(t0, StartPosition::offset(0), world.sink);
      co_await world.until([&] { return world.sink.offsets.size() == 30; }, "records of the first");
      world.broker.delete_topic("t");
      world.broker.create_topic("t", 1);
      world.fill("t", 0, 60);
      if (policy == OffsetReset::none) {
        co_await world.until([&] { return world.sink.stopped != nullptr; }, "the end");
      } else {
        co_await world.until([&] { return world.sink.offsets.size() >= 90; }, "records of the second");
      }
    });
    CHECK(world.count(EventKind::topic_recreated) == 1);
    if (policy == OffsetReset::none) {
      CHECK(std::string(world.sink.stopped->what()).find("created again") != std::string::npos);
      CHECK(world.sink.offsets == range(0, 30));
      continue;
    }
    auto wanted = range(0, 30);
    const auto more = range(0, 60);
    wanted.insert(wanted.end(), more.begin(), more.end());
    CHECK(world.sink.offsets == wanted);
  }
}

TEST_CASE("fetcher: a log that was truncated is read again from where it parted") {
  Reading world(2);
  world.broker.create_topic("t", 1, 2);
  world.fill("t", 0, 30);
  world.read([&]() -> asio::awaitable<void> {
    world.fetcher->add(t0, StartPosition::offset(0), world.sink);
    co_await world.until([&] { return world.sink.offsets.size() == 30; }, "records");
    world.broker.truncate("t", 0, 20);
    world.fill("t", 0, 15);
    co_await world.until([&] { return world.sink.offsets.size() >= 45; }, "records of the new end");
  });
  CHECK(world.count(EventKind::truncated) == 1);
  auto wanted = range(0, 30);
  const auto more = range(20, 35);
  wanted.insert(wanted.end(), more.begin(), more.end());
  CHECK(world.sink.offsets == wanted);
}

TEST_CASE("fetcher: read_committed waits for the end of transactions, read_uncommitted does not") {
  for (const Isolation isolation : {Isolation::read_committed, Isolation::read_uncommitted}) {
    CAPTURE(static_cast<int>(isolation));
    Reading world;
    world.fetch.isolation = world.sink.isolation = isolation;
    world.broker.create_topic("t", 1);
    world.read([&]() -> asio::awaitable<void> {
      records::BatchOptions options;
      options.producer_id = 9;
      options.producer_epoch = 0;
      options.base_sequence = 0;
      options.transactional = true;
      records::BatchBuilder builder(options);
      for (int i = 0; i < 5; ++i) builder.append(1, std::nullopt, protocol::string("v"), {});
      const std::string first = builder.finish();
      world.broker.append("t", 0, protocol::bytes(first));
      world.fetcher->add(t0, StartPosition::earliest(), world.sink);
      co_await world.sleep(seconds(1));
      CHECK(world.sink.offsets.size() == (isolation == Isolation::read_committed ? 0u : 5u));
      const std::string abort = records::control_batch(5, 9, 0, records::ControlType::abort, 1);
      world.broker.append("t", 0, protocol::bytes(abort));
      world.fill("t", 0, 3);
      co_await world.until([&] { return !world.sink.offsets.empty() && world.sink.offsets.back() == 8; }, "the rest");
    });
    auto wanted = isolation == Isolation::read_committed ? range(6, 9) : range(0, 9);
    std::erase(wanted, 5);
    CHECK(world.sink.offsets == wanted);
  }
}

TEST_CASE("fetcher: throttling by the broker is honoured") {
  Reading world;
  world.broker.create_topic("t", 1);
  world.fill("t", 0, 10);
  world.read([&]() -> asio::awaitable<void> {
    const FaultTarget target(ApiKey::fetch);
    // An answer of version 17 to the first Fetch: throttled for two seconds, no error, no session, nothing else.
    const std::string throttled("\0\0\0\x11\0\0\0\x02\0\0\0\x07\xd0\0\0\0\0\0\0\x01\0", 21);
    world.broker.faults().plan(target, Fault::raw(throttled));
    const auto begin = world.client->now();
    world.fetcher->add(t0, StartPosition::offset(0), world.sink);
    co_await world.until([&] { return world.count(EventKind::throttled) == 1; }, "the throttle");
    co_await world.sleep(milliseconds(1'800));
    CHECK(world.broker.requests().of(ApiKey::fetch) == 1);
    co_await world.until([&] { return world.sink.offsets.size() == 10; }, "records");
    CHECK(world.client->now() - begin >= seconds(2));
  });
}

TEST_CASE("fetcher: closing does not wait for brokers that do not answer") {
  Reading world(2);
  world.broker.create_topic("t", 1, 1);
  world.broker.create_topic("u", 1, 1);
  world.fill("u", 0, 5);
  Sink other;
  world.read([&]() -> asio::awaitable<void> {
    FaultTarget lookups(ApiKey::list_offsets);
    lookups.times = FaultTarget::always;
    world.broker.faults().plan(lookups, Fault::dropping());
    world.fetcher->add(t0, StartPosition::earliest(), world.sink);
    // The leader of the other can be named, but not reached.
    const std::string ip = "10.1.0." + std::to_string(world.broker.leader("u", 0));
    world.sim.network().fail_dials(runtime::Address(ip, 0), fixtures::sim::DialFault::silent);
    world.sim.network().cut_all(runtime::Address(ip, 0));
    world.fetcher->add(TopicPartition("u", 0), StartPosition::offset(0), other);
    co_await world.sleep(seconds(1));
  });
  CHECK(world.sink.positions.empty());
  CHECK(other.offsets.empty());
}

TEST_CASE("fetcher: starts back from now and before the end") {
  Reading world;
  world.broker.create_topic("t", 3);
  for (int p = 0; p < 3; ++p) world.fill("t", p, 30);
  Sink last, all, ages;
  world.read([&]() -> asio::awaitable<void> {
    world.fetcher->add(TopicPartition("t", 0), StartPosition::before_end(7), last);
    world.fetcher->add(TopicPartition("t", 1), StartPosition::before_end(700), all);
    const auto since_first = world.sim.clock().unix_ms() - 1'700'000'000'000;
    world.fetcher->add(TopicPartition("t", 2), StartPosition::before_now(since_first - 12), ages);
    co_await world.until([&] { return last.offsets.size() == 7 && all.offsets.size() == 30 && !ages.offsets.empty(); },
                         "records");
  });
  CHECK(last.offsets == range(23, 30));
  CHECK(all.offsets == range(0, 30));
  CHECK(ages.offsets.front() >= 12);
  CHECK(ages.offsets.back() == 29);
}

TEST_CASE("fetcher: reading ends where it should, in the middle of a batch as well, and asks for nothing more") {
  Reading world;
  world.broker.create_topic("t", 4);
  for (int p = 0; p < 4; ++p) world.fill("t", p, 30);
  Sink at_offset, at_end, at_time, empty;
  world.read([&]() -> asio::awaitable<void> {
    const auto begin = StartPosition::earliest();
    world.fetcher->add(TopicPartition("t", 0), begin, at_offset, EndPosition::before_offset(17));
    world.fetcher->add(TopicPartition("t", 1), begin, at_end, EndPosition::at_end());
    world.fetcher->add(TopicPartition("t", 2), begin, at_time, EndPosition::before_timestamp(1'700'000'000'021));
    world.fetcher->add(TopicPartition("t", 3), StartPosition::latest(), empty, EndPosition::at_end());
    co_await world.until([&] { return at_end.offsets.size() == 30 && at_time.offsets.size() == 21; }, "records");
    for (int p = 0; p < 4; ++p) world.fill("t", p, 30);
    co_await world.sleep(seconds(3));
    CHECK(world.fetcher->status(TopicPartition("t", 1))->end_offset == 30);
  });
  CHECK(at_offset.offsets == range(0, 17));
  CHECK(at_end.offsets == range(0, 30));
  CHECK(at_time.offsets == range(0, 21));
  CHECK(empty.offsets.empty());
}

TEST_CASE("fetcher: a leader that freezes is left for the next one in seconds, not at the end of the request timeout") {
  for (const bool asked_for_metadata : {true, false}) {
    CAPTURE(asked_for_metadata);
    Reading world(3);
    world.options.request_timeout_ms = 60'000;
    world.broker.create_topic("t", 1, 3);
    world.fill("t", 0, 30);
    world.read([&]() -> asio::awaitable<void> {
      world.fetcher->add(t0, StartPosition::offset(0), world.sink);
      co_await world.until([&] { return world.sink.offsets.size() == 30; }, "records");
      const std::int32_t frozen = world.broker.leader("t", 0);
      // Whether the frozen broker is the one that metadata comes from, too.
      if (asked_for_metadata)
        co_await world.client->connection(Target::node(frozen), world.client->deadline_in_ms(1'000));
      FaultTarget everything;
      everything.node = frozen;
      everything.times = FaultTarget::always;
      world.broker.faults().plan(everything, Fault::dropping());
      const auto began = world.client->now();
      world.broker.move_leader("t", 0, frozen % 3 + 1);
      world.fill("t", 0, 30);
      co_await world.until([&] { return world.sink.offsets.size() == 60; }, "records of the new leader");
      CHECK(world.client->now() - began < seconds(12));
    });
    CHECK(world.sink.offsets == range(0, 60));
  }
}
