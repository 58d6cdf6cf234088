// One lane fed by hand: shares in, turns out, acknowledgements back.
#include <doctest/doctest.h>

#include <cstring>

#include "barnabas/fixtures/sim/sim_runtime.hpp"
#include "barnabas/group/lane.hpp"
#include "barnabas/protocol/records/builder.hpp"

using namespace barnabas;
using namespace barnabas::group;
using client::EventKind;
using std::chrono::milliseconds;

namespace {

struct Bench final : client::EventSink {
  Bench()
      : client(sim, client::ClientOptions(), *this),
        fetcher(client, client::FetchOptions()),
        lane(std::make_shared<Lane>(client, fetcher, client::TopicPartition("t", 0), 1)) {}

  void on_event(const client::Event& event) noexcept override { events.push_back(event); }

  template <class Main>
  void run(Main main) {
    const auto whole = [this, &main]() -> asio::awaitable<void> {
      co_await main();
      lane->fence();
      const auto deadline = client.deadline_in_ms(1000);
      co_await fetcher.close(deadline);
      co_await client.close(deadline);
    };
    sim.run(whole);
  }

  /// `count` records from `base` on, in one batch.
  static std::string batch(std::int64_t base, int count, std::int32_t leader_epoch = 0,
                           records::Codec codec = records::Codec::none, std::size_t value_bytes = 5) {
    records::BatchOptions options(codec);
    options.leader_epoch = leader_epoch;
    options.bytes_max = 100'000'000;
    records::BatchBuilder builder(options);
    const std::string value(value_bytes, 'v');
    for (int i = 0; i < count; ++i) builder.append(1'700'000'000'000, std::nullopt, protocol::string(value), {});
    return builder.finish(base);
  }
  static std::string control(std::int64_t offset, std::int32_t leader_epoch = 0) {
    std::string batch = records::control_batch(offset, 7, 0, records::ControlType::commit, 1'700'000'000'000);
    records::stamp_batch(batch, offset, leader_epoch);
    return batch;
  }

  client::Share share(const std::string& bytes, std::int64_t position, std::int64_t next, std::uint64_t epoch = 1,
                      std::size_t block_bytes = 0) {
    client::Share result;
    result.block = client.pool().take(std::max(bytes.size(), block_bytes));
    std::memcpy(result.block.data(), bytes.data(), bytes.size());
    result.records = protocol::bytes(result.block.data(), bytes.size());
    result.position = position;
    result.next_offset = next;
    result.epoch = epoch;
    return result;
  }
  void feed(const std::string& bytes, std::int64_t position, std::int64_t next, std::uint64_t epoch = 1) {
    lane->on_share(share(bytes, position, next, epoch));
  }
  int count(EventKind kind) const {
    int n = 0;
    for (const auto& event : events) n += event.kind == kind;
    return n;
  }

