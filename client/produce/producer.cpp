#include "barnabas/client/produce/producer.hpp"

#include <fmt/core.h>

#include <map>
#include <vector>

#include "barnabas/client/cluster/backoff.hpp"
#include "barnabas/client/cluster/connection.hpp"
#include "barnabas/client/produce/accumulator.hpp"
#include "barnabas/client/produce/partitioner.hpp"
#include "barnabas/client/runtime/tasks.hpp"
#include "barnabas/client/runtime/wakeup.hpp"
#include "barnabas/protocol/messages/produce.hpp"
#include "barnabas/protocol/records/message_set.hpp"

namespace barnabas::client {
namespace {

constexpr std::int16_t last_version_with_names = 12;
constexpr std::int16_t first_version_with_batches = 3, first_version_with_magic_1 = 2;
constexpr std::size_t request_bytes_max = 1 << 20;

records::BatchOptions batch_options(const ProduceOptions& options) {
  records::BatchOptions batch(options.codec);
  batch.level = options.level;
  batch.bytes_max = static_cast<std::size_t>(options.batch_bytes_max);
  return batch;
}

}  // namespace

struct Producer::Parts final : MetadataListener {
  Parts(Client& c, ProduceOptions o)
      : client(c),
        options(o),
        accumulator(batch_options(o)),
        tasks(c.runtime()),
        progress(c.runtime().clock()),
        overdue(c.runtime().clock()) {
    client.add_metadata_listener(*this);
    tasks.spawn("give up late records", give_up_late());
  }

  /// One broker's sending loop.
  struct Sender {
    explicit Sender(runtime::Clock& clock) : wakeup(clock) {}
    runtime::Wakeup wakeup;
    std::shared_ptr<Connection> connection;
  };
  /// What one request carries.
  struct Load {
    std::vector<PartitionQueue*> queues;
    runtime::TimePoint next_try = runtime::never;
  };

  void metadata_applied() override {
    wake_all();
    progress.notify_all();
  }
  void wake_all();
  Sender& sender(std::int32_t node_id);
  std::int32_t choose(std::string_view topic, const TopicInfo& info, std::optional<std::string_view> key,
                      std::size_t value_bytes);
  bool ready(PartitionQueue& queue, runtime::TimePoint now, runtime::TimePoint& next_try);
  Load gather(std::int32_t node_id);
  asio::awaitable<void> run(std::int32_t node_id);
  asio::awaitable<void> send(std::int32_t node_id, Load& load);
  void to_message_sets(Load& load, std::int16_t version, const std::string& with);
  void write(protocol::ProduceRequest& request, const Load& load, protocol::Arena& arena);
  void take_response(const protocol::ProduceResponse& response, const Load& load, std::int32_t node_id);
  void settle(PartitionQueue& queue, std::int64_t base_offset, const Error* error);
  void retry(PartitionQueue& queue, const Error& why);
  asio::awaitable<void> give_up_late();
  runtime::TimePoint give_up_at(runtime::TimePoint created) const {
    return created + std::chrono::milliseconds(options.delivery_timeout_ms);
  }

