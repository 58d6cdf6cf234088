// The client's half of a fetch session: what each request names.
#include "barnabas/client/fetch/session.hpp"

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "world.hpp"

using namespace barnabas;
using namespace barnabas::client;
using namespace barnabas::client::testing;

namespace {

struct Bench {
  FetchAsk ask(const char* topic, std::int32_t partition, std::int64_t position, unsigned char id = 1) {
    auto& slot = partitions[TopicPartition(topic, partition)];
    if (!slot) slot = std::make_unique<FetchPartition>(TopicPartition(topic, partition), sink, options);
    FetchAsk ask;
    ask.partition = slot.get();
    ask.topic_id.octets[0] = id;
    ask.position = position;
    ask.bytes_max = 1 << 20;
    return ask;
  }
  void write(const std::vector<FetchAsk>& asks, std::int16_t version = 17) {
    request = protocol::FetchRequest();
    arena.clear();
    session.write(request, asks, version, arena);
  }
  /// "a[0]@5 a[1]@7"
  std::string named() const {
    std::string text;
    for (const auto& topic : *request.topics) {
      for (const auto& partition : *topic.partitions) {
        if (!text.empty()) text += ' ';
        text += TopicPartition(std::string(*topic.topic), *partition.partition).text() + "@" +
                std::to_string(*partition.fetch_offset);
      }
    }
    return text;
  }
  std::string forgotten() const {
    std::string text;
    for (const auto& topic : *request.forgotten_topics_data) {
      for (const auto partition : *topic.partitions) {
        if (!text.empty()) text += ' ';
        text += TopicPartition(std::string(*topic.topic), partition).text();
        text += "#" + std::to_string(topic.topic_id->octets[0]);
      }
    }
    return text;
  }

  ClientOptions options;
  Sink sink;
  FetchPartitions partitions;
  FetchSession session;
  protocol::FetchRequest request;
  protocol::Arena arena;
};

}  // namespace

TEST_CASE("fetch session: full first, then only what changed, then what is gone") {
  Bench bench;
  bench.write({bench.ask("a", 0, 5), bench.ask("a", 1, 7), bench.ask("b", 0, 0)});
  CHECK(bench.request.session_id == 0);
  CHECK(bench.request.session_epoch == 0);
  CHECK(bench.named() == "a[0]@5 a[1]@7 b[0]@0");
  bench.session.confirmed(77);
  CHECK(bench.session.established());
  CHECK(bench.session.partitions() == 3);

  bench.write({bench.ask("a", 0, 5), bench.ask("a", 1, 9), bench.ask("b", 0, 0)});
  CHECK(bench.request.session_id == 77);
  CHECK(bench.request.session_epoch == 1);
  CHECK(bench.named() == "a[1]@9");
  CHECK(bench.forgotten().empty());
  bench.session.confirmed(77);

  bench.write({bench.ask("a", 0, 5), bench.ask("c", 3, 1)});
  CHECK(bench.request.session_epoch == 2);
  CHECK(bench.named() == "c[3]@1");
  CHECK(bench.forgotten() == "a[1]#1 b[0]#1");
  bench.session.confirmed(77);
  CHECK(bench.session.partitions() == 2);
}

TEST_CASE("fetch session: what a failed request named is not known") {
  Bench bench;
  bench.write({bench.ask("a", 0, 5)});
  bench.session.confirmed(77);
  bench.write({bench.ask("a", 0, 6)});
  bench.session.reset();
  bench.write({bench.ask("a", 0, 6)});
  CHECK(bench.request.session_id == 0);
  CHECK(bench.request.session_epoch == 0);
  CHECK(bench.named() == "a[0]@6");
}

TEST_CASE("fetch session: a broker that keeps no session is told everything each time") {
  Bench bench;
  for (int round = 0; round < 3; ++round) {
    bench.write({bench.ask("a", 0, 5)});
    CHECK(bench.request.session_id == 0);
    CHECK(bench.request.session_epoch == 0);
    CHECK(bench.named() == "a[0]@5");
    bench.session.confirmed(0);
    CHECK_FALSE(bench.session.established());
  }
}

TEST_CASE("fetch session: versions below 7 have none") {
  Bench bench;
  bench.write({bench.ask("a", 0, 5)}, 6);
  CHECK(bench.request.session_epoch == -1);
  CHECK(bench.named() == "a[0]@5");
  bench.session.confirmed(0);
  bench.write({bench.ask("a", 0, 5)}, 6);
  CHECK(bench.named() == "a[0]@5");
}

TEST_CASE("fetch session: a topic with a new id is forgotten under the old one and added under the new") {
  Bench bench;
  bench.write({bench.ask("a", 0, 5, 1)});
  bench.session.confirmed(77);
  bench.write({bench.ask("a", 0, 0, 2)});
  CHECK(bench.named() == "a[0]@0");
  CHECK(bench.forgotten() == "a[0]#1");
}

