#include "barnabas/client/fetch/fetcher.hpp"

#include <fmt/core.h>

#include "barnabas/client/fetch/fetcher_parts.hpp"

namespace barnabas::client {

using protocol::ErrorCode;

Fetcher::Parts::Parts(Client& c, FetchOptions o)
    : FetchContext(c, std::move(o)),
      tasks(c.runtime()),
      lookups(c.runtime().clock()),
      room(c.runtime().clock()),
      ending(c.runtime().clock()) {
  client.pool().on_room([](void* self) { static_cast<Parts*>(self)->room.set(); }, this);
  client.add_metadata_listener(*this);
  tasks.spawn("look up offsets", lookup_loop());
  tasks.spawn("follow memory", follow_memory());
  tasks.spawn("watch answers", watch_answers());
}

Fetcher::Fetcher(Client& client, FetchOptions options) : parts_(std::make_unique<Parts>(client, std::move(options))) {}
Fetcher::~Fetcher() = default;

const FetchOptions& Fetcher::options() const { return parts_->options; }

void Fetcher::add(const TopicPartition& key, StartPosition start, FetchSink& sink, EndPosition end) {
  auto [at, is_new] = parts_->partitions.try_emplace(key);
  if (!is_new) throw Error(Error::Stage::config, "fetch " + key.text(), "", "it is being fetched already");
  at->second = std::make_unique<FetchPartition>(key, sink, parts_->client.options());
  at->second->end = end;
  parts_->client.add_interest(key.topic);
  if (const TopicInfo* topic = parts_->client.metadata().topic(key.topic)) at->second->topic_id = topic->id;
  parts_->start_at(*at->second, start, end);
}

void Fetcher::remove(const TopicPartition& key) {
  if (parts_->partitions.erase(key) > 0) parts_->client.remove_interest(key.topic);
}

void Fetcher::seek(const TopicPartition& key, StartPosition start) {
  FetchPartition* partition = parts_->find(key);
  if (!partition) return;
  // Where reading ends stays as it was found.
  const std::int64_t end = partition->status.end_offset;
  parts_->start_at(*partition, start, end < 0 ? partition->end : EndPosition::before_offset(end));
}

void Fetcher::pause(const TopicPartition& key) {
  FetchPartition* partition = parts_->find(key);
  if (partition) partition->user_paused = partition->status.paused = true;
}

void Fetcher::resume(const TopicPartition& key) {
  FetchPartition* partition = parts_->find(key);
  if (!partition || !partition->user_paused) return;
  partition->user_paused = partition->status.paused = false;
  parts_->wake_reader_of(*partition);
}

void Fetcher::wake(const TopicPartition& key) {
  FetchPartition* partition = parts_->find(key);
  if (!partition || !(partition->full || partition->starved)) return;
  if (partition->full) {
    Event event(EventKind::partition_resumed, Severity::debug, key.text() + ": its handler has room again");
    event.topic = key.topic;
    event.partition = key.partition;
    parts_->client.events().on_event(event);
  }
  partition->full = partition->starved = false;
  parts_->wake_reader_of(*partition);
}

const FetchStatus* Fetcher::status(const TopicPartition& key) const {
  FetchPartition* partition = parts_->find(key);
  return partition ? &partition->status : nullptr;
}

asio::awaitable<void> Fetcher::close(runtime::TimePoint) {
  parts_->closing = true;
  parts_->client.pool().on_room(nullptr, nullptr);
  parts_->client.remove_metadata_listener(*parts_);
  for (auto& [node_id, loop] : parts_->loops) loop->abort();
  parts_->lookups.set();
  parts_->room.set();
  parts_->ending.set();
  co_await parts_->tasks.join();
  for (auto& [key, partition] : parts_->partitions) parts_->client.remove_interest(key.topic);
  parts_->partitions.clear();
}

FetchPartition* Fetcher::Parts::find(const TopicPartition& key) {
  const auto found = partitions.find(key);
  return found == partitions.end() ? nullptr : found->second.get();
}

BrokerLoop& Fetcher::Parts::loop(std::int32_t node_id) {
  auto& slot = loops[node_id];
  if (!slot) {
    slot = std::make_unique<BrokerLoop>(*this, node_id);
    tasks.spawn(fmt::format("fetch from broker {}", node_id), slot->run());
  }
  return *slot;
}

void Fetcher::Parts::wake_reader_of(FetchPartition& partition) {
  if (closing) return;
  const PartitionInfo* info = client.metadata().partition(partition.key.topic, partition.key.partition);
  if (!info || info->leader_id < 0) {
    client.request_metadata(partition.key.text() + " has no known leader");
    return;
  }
  loop(partition.replica_id >= 0 ? partition.replica_id : info->leader_id).wake();
}

void Fetcher::Parts::retarget() {
  for (auto& [key, partition] : partitions) {
    follow_topic(*partition);
    if (partition->phase == FetchPartition::Phase::fetching) wake_reader_of(*partition);
  }
  lookups.set();
}

void Fetcher::Parts::leave_follower(std::int32_t node_id) {
  bool followed = false;
  for (auto& [key, partition] : partitions) {
    if (partition->replica_id != node_id) continue;
    partition->replica_id = -1;
    followed = true;
  }
  if (followed) retarget();
}

void Fetcher::Parts::follow_topic(FetchPartition& partition) {
  const TopicInfo* topic = client.metadata().topic(partition.key.topic);
  if (!topic || partition.phase == FetchPartition::Phase::stopped) return;
  if (topic->error == ErrorCode::topic_authorization_failed && topic->partitions.empty()) {
    stop_partition(partition, broker_error(topic->error, "read " + partition.key.text(), "asking for metadata"));
    return;
  }
  if (topic->id.is_zero()) return;
  const bool other = !partition.topic_id.is_zero() && partition.topic_id != topic->id;
  partition.topic_id = topic->id;
  if (other) topic_recreated(partition);
}

void Fetcher::Parts::move_to(FetchPartition& partition, std::int64_t offset, std::int32_t leader_epoch) {
  partition.phase = FetchPartition::Phase::fetching;
  partition.lookup = 0;
  partition.position = partition.status.position = offset;
  partition.last_epoch = leader_epoch;
  partition.epoch = next_epoch++;
  partition.full = false;
  partition.sink->on_position(offset, partition.epoch);
  wake_reader_of(partition);
}

void Fetcher::Parts::stop_partition(FetchPartition& partition, const Error& error) {
  partition.phase = FetchPartition::Phase::stopped;
  partition.status.stopped = true;
  Event event(EventKind::partition_stopped, Severity::error, error.what());
  event.topic = partition.key.topic;
  event.partition = partition.key.partition;
  event.offset = partition.position;
  event.code = error.code();
  client.events().on_event(event);
  partition.sink->on_stopped(error);
}

/// A leader that is frozen and not dead ends no connection: it is found out by the answer that does not come, and
/// others may lead by then. Its late answers are nobody's.
asio::awaitable<void> Fetcher::Parts::watch_answers() {
  constexpr auto interval = std::chrono::seconds(1);
  while (!closing) {
    co_await ending.wait_until(client.now() + interval);
    std::vector<std::int32_t> late;
    for (auto& [node_id, broker_loop] : loops) {
      if (closing || !broker_loop->overdue(client.now())) continue;
      late.push_back(node_id);
    }
    for (const std::int32_t node_id : late) {
      client.request_metadata(client.describe(node_id) + " does not answer a Fetch");
      leave_follower(node_id);  // may make a loop
    }
  }
}

/// Memory came back: loops that found none may ask again.
asio::awaitable<void> Fetcher::Parts::follow_memory() {
  while (!closing) {
    co_await room.wait();
    for (auto& [node_id, broker_loop] : loops) broker_loop->wake();
  }
}

}  // namespace barnabas::client
