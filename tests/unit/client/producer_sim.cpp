// The producer against the embedded broker: order, acknowledgements, retries, and every way to give up.
#include "barnabas/client/produce/producer.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "world.hpp"

using namespace barnabas;
using namespace barnabas::client;
using namespace barnabas::client::testing;

namespace {

constexpr std::string_view topic = "t", nowhere = "nowhere", a_value = "v", a_key = "abc";

/// What stands in a partition's log, as text.
std::vector<std::string> stored(World& world, std::int32_t partition) {
  std::vector<std::string> values;
  const auto& log = world.broker.log("t", partition);
  for (const auto& entry : log.batches()) {
    const records::BatchView batch(log.batch_at(entry.base_offset));
    records::Buffer buffer;
    auto body = batch.body();
    if (batch.header().codec() != records::Codec::none) {
      body = records::decompress(batch.header().codec(), body, buffer, 100 << 20).value();
    }
    records::RecordCursor cursor(batch.header(), body);
    for (records::RecordView record; cursor.next(record);) values.emplace_back(record.value_text());
  }
  return values;
}

std::vector<std::string> numbers(int first, int next) {
  std::vector<std::string> texts;
  for (int i = first; i < next; ++i) texts.push_back(std::to_string(i));
  return texts;
}

struct Producing : World {
  explicit Producing(int nodes = 1, int partitions = 1, BrokerOptions broker_options = {})
      : World(nodes, std::move(broker_options)) {
    broker.create_topic("t", partitions, nodes);
    options.metadata_max_age_ms = 2'000;
  }
  template <class Main>
  void produce(Main main) {
    run([&]() -> asio::awaitable<void> {
      co_await connect();
      producer = std::make_unique<Producer>(*client, with);
      producer->on_delivery([this](const Delivery& delivery) {
        deliveries.push_back(delivery.error ? "failed" : std::to_string(delivery.base_offset));
      });
      co_await main();
      const auto deadline = client->deadline_in_ms(500);
      co_await producer->close(deadline);
      CHECK(client->now() <= deadline);
      CHECK(producer->records_pending() == 0);
      CHECK(producer->bytes_pending() == 0);
    });
  }
  asio::awaitable<void> send(int number, std::int32_t partition = 0) {
    const std::string value = std::to_string(number);
    co_await producer->send(topic, partition, std::nullopt, value);
  }
  asio::awaitable<void> send_all(int first, int next, std::int32_t partition = 0) {
    for (int i = first; i < next; ++i) co_await send(i, partition);
  }
  asio::awaitable<bool> flush(int within_ms = 10'000) {
    const auto deadline = client->deadline_in_ms(within_ms);
    return producer->flush(deadline);
  }

  ProduceOptions with;
  std::unique_ptr<Producer> producer;
  std::vector<std::string> deliveries;
};

}  // namespace

TEST_CASE("producer: records stand in the log in order, whatever is acknowledged") {
  for (const std::int16_t acks : {0, 1, -1}) {
    CAPTURE(acks);
    Producing world;
    world.with.acks = acks;
    world.with.batch_bytes_max = 200;
    world.produce([&]() -> asio::awaitable<void> {
      co_await world.send_all(0, 300);
      const bool all = co_await world.flush();
      CHECK(all);
      CHECK(world.producer->records_written() == 300);
      CHECK(world.producer->records_failed() == 0);
      co_await world.until([&] { return stored(world, 0).size() == 300; }, "what is unacknowledged");
    });
    CHECK(stored(world, 0) == numbers(0, 300));
    CHECK(world.deliveries.size() > 10);
    CHECK(world.deliveries[0] == (acks == 0 ? "-1" : "0"));
  }
}

TEST_CASE("producer: every codec") {
  for (const auto codec : {records::Codec::gzip, records::Codec::snappy, records::Codec::lz4, records::Codec::zstd}) {
    Producing world;
    world.with.codec = codec;
    world.produce([&]() -> asio::awaitable<void> {
      co_await world.send_all(0, 100);
      co_await world.flush();
    });
    CHECK(stored(world, 0) == numbers(0, 100));
  }
}