  Client& client;
  ProduceOptions options;
  Accumulator accumulator;
  runtime::TaskGroup tasks;
  runtime::Broadcast progress;
  runtime::Wakeup overdue;  ///< the first record of a queue came, or the end
  std::map<std::int32_t, std::unique_ptr<Sender>> senders;
  std::map<std::string, std::int32_t, std::less<>> topics;  ///< met so far; the partition for records without key
  std::function<void(const Delivery&)> callback;
  std::unique_ptr<Error> first_error;
  std::uint64_t taken = 0, written = 0, failed = 0;
  std::int64_t bytes = 0;
  bool flushing = false, closing = false;
};

Producer::Producer(Client& client, ProduceOptions options) : parts_(std::make_unique<Parts>(client, options)) {}
Producer::~Producer() = default;

void Producer::on_delivery(std::function<void(const Delivery&)> callback) { parts_->callback = std::move(callback); }
std::uint64_t Producer::records_written() const { return parts_->written; }
std::uint64_t Producer::records_failed() const { return parts_->failed; }
std::uint64_t Producer::records_pending() const { return parts_->taken - parts_->written - parts_->failed; }
std::int64_t Producer::bytes_pending() const { return parts_->bytes; }
const Error* Producer::first_error() const { return parts_->first_error.get(); }

bool Producer::try_send(std::string_view topic, std::int32_t partition, std::optional<std::string_view> key,
                        std::optional<std::string_view> value, std::span<const records::HeaderView> headers,
                        std::int64_t timestamp_ms) {
  Parts& p = *parts_;
  if (p.bytes >= p.options.buffer_bytes_max) return false;
  const auto met = p.topics.find(topic);
  if (met == p.topics.end()) return false;
  const TopicInfo* info = p.client.metadata().topic(met->first);
  if (!info || info->partitions.empty()) return false;
  if (partition < 0) partition = p.choose(topic, *info, key, value ? value->size() : 0);
  if (static_cast<std::size_t>(partition) >= info->partitions.size()) {
    throw Error(Error::Stage::config, fmt::format("produce to {}[{}]", topic, partition), "",
                fmt::format("the topic has {} partitions", info->partitions.size()));
  }
  const TopicPartition target(std::string(topic), partition);
  if (timestamp_ms < 0) timestamp_ms = p.client.runtime().clock().unix_ms();
  p.bytes += p.accumulator.append(target, key, value, headers, timestamp_ms, p.client.now());
  ++p.taken;
  PartitionQueue& queue = *p.accumulator.queues()[target];
  const bool full = !queue.sealed.empty();
  if (queue.sealed.empty() && queue.open.count() == 1) p.overdue.set();
  if (full || queue.open.count() == 1) {
    const std::int32_t leader = info->partitions[static_cast<std::size_t>(partition)].leader_id;
    if (leader >= 0) p.sender(leader).wakeup.set();
  }
  return true;
}

asio::awaitable<void> Producer::send(std::string_view topic, std::int32_t partition,
                                     std::optional<std::string_view> key, std::optional<std::string_view> value,
                                     std::span<const records::HeaderView> headers, std::int64_t timestamp_ms) {
  Parts& p = *parts_;
  const auto deadline = p.client.deadline_in_ms(p.options.request_timeout_ms);
  if (p.topics.find(topic) == p.topics.end()) {
    const std::string name(topic);
    p.topics.emplace(name, 0);
    p.client.add_interest(name);
  }
  while (!try_send(topic, partition, key, value, headers, timestamp_ms)) {
    const bool buffer_full = p.bytes >= p.options.buffer_bytes_max;
    const bool in_time = co_await p.progress.wait_until(buffer_full ? runtime::never : deadline);
    if (in_time || buffer_full) continue;
    const std::string name(topic);
    const TopicInfo* info = p.client.metadata().topic(name);
    if (info && info->error != protocol::ErrorCode::none) throw broker_error(info->error, "produce to " + name, "");
    throw Error(Error::Stage::timeout, "produce to " + name, "", "no metadata for the topic");
  }
}

void Producer::Parts::wake_all() {
  for (auto& [key, queue] : accumulator.queues()) {
    const PartitionInfo* info = client.metadata().partition(key.topic, key.partition);
    if (info && info->leader_id >= 0) sender(info->leader_id).wakeup.set();
  }
}

Producer::Parts::Sender& Producer::Parts::sender(std::int32_t node_id) {
  auto& slot = senders[node_id];
  if (!slot) {
    slot = std::make_unique<Sender>(client.runtime().clock());
    if (!closing) tasks.spawn(fmt::format("produce to broker {}", node_id), run(node_id));
  }
  return *slot;
}

/// Java's rule for keys; without a key one partition until its batch is full, then the next (KIP-480).
std::int32_t Producer::Parts::choose(std::string_view topic, const TopicInfo& info, std::optional<std::string_view> key,
                                     std::size_t value_bytes) {
  const auto partitions = static_cast<std::int32_t>(info.partitions.size());
  if (key) return partition_for_key(*key, partitions);
  std::int32_t& sticky = topics.find(topic)->second;
  const TopicPartition current(std::string(topic), sticky % partitions);
  const auto queue = accumulator.queues().find(current);
  if (queue == accumulator.queues().end()) return sticky % partitions;
  const records::BatchBuilder& open = queue->second->open;
  constexpr std::size_t record_overhead = 32;  // lengths, deltas and the like
  const bool full = open.size() + value_bytes + record_overhead > static_cast<std::size_t>(options.batch_bytes_max);
  if (full && !open.empty()) {
    accumulator.seal(*queue->second);
    const std::int32_t leader = info.partitions[static_cast<std::size_t>(current.partition)].leader_id;
    if (leader >= 0) sender(leader).wakeup.set();
  }
  if (open.empty()) ++sticky;
  return sticky % partitions;
}

bool Producer::Parts::ready(PartitionQueue& queue, runtime::TimePoint now, runtime::TimePoint& next_try) {
  if (queue.in_flight) return false;
  if (now < queue.not_before) {
    next_try = std::min(next_try, queue.not_before);
    return false;
  }
  if (!queue.sealed.empty()) return true;
  if (queue.open.empty()) return false;
  const auto due = queue.opened + std::chrono::milliseconds(options.linger_ms);
  if (now < due && !flushing) {
    next_try = std::min(next_try, due);
    return false;
  }
  accumulator.seal(queue);
  return true;
}

Producer::Parts::Load Producer::Parts::gather(std::int32_t node_id) {
  Load load;
  std::size_t size = 0;
  const auto now = client.now();
  for (auto& [key, queue] : accumulator.queues()) {
    const PartitionInfo* info = client.metadata().partition(key.topic, key.partition);
    if (!info || info->leader_id != node_id || !ready(*queue, now, load.next_try)) continue;
    if (size > 0 && size + queue->sealed.front().bytes.size() > request_bytes_max) break;
    size += queue->sealed.front().bytes.size();
    load.queues.push_back(queue.get());
  }
  return load;
}

asio::awaitable<void> Producer::Parts::run(std::int32_t node_id) {
  Sender& self = sender(node_id);
  while (!closing) {
    Load load = gather(node_id);
    if (load.queues.empty()) {
      co_await self.wakeup.wait_until(load.next_try);
      continue;
    }
    for (PartitionQueue* queue : load.queues) queue->in_flight = true;
    std::unique_ptr<Error> failure;
    try {
      co_await send(node_id, load);
    } catch (const Error& error) {
      failure = std::make_unique<Error>(error);
    }
    for (PartitionQueue* queue : load.queues) queue->in_flight = false;
    if (failure) {
      for (PartitionQueue* queue : load.queues) retry(*queue, *failure);
      client.request_metadata("producing failed");
    }
    progress.notify_all();
  }
}

asio::awaitable<void> Producer::Parts::send(std::int32_t node_id, Load& load) {
  protocol::Arena arena;
  protocol::ProduceRequest request;
  const auto deadline = client.deadline_in_ms(options.request_timeout_ms + 5'000);
  const Target target = Target::node(node_id, ConnectionClass::produce);
  auto connection = co_await client.connection(target, deadline);
  sender(node_id).connection = connection;
  const RequestRef ref = RequestRef::of(request, last_version_with_names);
  const std::int16_t version = connection->pick_version(ref);
  for (PartitionQueue* queue : load.queues) queue->sealed.front().message_set.clear();
  if (version < first_version_with_batches) to_message_sets(load, version, connection->with());
  if (load.queues.empty()) co_return;
  write(request, load, arena);
  if (options.acks == 0) {
    co_await connection->send_unanswered(ref, version, deadline);
    for (PartitionQueue* queue : load.queues) settle(*queue, -1, nullptr);
    co_return;
  }
  Reply reply = co_await connection->exchange(ref, version, deadline);
  auto response = protocol::decode<protocol::ProduceResponse>(reply.body, version, arena, protocol::lenient);
  if (!response) {
    throw Error(Error::Stage::protocol, "decode a Produce response", reply.peer,
                response.error().path + ": " + response.error().what);
  }
  take_response(*response, load, node_id);
}

/// For brokers older than 0.11, which take message sets. What those cannot say is given up at once, aloud.
void Producer::Parts::to_message_sets(Load& load, std::int16_t version, const std::string& with) {
  const std::int8_t magic = version >= first_version_with_magic_1 ? 1 : 0;
  std::erase_if(load.queues, [&](PartitionQueue* queue) {
    SealedBatch& batch = queue->sealed.front();
    auto set = records::to_message_set(records::BatchView(batch.bytes), magic);
    if (set) {
      batch.message_set = std::move(*set);
      return false;
    }
    Error error(Error::Stage::version, "produce to " + queue->key.text(), with,
                fmt::format("the broker takes message format v{} only: {}", magic, set.error()));
    error.code(protocol::ErrorCode::unsupported_for_message_format);
    queue->in_flight = false;
    settle(*queue, -1, &error);
    return true;
  });
}

void Producer::Parts::write(protocol::ProduceRequest& request, const Load& load, protocol::Arena& arena) {
  request.acks = options.acks;
  request.timeout_ms = options.request_timeout_ms;
  std::map<std::string_view, std::vector<PartitionQueue*>> groups;
  for (PartitionQueue* queue : load.queues) groups[queue->key.topic].push_back(queue);
  auto topics_list = arena.make_list<protocol::ProduceRequest::Topic>(groups.size());
  std::size_t t = 0;
  for (const auto& [name, queues] : groups) {
    topics_list[t].name = protocol::string(name);
    auto partitions = arena.make_list<protocol::ProduceRequest::Partition>(queues.size());
    for (std::size_t i = 0; i < queues.size(); ++i) {
      partitions[i].index = queues[i]->key.partition;
      const SealedBatch& batch = queues[i]->sealed.front();
      partitions[i].records = protocol::bytes(batch.message_set.empty() ? batch.bytes : batch.message_set);
    }
    topics_list[t++].partition_data = partitions;
  }
  request.topic_data = topics_list;
}

void Producer::Parts::take_response(const protocol::ProduceResponse& response, const Load& load, std::int32_t node_id) {
  std::vector<PartitionQueue*> unanswered(load.queues.begin(), load.queues.end());
  for (const auto& topic : response.responses) {
    for (const auto& partition : topic.partition_responses) {
      const auto queue = accumulator.queues().find(TopicPartition(std::string(*topic.name), partition.index));
      if (queue == accumulator.queues().end() || std::erase(unanswered, queue->second.get()) == 0) continue;
      const auto code = static_cast<protocol::ErrorCode>(*partition.error_code);
      if (code == protocol::ErrorCode::none) {
        settle(*queue->second, partition.base_offset, nullptr);
        continue;
      }
      const protocol::string message = partition.error_message ? **partition.error_message : protocol::string();
      const Error error = broker_error(code, "produce to " + queue->first.text(), client.describe(node_id), message);
      if (!error.retriable()) {
        settle(*queue->second, -1, &error);
        continue;
      }
      client.metadata().apply_leader_hint(queue->first.topic, queue->first.partition,
                                          partition.current_leader->leader_id, partition.current_leader->leader_epoch);
      client.request_metadata(error.what());
      retry(*queue->second, error);
    }
  }
  Error missing(Error::Stage::protocol, "produce", client.describe(node_id), "the answer leaves a partition out");
  for (PartitionQueue* queue : unanswered) retry(*queue, missing);
}

/// The first batch of the queue is written, or given up.
void Producer::Parts::settle(PartitionQueue& queue, std::int64_t base_offset, const Error* error) {
  if (queue.sealed.empty()) return;
  SealedBatch batch = std::move(queue.sealed.front());
  queue.sealed.pop_front();
  queue.attempts = 0;
  bytes -= batch.charged;
  (error ? failed : written) += static_cast<std::uint64_t>(batch.records);
  if (error && !first_error) first_error = std::make_unique<Error>(*error);
  if (error) {
    Event event(EventKind::produce_failed, Severity::error, error->what());
    event.topic = queue.key.topic;
    event.partition = queue.key.partition;
    event.count = batch.records;
    event.code = error->code();
    client.events().on_event(event);
  }
  if (callback) {
    Delivery delivery;
    delivery.topic = queue.key.topic;
    delivery.partition = queue.key.partition;
    delivery.base_offset = base_offset;
    delivery.records = batch.records;
    delivery.error = error;
    callback(delivery);
  }
}

void Producer::Parts::retry(PartitionQueue& queue, const Error& why) {
  if (queue.sealed.empty()) return;
  if (!why.retriable() || client.now() > give_up_at(queue.sealed.front().created) || closing) {
    settle(queue, -1, &why);
    return;
  }
  Backoff backoff(client.options().retry_backoff_ms, client.options().retry_backoff_max_ms);
  for (int i = 0; i < queue.attempts; ++i) backoff.next(client.runtime().random());
  ++queue.attempts;
  queue.not_before = client.now() + backoff.next(client.runtime().random());
}

/// Ends what no attempt ends: batches of partitions that have no leader, or whose broker is not even tried.
asio::awaitable<void> Producer::Parts::give_up_late() {
  while (!closing) {
    auto next = runtime::never;
    for (auto& [key, queue] : accumulator.queues()) {
      if (!queue->open.empty() && client.now() >= give_up_at(queue->opened)) accumulator.seal(*queue);
      while (!queue->in_flight && !queue->sealed.empty() && client.now() >= give_up_at(queue->sealed.front().created)) {
        Error late(Error::Stage::timeout, "produce to " + key.text(), "",
                   "no attempt succeeded before the delivery timeout");
        late.hint("the partition has no leader, or its leader cannot be reached");
        settle(*queue, -1, &late);
        progress.notify_all();
      }
      auto due = runtime::never;
      if (!queue->sealed.empty()) {
        due = give_up_at(queue->sealed.front().created);
      } else if (!queue->open.empty()) {
        due = give_up_at(queue->opened);
      }
      // A batch under way ends by its own timeout, and retry() looks at the clock.
      if (queue->in_flight) due = std::max(due, client.deadline_in_ms(1'000));
      next = std::min(next, due);
    }
    co_await overdue.wait_until(next);
  }
}

asio::awaitable<bool> Producer::flush(runtime::TimePoint deadline) {
  Parts& p = *parts_;
  p.flushing = true;
  while (records_pending() > 0) {
    p.wake_all();
    if (!co_await p.progress.wait_until(deadline)) break;
  }
  p.flushing = false;
  co_return records_pending() == 0;
}

asio::awaitable<void> Producer::close(runtime::TimePoint deadline) {
  Parts& p = *parts_;
  co_await flush(deadline);
  p.closing = true;
  p.client.remove_metadata_listener(p);
  Error late(Error::Stage::timeout, "write the last batches", "", "closing before they were acknowledged");
  for (auto& [node_id, sender] : p.senders) {
    if (sender->connection && records_pending() > 0) sender->connection->close(late);
    p.client.interrupt(node_id, ConnectionClass::produce);
    sender->wakeup.set();
  }
  p.overdue.set();
  co_await p.tasks.join();
  for (auto& [key, queue] : p.accumulator.queues()) {
    p.accumulator.seal(*queue);
    while (!queue->sealed.empty()) p.settle(*queue, -1, &late);
  }
  for (const auto& [topic, sticky] : p.topics) p.client.remove_interest(topic);
}

}  // namespace barnabas::client