  fixtures::sim::SimRuntime sim;
  std::vector<client::Event> events;
  client::Client client;
  client::Fetcher fetcher;
  std::shared_ptr<Lane> lane;
};

std::vector<std::int64_t> walk(Turn& turn, int at_most = 1'000'000) {
  std::vector<std::int64_t> offsets;
  records::RecordView record;
  while (static_cast<int>(offsets.size()) < at_most && turn.next(record)) offsets.push_back(record.offset);
  return offsets;
}

using Offsets = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("lane: turns come in order, the window follows the acknowledgements") {
  Bench bench;
  bench.run([&]() -> asio::awaitable<void> {
    Lane& lane = *bench.lane;
    lane.on_position(0, 1);
    CHECK(lane.has_position());
    CHECK(lane.needs_commit());
    bench.feed(bench.batch(0, 3, 4), 0, 3);
    bench.feed(bench.batch(3, 2, 5), 3, 5);
    CHECK(lane.queued_bytes() > 0);
    Turn first;
    bool more = co_await lane.next(first);
    REQUIRE(more);
    CHECK(first.first_offset() == 0);
    CHECK((walk(first) == Offsets{0, 1, 2}));
    CHECK(first.end_offset() == 3);
    CHECK(first.count() == 3);
    CHECK(first.leader_epoch() == 4);
    CHECK_FALSE(lane.drained());
    const Acker ack_first = first.acker();
    first.end();
    Turn second;
    more = co_await lane.next(second);
    REQUIRE(more);
    CHECK((walk(second) == Offsets{3, 4}));
    second.acker().done(3, 5);
    CHECK(lane.window().position() == 0);
    CHECK(lane.leader_epoch() == -1);
    ack_first.done(0, 3);
    CHECK(lane.window().position() == 5);
    second.end();
    CHECK(lane.leader_epoch() == 5);
    CHECK(lane.drained());
    Turn none;
    const auto step = co_await lane.advance(none);
    CHECK(step == Lane::Step::nothing);
    CHECK(lane.queued_bytes() == 0);
    CHECK(bench.client.pool().used() == 0);
  });
}

TEST_CASE("lane: the epoch that is committed is never older than the record's") {
  Bench bench;
  bench.run([&]() -> asio::awaitable<void> {
    Lane& lane = *bench.lane;
    lane.on_position(10, 1);
    bench.feed(bench.batch(10, 2, 1) + bench.batch(12, 2, 2), 10, 14);
    bench.feed(bench.batch(14, 2, 7), 14, 16);
    Turn turn;
    co_await lane.next(turn);
    walk(turn);
    const Acker acker = turn.acker();
    co_await lane.next(turn);
    walk(turn);
    turn.end();
    acker.done(10, 14);
    CHECK(lane.leader_epoch() == 2);
    acker.done(14, 15);
    CHECK(lane.leader_epoch() == 7);
  });
}

TEST_CASE("lane: what is acknowledged while its turn is out is committed with its own epoch, and so is a marker") {
  Bench bench;
  bench.run([&]() -> asio::awaitable<void> {
    Lane& lane = *bench.lane;
    lane.on_position(10, 1);
    bench.feed(bench.batch(10, 2, 1), 10, 12);
    bench.feed(bench.batch(12, 2, 2), 12, 14);
    bench.feed(bench.batch(14, 1, 2) + bench.control(15, 3), 14, 16);
    Turn turn;
    co_await lane.next(turn);
    walk(turn);
    turn.acker().done(10, 12);
    co_await lane.next(turn);
    walk(turn);
    turn.acker().done(12, 14);
    CHECK(lane.window().position() == 14);
    CHECK(lane.leader_epoch() == 2);
    co_await lane.next(turn);
    walk(turn);
    turn.acker().done(14, 16);
    turn.end();
    Turn none;
    co_await lane.advance(none);
    CHECK(lane.window().position() == 16);
    CHECK(lane.leader_epoch() == 3);
  });
}

TEST_CASE("lane: control batches and holes are passed over, also when a share holds nothing else") {
  Bench bench;
  bench.run([&]() -> asio::awaitable<void> {
    Lane& lane = *bench.lane;
    lane.on_position(0, 1);
    bench.feed(bench.control(0), 0, 1);
    bench.feed(bench.batch(5, 2) + bench.control(7), 1, 8);
    bench.feed(bench.control(8), 8, 9);
    Turn turn;
    const bool more = co_await lane.next(turn);
    REQUIRE(more);
    CHECK(turn.first_offset() == 1);
    CHECK((walk(turn) == Offsets{5, 6}));
    CHECK(turn.end_offset() == 8);
    turn.acker().done(turn.first_offset(), turn.end_offset());
    const auto step = co_await lane.advance(turn);
    CHECK(step == Lane::Step::nothing);
    CHECK(lane.window().position() == 9);
    CHECK(lane.drained());
  });
}

TEST_CASE("lane: a turn that ends early is taken up behind its last record, and none is lost when none was taken") {
  Bench bench;
  bench.run([&]() -> asio::awaitable<void> {
    Lane& lane = *bench.lane;
    lane.on_position(0, 1);
    bench.feed(bench.batch(0, 5), 0, 5);
    Turn turn;
    co_await lane.next(turn);
    turn.end();
    CHECK(lane.drained());
    co_await lane.next(turn);
    CHECK((walk(turn, 2) == Offsets{0, 1}));
    turn.acker().done(0, 2);
    CHECK(lane.window().position() == 2);
    co_await lane.next(turn);
    CHECK(turn.first_offset() == 2);
    CHECK((walk(turn) == Offsets{2, 3, 4}));
    turn.acker().done(2, 5);
    turn.end();
    CHECK(lane.drained());
    CHECK(lane.window().position() == 5);
  });
}

TEST_CASE("lane: an acknowledgement of an older turn before the first record of a newer one is taken does no harm") {
  Bench bench;
  bench.run([&]() -> asio::awaitable<void> {
    Lane& lane = *bench.lane;
    lane.on_position(0, 1);
    bench.feed(bench.batch(0, 2), 0, 2);
    bench.feed(bench.batch(2, 2), 2, 4);
    Turn turn;
    co_await lane.next(turn);
    walk(turn);
    const Acker old = turn.acker();
    co_await lane.next(turn);
    old.done(0, 2);
    turn.end();
    CHECK(lane.drained());
    co_await lane.next(turn);
    CHECK(turn.first_offset() == 2);
    CHECK((walk(turn) == Offsets{2, 3}));
  });
}

TEST_CASE("lane: what was never handed out cannot be acknowledged") {
  Bench bench;
  bench.run([&]() -> asio::awaitable<void> {
    Lane& lane = *bench.lane;
    lane.on_position(0, 1);
    bench.feed(bench.batch(0, 5), 0, 5);
    Turn turn;
    co_await lane.next(turn);
    walk(turn, 2);
    turn.acker().done(0, 5);
    CHECK(lane.window().position() == 0);
    CHECK(lane.stale_acks() == 5);
    turn.end();
  });
}

TEST_CASE("lane: large compressed batches are decompressed by a worker before the turn begins") {
  Bench bench;
  bench.run([&]() -> asio::awaitable<void> {
    Lane& lane = *bench.lane;
    lane.on_position(0, 1);
    const std::string large = bench.batch(0, 500, 0, records::Codec::gzip, 20'000);
    bench.feed(large + bench.batch(500, 1), 0, 501);
    Turn turn;
    const bool more = co_await lane.next(turn);
    REQUIRE(more);
    CHECK(walk(turn).size() == 501);
    turn.acker().done(0, 501);
    CHECK(lane.window().position() == 501);
    turn.end();
  });
}

TEST_CASE("lane: shares of an older fetch epoch are dropped") {
  Bench bench;
  bench.run([&]() -> asio::awaitable<void> {
    Lane& lane = *bench.lane;
    lane.on_position(0, 2);
    bench.feed(bench.batch(0, 5), 0, 5, 1);
    CHECK_FALSE(lane.ready());
    CHECK(bench.client.pool().used() == 0);
    co_return;
  });
}

TEST_CASE("lane: after a rewind old acknowledgements count below it only") {
  Bench bench;
  bench.run([&]() -> asio::awaitable<void> {
    Lane& lane = *bench.lane;
    lane.on_position(0, 1);
    bench.feed(bench.batch(0, 10), 0, 10);
    Turn turn;
    co_await lane.next(turn);
    walk(turn);
    const Acker old = turn.acker();
    turn.end();
    lane.on_position(6, 2);
    CHECK(lane.window().handed_out() == 6);
    old.done(0, 4);
    old.done(5, 10);
    CHECK(lane.window().position() == 4);
    CHECK(lane.stale_acks() == 4);
    bench.feed(bench.batch(6, 4, 3), 6, 10, 2);
    co_await lane.next(turn);
    CHECK(turn.first_offset() == 6);
    CHECK((walk(turn) == Offsets{6, 7, 8, 9}));
    turn.acker().done(6, 10);
    CHECK(lane.window().position() == 4);
    old.done(4, 5);
    CHECK(lane.window().position() == 10);
    lane.on_position(2, 3);
    CHECK(lane.window().position() == 2);
    turn.acker().done(6, 10);
    CHECK(lane.window().position() == 2);
    turn.end();
  });
}

TEST_CASE("lane: when the position jumps ahead, what is in hand is delivered first and the gap is passed over") {
  Bench bench;
  bench.run([&]() -> asio::awaitable<void> {
    Lane& lane = *bench.lane;
    lane.on_position(0, 1);
    bench.feed(bench.batch(0, 5), 0, 5);
    lane.on_position(100, 2);
    Turn turn;
    co_await lane.next(turn);
    CHECK((walk(turn) == Offsets{0, 1, 2, 3, 4}));
    const Acker acker = turn.acker();
    auto step = co_await lane.advance(turn);
    CHECK(step == Lane::Step::nothing);
    CHECK(lane.window().handed_out() == 100);
    CHECK(lane.window().position() == 0);
    acker.done(0, 5);
    CHECK(lane.window().position() == 100);
  });
}

TEST_CASE("lane: a fence drops what is queued and what comes later, a turn in hand may still be walked") {
  Bench bench;
  bench.run([&]() -> asio::awaitable<void> {
    Lane& lane = *bench.lane;
    lane.on_position(0, 1);
    bench.feed(bench.batch(0, 5), 0, 5);
    bench.feed(bench.batch(5, 5), 5, 10);
    Turn turn;
    co_await lane.next(turn);
    lane.stop_handing_out();
    CHECK_FALSE(lane.drained());
    lane.fence();
    CHECK((walk(turn) == Offsets{0, 1, 2, 3, 4}));
    turn.acker().done(0, 5);
    CHECK(lane.window().position() == 0);
    CHECK(lane.stale_acks() == 5);
    CHECK(bench.count(EventKind::stale_ack_dropped) == 1);
    const bool more = co_await lane.next(turn);
    CHECK_FALSE(more);
    CHECK(bench.client.pool().used() == 0);
  });
}

TEST_CASE("lane: paused, it keeps what it has and hands out nothing") {
  Bench bench;
  bench.run([&]() -> asio::awaitable<void> {
    Lane& lane = *bench.lane;
    lane.on_position(0, 1);
    bench.feed(bench.batch(0, 5), 0, 5);
    lane.pause();
    Turn turn;
    auto step = co_await lane.advance(turn);
    CHECK(step == Lane::Step::nothing);
    CHECK_FALSE(lane.ready());
    lane.resume();
    CHECK(lane.ready());
    step = co_await lane.advance(turn);
    CHECK(step == Lane::Step::turn);
    turn.end();
  });
}

TEST_CASE("lane: slow, it does not pin blocks that are much larger than its share") {
  Bench bench;
  bench.run([&]() -> asio::awaitable<void> {
    Lane& lane = *bench.lane;
    constexpr std::size_t large = 1 << 20;
    lane.on_position(0, 1);
    lane.on_share(bench.share(bench.batch(0, 5), 0, 5, 1, large));
    Turn turn;
    co_await lane.next(turn);
    walk(turn);
    CHECK(bench.client.pool().used() >= static_cast<std::int64_t>(large));
    co_await runtime::sleep_for(bench.sim.clock(), milliseconds(200));
    lane.on_share(bench.share(bench.batch(5, 5), 5, 10, 1, large));
    lane.on_share(bench.share(bench.batch(10, 5), 10, 15, 1, large));
    turn.end();
    auto step = co_await lane.advance(turn);
    REQUIRE(step == Lane::Step::turn);
    CHECK(bench.client.pool().used() < static_cast<std::int64_t>(large) / 8);
    CHECK((walk(turn) == Offsets{5, 6, 7, 8, 9}));
    step = co_await lane.advance(turn);
    CHECK((walk(turn) == Offsets{10, 11, 12, 13, 14}));
    turn.end();
  });
}

TEST_CASE("lane: an unreadable batch is asked for once more, then stops the partition and names its offsets") {
  Bench bench;
  bench.run([&]() -> asio::awaitable<void> {
    struct Owner : Lane::Listener {
      int asked = 0;
      void lane_unreadable(Lane&) override { ++asked; }
    } owner;
    Lane& lane = *bench.lane;
    lane.set_owner(&owner);
    lane.on_position(0, 1);
    std::string bad = bench.batch(5, 5);
    bad.back() ^= 1;
    bench.feed(bench.batch(0, 5) + bad, 0, 10);
    Turn turn;
    co_await lane.next(turn);
    CHECK((walk(turn) == Offsets{0, 1, 2, 3, 4}));
    CHECK(turn.end_offset() == 5);
    turn.acker().done(0, 5);
    auto step = co_await lane.advance(turn);
    CHECK(step == Lane::Step::nothing);
    CHECK(owner.asked == 1);
    CHECK(bench.count(EventKind::corrupt_batch) == 1);
    bench.feed(bench.batch(10, 5), 10, 15);  // what the fetcher had asked for already
    CHECK_FALSE(lane.ready());
    lane.refetch();
    lane.on_position(5, 2);
    bench.feed(bad, 5, 10, 2);
    const bool more = co_await lane.next(turn);
    CHECK_FALSE(more);
    CHECK(owner.asked == 1);
    REQUIRE(lane.error() != nullptr);
    CHECK(std::string(lane.error()->what()).find("offsets 5 to 9") != std::string::npos);
    CHECK(bench.count(EventKind::partition_stopped) == 1);
    CHECK(lane.window().position() == 5);
    lane.set_owner(nullptr);
  });
}

TEST_CASE("lane: a batch that is readable the second time goes on as if nothing had been") {
  Bench bench;
  bench.run([&]() -> asio::awaitable<void> {
    Lane& lane = *bench.lane;
    lane.on_position(0, 1);
    const std::string good = bench.batch(0, 5);
    std::string bad = good;
    bad.back() ^= 1;
    bench.feed(bad, 0, 5);
    Turn turn;
    const auto step = co_await lane.advance(turn);
    CHECK(step == Lane::Step::nothing);
    lane.on_position(0, 2);
    bench.feed(good, 0, 5, 2);
    const bool more = co_await lane.next(turn);
    REQUIRE(more);
    CHECK(turn.first_offset() == 0);
    CHECK((walk(turn) == Offsets{0, 1, 2, 3, 4}));
    turn.end();
  });
}

TEST_CASE("lane: what was read of a topic is not committed for another one of the same name") {
  Bench bench;
  bench.run([&]() -> asio::awaitable<void> {
    const auto learn = [&](unsigned char id) {
      protocol::Arena arena;
      protocol::MetadataResponse response;
      auto topics = arena.make_list<protocol::MetadataResponse::Topic>(1);
      protocol::Uuid uuid{};
      uuid.octets[0] = id;
      topics[0].name = protocol::string("t");
      topics[0].topic_id = uuid;
      response.topics = topics;
      bench.client.metadata().apply(response, false);
    };
    Lane& lane = *bench.lane;
    learn(1);
    lane.on_position(10, 1);
    CHECK(lane.needs_commit());
    learn(2);
    CHECK_FALSE(lane.needs_commit());
    lane.on_position(0, 2);
    CHECK(lane.needs_commit());
    lane.doubt_topic();
    CHECK_FALSE(lane.needs_commit());
    learn(2);
    CHECK(lane.needs_commit());
    co_return;
  });
}
