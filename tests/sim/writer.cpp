#include "barnabas/tests/sim/writer.hpp"

#include <fmt/format.h>

#include <numeric>
#include <optional>
#include <string_view>

#include "barnabas/tests/sim/world.hpp"

namespace barnabas::tests::sim {
namespace {

using std::chrono::milliseconds;

constexpr const char* writer_ip = "10.0.1.1";
constexpr auto time_to_write = std::chrono::seconds(60);

client::ClientOptions client_options(const World& world) {
  client::ClientOptions options = world.shape.client;
  options.bootstrap_servers = world.bootstrap_servers();
  options.client_id = "writer";
  return options;
}

}  // namespace

Writer::Writer(World& world)
    : world_(world),
      machine_(world.sim.host(writer_ip)),
      random_(world.shape.seed, "writer"),
      client_(machine_, client_options(world), *this) {
  for (const TopicShape& topic : world.shape.topics) {
    Line line;
    line.producer = std::make_unique<client::Producer>(client_, topic.produce);
    line.written.resize(static_cast<std::size_t>(topic.partitions));
    line.left = topic.records;
    lines_.push_back(std::move(line));
  }
}

Writer::~Writer() = default;

void Writer::on_event(const client::Event& event) noexcept {
  world_.sim.trace("writer: " + event.text);
  if (event.kind == client::EventKind::produce_failed) world_.violated("the writer says: " + event.text);
}

asio::awaitable<void> Writer::connect() {
  bool connected = false;
  while (!connected) {
    const auto deadline = client_.deadline_in_ms(3'000);
    try {
      co_await client_.connect(deadline);
      connected = true;
    } catch (const Error& error) {
      world_.sim.trace(fmt::format("writer: {}", error.what()));
    }
    if (!connected) co_await runtime::sleep_for(machine_.clock(), milliseconds(200));
  }
}

asio::awaitable<void> Writer::run() {
  co_await connect();
  int left =
      std::accumulate(lines_.begin(), lines_.end(), 0, [](int sum, const Line& line) { return sum + line.left; });
  const runtime::Duration pace = 2 * world_.shape.disorder / (left + 1);
  while (left > 0) {
    const auto burst = static_cast<int>(random_.below(16)) + 1;
    for (int i = 0; i < burst && left > 0; ++i, --left) {
      std::size_t topic = random_.below(lines_.size());
      while (lines_[topic].left == 0) topic = (topic + 1) % lines_.size();
      co_await write_one(topic);
    }
    const auto pause = random_.between(runtime::Duration(0), pace * burst);
    if (client_.now() + pause < world_.calm_at) co_await runtime::sleep_for(machine_.clock(), pause);
  }
  const auto deadline = std::max(world_.calm_at, client_.now()) + time_to_write;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    const bool flushed = co_await lines_[i].producer->flush(deadline);
    if (!flushed) world_.violated("the writer could not write its records although nothing stood in its way any more");
    for (std::size_t p = 0; p < lines_[i].written.size(); ++p) {
      const client::TopicPartition partition(world_.shape.topics[i].name, static_cast<std::int32_t>(p));
      world_.ledger->check_written(partition, lines_[i].written[p]);
    }
  }
}

asio::awaitable<void> Writer::write_one(std::size_t topic) {
  const TopicShape& shape = world_.shape.topics[topic];
  Line& line = lines_[topic];
  const std::size_t partition = random_.below(line.written.size());
  const std::int64_t number = line.written[partition]++;
  --line.left;
  const auto index = static_cast<std::int32_t>(partition);
  std::string value = value_for(shape.name, index, number, shape.value_bytes_max);
  co_await send(topic, index, std::move(value));
}

/// Until the producer has taken it: before it knows the topic it may refuse.
asio::awaitable<void> Writer::send(std::size_t topic, std::int32_t partition, std::string value) {
  const std::string& name = world_.shape.topics[topic].name;
  const std::string key = fmt::format("key {}", random_.below(5));
  const std::optional<std::string_view> key_view(key), value_view(value);
  while (true) {
    try {
      co_await lines_[topic].producer->send(name, partition, key_view, value_view);
      co_return;
    } catch (const Error& error) {
      world_.sim.trace(fmt::format("writer: {}", error.what()));
    }
  }
}

std::string Writer::value_for(const std::string& topic, std::int32_t partition, std::int64_t number,
                              std::size_t bytes_max) {
  Label label;
  label.topic = topic;
  label.partition = partition;
  label.number = number;
  std::string value = label.text();
  const std::size_t filler = random_.below(bytes_max + 1);
  for (std::size_t i = 0; i < filler; ++i) value += static_cast<char>('a' + i % 23);
  return value;
}

asio::awaitable<void> Writer::close() {
  const auto deadline = client_.deadline_in_ms(1'000);
  for (Line& line : lines_) co_await line.producer->close(deadline);
  co_await client_.close(deadline);
  if (client_.pool().used() != 0) world_.violated("the writer is closed and some of its memory is in use");
}

}  // namespace barnabas::tests::sim
