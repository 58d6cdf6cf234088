// Brokers of other times: each version of Fetch and ListOffsets that changes how a request is made, with and without
// ids.
#include <string>

#include "world.hpp"

using namespace barnabas;
using namespace barnabas::client;
using namespace barnabas::client::testing;

namespace {

/// Two topics, a leader that moves, a broker without sessions or ids, as the caps say: every record comes once.
void read_all(BrokerOptions options) {
  World world(2, std::move(options));
  Sink a, b;
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("a", 1, 2);
    world.broker.create_topic("b", 1, 2);
    world.fill("a", 0, 40);
    world.fill("b", 0, 40, 7, records::Codec::lz4);
    world.broker.delete_before("b", 0, 14);
    co_await world.connect();
    Fetcher& fetcher = world.make_fetcher(world.fetch_options());
    fetcher.add(TopicPartition("a", 0), StartPosition::offset(5), a);
    fetcher.add(TopicPartition("b", 0), StartPosition::earliest(), b);
    co_await world.until([&] { return a.offsets.size() == 35 && b.offsets.size() == 26; }, "the first records");
    world.broker.move_leader("a", 0, 3 - world.broker.leader("a", 0));
    world.fill("a", 0, 10);
    world.fill("b", 0, 10);
    co_await world.until([&] { return a.offsets.size() == 45 && b.offsets.size() == 36; }, "the next records");
    const auto deadline = world.client->deadline_in_ms(500);
    co_await fetcher.close(deadline);
  });
  if (a.stopped) FAIL_CHECK(a.stopped->what());
  CHECK(a.offsets == range(5, 50));
  CHECK(b.offsets == range(14, 50));
}

}  // namespace

TEST_CASE("fetcher versions: every version of Fetch that a broker may stop at") {
  // Up to 3 the records come as message sets of magic 0 and 1.
  for (const std::int16_t version : {0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 15, 16, 17, 18}) {
    CAPTURE(version);
    BrokerOptions options;
    options.versions[ApiKey::fetch] = {0, version};
    read_all(std::move(options));
  }
}

TEST_CASE("fetcher versions: every version of ListOffsets that a broker may stop at") {
  for (const std::int16_t version : {1, 2, 3, 4, 5, 6, 7}) {
    CAPTURE(version);
    BrokerOptions options;
    options.versions[ApiKey::list_offsets] = {0, version};
    read_all(std::move(options));
  }
}

TEST_CASE("fetcher versions: metadata without topic ids keeps Fetch to names, whatever the broker offers") {
  for (const std::int16_t version : {1, 4, 6, 7, 9}) {
    CAPTURE(version);
    BrokerOptions options;
    options.versions[ApiKey::metadata] = {0, version};
    read_all(std::move(options));
  }
}

TEST_CASE("fetcher versions: a broker that keeps no sessions") {
  BrokerOptions options;
  options.fetch_sessions_max = 0;
  read_all(std::move(options));
}

TEST_CASE("fetcher versions: a truncated log is noticed, whether Fetch tells of it or the leader has to be asked") {
  // Before version 9 a Fetch bears no leader epoch, so nothing says that anything happened.
  for (const std::int16_t version : {9, 11, 12, 18}) {
    CAPTURE(version);
    BrokerOptions options;
    options.versions[ApiKey::fetch] = {0, version};
    World world(2, std::move(options));
    Sink sink;
    world.run([&]() -> asio::awaitable<void> {
      world.broker.create_topic("t", 1, 2);
      world.fill("t", 0, 30);
      co_await world.connect();
      Fetcher& fetcher = world.make_fetcher(world.fetch_options());
      fetcher.add(TopicPartition("t", 0), StartPosition::earliest(), sink);
      co_await world.until([&] { return sink.offsets.size() == 30; }, "the first records");
      world.broker.truncate("t", 0, 20);
      world.fill("t", 0, 15);
      co_await world.until([&] { return sink.offsets.size() >= 45; }, "records of the new end");
      const auto deadline = world.client->deadline_in_ms(500);
      co_await fetcher.close(deadline);
    });
    CHECK(world.count(EventKind::truncated) == 1);
    auto wanted = range(0, 30);
    const auto more = range(20, 35);
    wanted.insert(wanted.end(), more.begin(), more.end());
    CHECK(sink.offsets == wanted);
  }
}

TEST_CASE("fetcher versions: a log cut before the commit's epoch was known starts where it parted") {
  BrokerOptions options;
  options.versions[ApiKey::fetch] = {0, 11};
  World world(2, std::move(options));
  Sink sink;
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1, 2);
    world.fill("t", 0, 30);
    world.broker.truncate("t", 0, 20);
    world.fill("t", 0, 30);
    co_await world.connect();
    Fetcher& fetcher = world.make_fetcher(world.fetch_options());
    // A commit at 25, of the epoch before the cut: 20 to 24 were other records.
    const auto start = StartPosition::offset(25, 0);
    fetcher.add(TopicPartition("t", 0), start, sink);
    co_await world.until([&] { return sink.offsets.size() >= 30; }, "records");
    const auto deadline = world.client->deadline_in_ms(500);
    co_await fetcher.close(deadline);
  });
  CHECK(world.count(EventKind::truncated) == 1);
  CHECK(sink.offsets == range(20, 50));
}

TEST_CASE("fetcher versions: a broker that consumers may not ask about epochs is read all the same") {
  BrokerOptions options;
  options.versions[ApiKey::fetch] = {0, 11};
  options.versions[ApiKey::offset_for_leader_epoch] = {0, 2};
  read_all(std::move(options));
}