TEST_CASE("producer: acks 0 is not done before the system has taken the bytes") {
  Producing world;
  world.with.acks = 0;
  world.with.batch_bytes_max = 1'000;  // so that each record goes alone
  world.produce([&]() -> asio::awaitable<void> {
    const std::string value(400'000, 'v');
    for (int i = 0; i < 6; ++i) co_await world.producer->send(topic, 0, std::nullopt, value);
    // The pipe to the broker takes 64 KiB at a time, so this takes a while.
    const bool all = co_await world.flush();
    CHECK(all);
  });
  std::size_t bytes = 0;
  for (const std::string& value : stored(world, 0)) bytes += value.size();
  CHECK(bytes >= 5 * 400'000);  // all but what the network still holds when the connection is closed
}

TEST_CASE("producer: errors that pass keep the order of a partition") {
  Producing world(2, 3);
  world.with.batch_bytes_max = 150;
  world.produce([&]() -> asio::awaitable<void> {
    const ErrorCode errors[] = {ErrorCode::not_leader_or_follower, ErrorCode::not_enough_replicas,
                                ErrorCode::request_timed_out, ErrorCode::unknown_topic_or_partition};
    int skip = 1;
    for (const ErrorCode error : errors) {
      FaultTarget target(ApiKey::produce);
      target.skip = skip;
      target.times = 2;
      skip += 3;
      world.broker.faults().plan(target, Fault::with_error(error));
    }
    for (int i = 0; i < 200; ++i) {
      for (int p = 0; p < 3; ++p) co_await world.send(i, p);
    }
    const bool all = co_await world.flush(60'000);
    CHECK(all);
    CHECK(world.broker.faults().pending() == 0);
  });
  for (int p = 0; p < 3; ++p) CHECK(stored(world, p) == numbers(0, 200));
}

TEST_CASE("producer: follows the leader and outlives a cut connection, at the price of a repetition at most") {
  Producing world(2);
  world.with.batch_bytes_max = 150;
  world.produce([&]() -> asio::awaitable<void> {
    co_await world.send_all(0, 50);
    co_await world.flush();
    world.broker.move_leader("t", 0, 3 - world.broker.leader("t", 0));
    co_await world.send_all(50, 100);
    co_await world.flush();
    world.broker.cut_connections(1);
    world.broker.cut_connections(2);
    co_await world.send_all(100, 150);
    const bool all = co_await world.flush();
    CHECK(all);
  });
  auto values = stored(world, 0);
  values.erase(std::unique(values.begin(), values.end()), values.end());
  CHECK(values == numbers(0, 150));
}

TEST_CASE("producer: an error that does not pass fails its batch and lets the next go") {
  Producing world;
  world.produce([&]() -> asio::awaitable<void> {
    const FaultTarget target(ApiKey::produce);
    world.broker.faults().plan(target, Fault::with_error(ErrorCode::topic_authorization_failed));
    co_await world.send(1);
    co_await world.flush();
    co_await world.send(2);
    co_await world.flush();
    CHECK(world.producer->records_failed() == 1);
    CHECK(world.producer->records_written() == 1);
    REQUIRE(world.producer->first_error());
    CHECK(world.producer->first_error()->code() == ErrorCode::topic_authorization_failed);
    const std::string text = world.producer->first_error()->what();
    CHECK(text.find("t[0]") != std::string::npos);
    CHECK(text.find("10.1.0.1:9092") != std::string::npos);
  });
  CHECK(stored(world, 0) == numbers(2, 3));
  CHECK(world.deliveries == std::vector<std::string>{"failed", "0"});
  CHECK(world.count(EventKind::produce_failed) == 1);
}

TEST_CASE("producer: a record beyond batch.size goes alone; one beyond message.max.bytes is refused") {
  Producing world;
  world.with.batch_bytes_max = 1'000;
  world.produce([&]() -> asio::awaitable<void> {
    co_await world.send(1);
    const std::string large(50'000, 'x');
    co_await world.producer->send(topic, 0, std::nullopt, large);
    const std::string too_large(2 << 20, 'y');
    co_await world.producer->send(topic, 0, std::nullopt, too_large);
    co_await world.send(2);
    co_await world.flush();
    CHECK(world.producer->records_written() == 3);
    CHECK(world.producer->records_failed() == 1);
    REQUIRE(world.producer->first_error());
    CHECK(world.producer->first_error()->code() == ErrorCode::message_too_large);
  });
  const auto values = stored(world, 0);
  REQUIRE(values.size() == 3);
  CHECK(values[1].size() == 50'000);
  CHECK(values[2] == "2");
}

TEST_CASE("producer: gives up after the delivery timeout, whether the broker refuses, is silent, or there is none") {
  enum class Trouble { refuses, silent, no_leader };
  for (const Trouble trouble : {Trouble::refuses, Trouble::silent, Trouble::no_leader}) {
    CAPTURE(static_cast<int>(trouble));
    Producing world;
    world.with.delivery_timeout_ms = 3'000;
    world.with.request_timeout_ms = 1'000;
    world.produce([&]() -> asio::awaitable<void> {
      co_await world.send(0);
      co_await world.flush();
      FaultTarget target(ApiKey::produce);
      target.times = FaultTarget::always;
      if (trouble == Trouble::refuses) {
        world.broker.faults().plan(target, Fault::with_error(ErrorCode::not_leader_or_follower));
      } else if (trouble == Trouble::silent) {
        world.broker.faults().plan(target, Fault::dropping());
      } else {
        world.broker.move_leader("t", 0, -1);
        co_await world.sleep(seconds(3));
      }
      const auto begin = world.client->now();
      co_await world.send_all(1, 4);
      const bool all = co_await world.flush(60'000);
      CHECK(all);
      const auto took = world.client->now() - begin;
      CHECK(took >= seconds(3));
      // One attempt more: what was sent in the last moment is waited for.
      CHECK(took < seconds(11));
      CHECK(world.producer->records_failed() == 3);
      CHECK(world.producer->records_written() == 1);
    });
    CHECK(world.deliveries.back() == "failed");
  }
}

TEST_CASE("producer: a topic that does not exist is an error of send(), with Kafka's name") {
  BrokerOptions options;
  options.auto_create_topics = false;
  Producing world(1, 1, options);
  world.with.request_timeout_ms = 2'000;
  world.produce([&]() -> asio::awaitable<void> {
    auto action = [&]() -> asio::awaitable<void> { co_await world.producer->send(nowhere, -1, std::nullopt, a_value); };
    const auto failure = co_await failure_of(action);
    REQUIRE(failure);
    CHECK(failure->code() == ErrorCode::unknown_topic_or_partition);
    CHECK(std::string(failure->what()).find("nowhere") != std::string::npos);
    auto other = [&]() -> asio::awaitable<void> { co_await world.producer->send(topic, 5, std::nullopt, a_value); };
    const auto no_partition = co_await failure_of(other);
    REQUIRE(no_partition);
    CHECK(no_partition->stage() == Error::Stage::config);
    CHECK(std::string(no_partition->what()).find("t[5]") != std::string::npos);
  });
}

TEST_CASE("producer: send() waits while the buffer is full, and goes on when there is room") {
  Producing world;
  world.with.buffer_bytes_max = 10'000;
  world.with.batch_bytes_max = 2'000;
  world.produce([&]() -> asio::awaitable<void> {
    co_await world.send(0);
    co_await world.flush();
    FaultTarget target(ApiKey::produce);
    target.times = 5;
    world.broker.faults().plan(target, Fault::delaying(milliseconds(500)));
    const std::string value(1'000, 'v');
    std::int64_t most = 0;
    const auto begin = world.client->now();
    for (int i = 0; i < 40; ++i) {
      co_await world.producer->send(topic, 0, std::nullopt, value);
      most = std::max(most, world.producer->bytes_pending());
    }
    CHECK(world.client->now() - begin > seconds(1));
    CHECK(most <= 11'100);
    CHECK_FALSE(world.producer->try_send("unmet", 0, std::nullopt, "v"));
    const bool all = co_await world.flush();
    CHECK(all);
  });
  CHECK(stored(world, 0).size() == 41);
}

TEST_CASE("producer: closing ends at the deadline and fails what was not acknowledged") {
  enum class Trouble { silent, unreachable };
  for (const Trouble trouble : {Trouble::silent, Trouble::unreachable}) {
    CAPTURE(static_cast<int>(trouble));
    Producing world;
    world.produce([&]() -> asio::awaitable<void> {
      co_await world.send(0);
      co_await world.flush();
      if (trouble == Trouble::silent) {
        FaultTarget target(ApiKey::produce);
        target.times = FaultTarget::always;
        world.broker.faults().plan(target, Fault::dropping());
      } else {
        world.sim.network().fail_dials(runtime::Address("10.1.0.1", 0), fixtures::sim::DialFault::silent);
        world.sim.network().cut_all(runtime::Address("10.1.0.1", 0));
      }
      co_await world.send_all(1, 4);
    });
    CHECK(world.producer->records_failed() == 3);
    CHECK(world.producer->records_written() == 1);
    CHECK(world.deliveries.back() == "failed");
  }
}

TEST_CASE("producer: keys decide the partition; records without one are spread, batch by batch") {
  Producing world(1, 4);
  world.with.batch_bytes_max = 300;
  world.produce([&]() -> asio::awaitable<void> {
    for (int i = 0; i < 400; ++i) {
      const std::string value = std::to_string(i);
      if (i % 2 == 0) {
        co_await world.producer->send(topic, -1, std::nullopt, value);
      } else {
        co_await world.producer->send(topic, -1, a_key, value);  // murmur2 479470107, so partition 3 of 4
      }
    }
    co_await world.flush();
  });
  std::size_t odd_elsewhere = 0, partitions_met = 0, all = 0;
  for (int p = 0; p < 4; ++p) {
    const auto values = stored(world, p);
    all += values.size();
    bool even = false;
    for (const std::string& value : values) {
      const bool odd = (value.back() - '0') % 2 == 1;
      odd_elsewhere += odd && p != 3;
      even = even || !odd;
    }
    partitions_met += even;
  }
  CHECK(all == 400);
  CHECK(odd_elsewhere == 0);
  CHECK(partitions_met == 4);
}

TEST_CASE("producer: brokers of old get message sets") {
  for (const std::int16_t version : {0, 1, 2}) {
    for (const auto codec : {records::Codec::none, records::Codec::gzip, records::Codec::snappy, records::Codec::lz4}) {
      CAPTURE(version);
      CAPTURE(records::name(codec));
      BrokerOptions broker_options;
      broker_options.versions[ApiKey::produce] = {0, version};
      Producing world(1, 1, std::move(broker_options));
      world.with.codec = codec;
      world.with.batch_bytes_max = 500;
      world.produce([&]() -> asio::awaitable<void> {
        co_await world.send_all(0, 100);
        const bool all = co_await world.flush();
        CHECK(all);
      });
      CHECK(stored(world, 0) == numbers(0, 100));
      CHECK(world.producer->records_failed() == 0);
      const auto& log = world.broker.log("t", 0);
      const records::BatchView batch(log.batch_at(0));
      CHECK(batch.header().codec() == codec);
      CHECK((batch.header().max_timestamp > 0) == (version == 2));  // magic 0 has none
    }
  }
}

TEST_CASE("producer: what a broker of old cannot store is given up, aloud, and the rest is written") {
  BrokerOptions broker_options;
  broker_options.versions[ApiKey::produce] = {0, 2};
  Producing world(1, 1, std::move(broker_options));
  world.with.linger_ms = 0;
  world.produce([&]() -> asio::awaitable<void> {
    co_await world.send_all(0, 5);
    co_await world.flush();
    const std::vector<records::HeaderView> headers{{"h", {}, false}};
    co_await world.producer->send(topic, 0, std::nullopt, a_value, headers);
    co_await world.flush();
    co_await world.send_all(5, 10);
    co_await world.flush();
  });
  CHECK(stored(world, 0) == numbers(0, 10));
  CHECK(world.producer->records_failed() == 1);
  REQUIRE(world.producer->first_error() != nullptr);
  const std::string why = world.producer->first_error()->what();
  CHECK(why.find("message format v1") != std::string::npos);
  CHECK(why.find("headers") != std::string::npos);
}