TEST_CASE("fetch session: by name, a new id forgets nothing, or the broker would drop what was just added") {
  Bench bench;
  bench.write({bench.ask("a", 0, 5, 1)}, 12);
  bench.session.confirmed(77);
  bench.write({bench.ask("a", 0, 0, 2)}, 12);
  CHECK(bench.named() == "a[0]@0");
  CHECK(bench.forgotten().empty());
}

TEST_CASE("fetch session: ids and names do not mix, the change begins a new session") {
  Bench bench;
  bench.write({bench.ask("a", 0, 5)}, 17);
  bench.session.confirmed(77);
  bench.write({bench.ask("a", 0, 5), bench.ask("b", 0, 1, 0)}, 12);
  CHECK(bench.request.session_id == 0);
  CHECK(bench.named() == "a[0]@5 b[0]@1");
  bench.session.confirmed(78);
  bench.write({bench.ask("a", 0, 5)}, 17);
  CHECK(bench.request.session_id == 0);
  CHECK(bench.request.session_epoch == 0);
}

TEST_CASE("fetch session: partitions of a topic stand together, in the order in which they are to be served") {
  Bench bench;
  bench.write({bench.ask("b", 1, 1), bench.ask("a", 0, 2), bench.ask("b", 0, 3)});
  CHECK(bench.named() == "b[1]@1 b[0]@3 a[0]@2");
}

TEST_CASE("fetch session: partitions that come and go at random are named exactly when the broker must be told") {
  Bench bench;
  std::map<std::string, std::int64_t> broker;  // what it knows, by the requests alone
  std::uint32_t dice = 1;
  const auto roll = [&](std::uint32_t sides) { return (dice = dice * 1'664'525 + 1'013'904'223) >> 16 & (sides - 1); };
  for (int round = 0; round < 500; ++round) {
    std::map<std::string, std::int64_t> wanted;
    std::vector<FetchAsk> asks;
    for (int p = 0; p < 40; ++p) {
      if (roll(4) == 0) continue;
      asks.push_back(bench.ask(p % 2 ? "a" : "b", p, roll(2)));
      wanted[asks.back().partition->key.text()] = asks.back().position;
    }
    // Removed and added anew, at another address.
    if (roll(8) == 0 && !asks.empty()) {
      auto& slot = bench.partitions[asks[0].partition->key];
      asks[0].partition = nullptr;
      slot = std::make_unique<FetchPartition>(TopicPartition(slot->key), bench.sink, bench.options);
      asks[0].partition = slot.get();
    }
    bench.write(asks);
    for (const auto& topic : *bench.request.topics) {
      for (const auto& partition : *topic.partitions) {
        const std::string key = TopicPartition(std::string(*topic.topic), *partition.partition).text();
        const auto known = broker.find(key);
        CHECK((known == broker.end() || known->second != *partition.fetch_offset));
        broker[key] = *partition.fetch_offset;
      }
    }
    for (const auto& topic : *bench.request.forgotten_topics_data) {
      for (const auto partition : *topic.partitions) {
        CHECK(broker.erase(TopicPartition(std::string(*topic.topic), partition).text()) == 1);
      }
    }
    if (roll(16) == 0) {
      bench.session.reset();
      broker.clear();
      continue;
    }
    CHECK(broker == wanted);
    bench.session.confirmed(77);
    CHECK(bench.session.partitions() == wanted.size());
  }
}

TEST_CASE("fetch session: against the embedded broker, partitions come, go and come back without a gap") {
  World world;
  Sink a, b;
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 2);
    world.fill("t", 0, 50);
    world.fill("t", 1, 50);
    co_await world.connect();
    Fetcher& fetcher = world.make_fetcher(world.fetch_options());
    fetcher.add(TopicPartition("t", 0), StartPosition::earliest(), a);
    fetcher.add(TopicPartition("t", 1), StartPosition::earliest(), b);
    co_await world.until([&] { return a.offsets.size() == 50 && b.offsets.size() == 50; }, "the first records");
    CHECK(world.broker.fetch_session_count(1) == 1);
    const TopicPartition second("t", 1);
    fetcher.pause(second);
    co_await world.sleep(milliseconds(300));
    world.fill("t", 0, 50);
    world.fill("t", 1, 50);
    co_await world.until([&] { return a.offsets.size() == 100; }, "records of the one that goes on");
    CHECK(b.offsets.size() == 50);
    fetcher.resume(second);
    co_await world.until([&] { return b.offsets.size() == 100; }, "records of the one that was resumed");
    // The broker forgets the session.
    const FaultTarget fetches(ApiKey::fetch);
    world.broker.faults().plan(fetches, Fault::with_error(ErrorCode::fetch_session_id_not_found));
    world.fill("t", 0, 10);
    co_await world.until([&] { return world.count(EventKind::fetch_session_reset) == 1; }, "the session's end");
    world.fill("t", 0, 10);
    co_await world.until([&] { return a.offsets.size() == 120; }, "records of the next session");
    CHECK(world.count(EventKind::fetch_session_reset) == 1);
    const auto deadline = world.client->deadline_in_ms(1000);
    co_await fetcher.close(deadline);
  });
  CHECK(a.offsets == range(0, 120));
  CHECK(b.offsets == range(0, 100));
}
