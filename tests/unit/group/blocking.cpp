// The consumer without coroutines, on real threads and sockets: the embedded broker has a loop of its own.
#include "barnabas/group/blocking.hpp"

#include <doctest/doctest.h>

#include <future>
#include <map>
#include <thread>

#include "barnabas/client/runtime/asio_runtime.hpp"
#include "barnabas/client/runtime/wakeup.hpp"
#include "barnabas/fixtures/broker/broker.hpp"
#include "barnabas/protocol/records/builder.hpp"

using namespace barnabas;
using namespace barnabas::group;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

std::string batch_of(int count) {
  records::BatchBuilder builder;
  for (int i = 0; i < count; ++i) {
    const std::string value = "value " + std::to_string(i);
    builder.append(1'700'000'000'000 + i, std::nullopt, std::string_view(value));
  }
  return builder.finish();
}

/// One node with the topic "t" of two partitions, `count` records in each.
class LiveBroker {
 public:
  explicit LiveBroker(int count) {
    thread_ = std::thread([this, count] { runtime_.run(serve(count)); });
    bootstrap_ = ready_.get_future().get();
  }
  ~LiveBroker() {
    runtime_.stop();
    thread_.join();
  }
  client::ClientOptions cluster() const {
    client::ClientOptions options;
    options.bootstrap_servers = client::parse_endpoints(bootstrap_);
    return options;
  }

 private:
  asio::awaitable<void> serve(int count) {
    const fixtures::broker::BrokerOptions options(1, 0);
    fixtures::broker::Broker broker(runtime_, options);
    const auto started = broker.start();
    if (!started) throw std::runtime_error(started.error());
    broker.create_topic("t", 2, 1);
    const std::string batch = batch_of(count);
    for (int partition = 0; partition < 2; ++partition) broker.append("t", partition, protocol::bytes(batch));
    ready_.set_value(broker.bootstrap_servers());
    runtime::Wakeup never(runtime_.clock());
    co_await never.wait();
  }

  runtime::AsioRuntime runtime_;
  std::promise<std::string> ready_;
  std::string bootstrap_;
  std::thread thread_;
};

ConsumerOptions member_of(const char* group) {
  ConsumerOptions options;
  options.group.group_id = group;
  options.fetch.offset_reset = client::OffsetReset::earliest;
  return options;
}

/// Polls until `count` records came, or nothing for long; offsets by partition.
std::map<int, std::vector<std::int64_t>> read(BlockingConsumer& consumer, std::size_t count, bool done = true) {
  std::map<int, std::vector<std::int64_t>> offsets;
  for (std::size_t taken = 0; taken < count;) {
    const PolledBatch batch = consumer.poll(seconds(30));
    REQUIRE(!batch.empty());
    CHECK(batch.topic() == "t");
    for (const auto& record : batch.records()) {
      CHECK(record.view().value_text() == "value " + std::to_string(record.offset()));
      offsets[batch.partition()].push_back(record.offset());
    }
    taken += batch.records().size();
    if (done) consumer.done(batch);
  }
  return offsets;
}

std::vector<std::int64_t> up_to(std::int64_t end) {
  std::vector<std::int64_t> offsets;
  for (std::int64_t offset = 0; offset < end; ++offset) offsets.push_back(offset);
  return offsets;
}

}  // namespace

TEST_CASE("blocking: what is done is committed, and the next member goes on there") {
  const LiveBroker broker(1000);
  {
    BlockingOptions small;
    small.poll_records_max = 7;
    BlockingConsumer consumer(broker.cluster(), member_of("g"), nullptr, small);
    consumer.subscribe({"t"});
    const auto offsets = read(consumer, 2000);
    CHECK(offsets.at(0) == up_to(1000));
    CHECK(offsets.at(1) == up_to(1000));
    consumer.commit();
    CHECK(consumer.poll(milliseconds(1)).empty());
    consumer.close(seconds(5));
    CHECK(consumer.poll(seconds(30)).empty());
    CHECK_THROWS_AS(consumer.commit(), Error);
    consumer.close(seconds(5));
  }
  BlockingConsumer next(broker.cluster(), member_of("g"));
  next.subscribe({"t"});
  CHECK(next.poll(seconds(1)).empty());
}

TEST_CASE("blocking: what is not done comes again") {
  const LiveBroker broker(20);
  {
    BlockingConsumer consumer(broker.cluster(), member_of("g"));
    consumer.subscribe({"t"});
    read(consumer, 40, false);
    consumer.close(milliseconds(300));
  }
  BlockingConsumer again(broker.cluster(), member_of("g"));
  again.subscribe({"t"});
  CHECK(read(again, 40).at(1) == up_to(20));
}

TEST_CASE("blocking: several threads share the batches") {
  const LiveBroker broker(500);
  BlockingOptions small;
  small.poll_records_max = 3;
  ConsumerOptions alone;
  BlockingConsumer consumer(broker.cluster(), alone, nullptr, small);
  consumer.assign({"t", 0}, client::StartPosition::earliest());
  consumer.assign({"t", 1}, client::StartPosition::earliest());
  const auto count = [&consumer] {
    std::size_t records = 0;
    for (;;) {
      const PolledBatch batch = consumer.poll(seconds(2));
      if (batch.empty()) return records;
      records += batch.records().size();
      consumer.done(batch);
    }
  };
  auto other = std::async(std::launch::async, count);
  const std::size_t mine = count();
  CHECK(mine + other.get() == 1000);
}

TEST_CASE("blocking: a cluster that does not answer is an error at once, and so are options that cannot work") {
  client::ClientOptions nobody;
  nobody.bootstrap_servers = client::parse_endpoints("127.0.0.1:1");
  BlockingOptions impatient;
  impatient.connect_timeout_ms = 2'000;
  CHECK_THROWS_AS(BlockingConsumer(nobody, member_of("g"), nullptr, impatient), Error);
  const LiveBroker broker(1);
  ConsumerOptions nameless;
  BlockingConsumer consumer(broker.cluster(), nameless);
  CHECK_THROWS_AS(consumer.subscribe({"t"}), Error);
}
