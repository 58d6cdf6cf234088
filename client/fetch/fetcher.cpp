#include "barnabas/client/fetch/fetcher.hpp"

#include <fmt/core.h>

#include <map>
#include <memory>

#include "barnabas/client/fetch/broker_loop.hpp"
#include "barnabas/client/fetch/reset.hpp"
#include "barnabas/client/runtime/tasks.hpp"

namespace barnabas::client {

using protocol::ErrorCode;

struct Fetcher::Parts final : FetchContext, MetadataListener {
  Parts(Client& c, FetchOptions o)
      : FetchContext(c, std::move(o)), tasks(c.runtime()), lookups(c.runtime().clock()), room(c.runtime().clock()) {
    client.pool().on_room([](void* self) { static_cast<Parts*>(self)->room.set(); }, this);
    client.add_metadata_listener(*this);
    tasks.spawn("look up offsets", lookup_loop());
    tasks.spawn("follow memory", follow_memory());
  }

  void look_up_offset(FetchPartition& partition) override;
  void retarget() override;
  void stop_partition(FetchPartition& partition, const Error& error) override;
  void move_to(FetchPartition& partition, std::int64_t offset, std::int32_t leader_epoch) override;
  void metadata_applied() override { retarget(); }

  void start_at(FetchPartition& partition, StartPosition start);
  void wake_reader_of(FetchPartition& partition);
  BrokerLoop& loop(std::int32_t node_id);
  FetchPartition* find(const TopicPartition& key);

  asio::awaitable<void> follow_memory();
  asio::awaitable<void> lookup_loop();
  static asio::awaitable<void> look_up(std::weak_ptr<Parts*> fetcher, Client& client, Isolation isolation,
                                       std::int32_t node_id, std::vector<OffsetQuery> queries);
  void take_answers(const std::vector<OffsetQuery>& queries, std::int32_t node_id, const Error* failure);
  void follow_topic(FetchPartition& partition);
  void topic_recreated(FetchPartition& partition);
  void take_answer(const OffsetQuery& query, std::int32_t node_id);

  std::map<std::int32_t, std::unique_ptr<BrokerLoop>> loops;
  runtime::TaskGroup tasks;
  runtime::Wakeup lookups;
  runtime::Wakeup room;
  std::uint64_t next_epoch = 1;
  std::uint64_t next_lookup = 1;
  /// For questions under way: they end with the client, which may be later than this.
  std::shared_ptr<Parts*> alive = std::make_shared<Parts*>(this);
};

Fetcher::Fetcher(Client& client, FetchOptions options) : parts_(std::make_unique<Parts>(client, std::move(options))) {}
Fetcher::~Fetcher() = default;

const FetchOptions& Fetcher::options() const { return parts_->options; }

void Fetcher::add(const TopicPartition& key, StartPosition start, FetchSink& sink) {
  auto [at, is_new] = parts_->partitions.try_emplace(key);
  if (!is_new) throw Error(Error::Stage::config, "fetch " + key.text(), "", "it is being fetched already");
  at->second = std::make_unique<FetchPartition>(key, sink, parts_->client.options());
  parts_->client.add_interest(key.topic);
  if (const TopicInfo* topic = parts_->client.metadata().topic(key.topic)) at->second->topic_id = topic->id;
  parts_->start_at(*at->second, start);
}

void Fetcher::remove(const TopicPartition& key) {
  if (parts_->partitions.erase(key) > 0) parts_->client.remove_interest(key.topic);
}

void Fetcher::seek(const TopicPartition& key, StartPosition start) {
  if (FetchPartition* partition = parts_->find(key)) parts_->start_at(*partition, start);
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

/// Offsets of the old topic mean nothing in the new one, and none of its records was read: they begin at its start.
void Fetcher::Parts::topic_recreated(FetchPartition& partition) {
  if (options.offset_reset == OffsetReset::none) {
    Error other(Error::Stage::broker, fmt::format("read {} from offset {}", partition.key.text(), partition.position),
                "", "the topic was deleted and created again");
    other.hint("auto.offset.reset is none, so nothing decides where to go on");
    stop_partition(partition, other);
    return;
  }
  partition.replica_id = -1;
  partition.not_before = {};
  partition.start = StartPosition::earliest();
  look_up_offset(partition);
}

void Fetcher::Parts::start_at(FetchPartition& partition, StartPosition start) {
  partition.start = start;
  partition.status.stopped = false;
  partition.not_before = {};
  if (start.kind == StartPosition::Kind::offset) {
    move_to(partition, start.value, start.leader_epoch);
  } else {
    look_up_offset(partition);
  }
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

void Fetcher::Parts::look_up_offset(FetchPartition& partition) {
  partition.phase = FetchPartition::Phase::finding_offset;
  partition.lookup = 0;  // the answer to an older question is not wanted any more
  lookups.set();
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

/// Memory came back: loops that found none may ask again.
asio::awaitable<void> Fetcher::Parts::follow_memory() {
  while (!closing) {
    co_await room.wait();
    for (auto& [node_id, broker_loop] : loops) broker_loop->wake();
  }
}

asio::awaitable<void> Fetcher::Parts::lookup_loop() {
  while (!closing) {
    std::map<std::int32_t, std::vector<OffsetQuery>> by_leader;
    auto next_try = runtime::never;
    for (auto& [key, partition] : partitions) {
      if (partition->phase != FetchPartition::Phase::finding_offset || partition->lookup != 0) continue;
      const PartitionInfo* info = client.metadata().partition(key.topic, key.partition);
      if (!info || info->leader_id < 0) continue;  // metadata will wake this loop
      if (client.now() < partition->not_before) {
        next_try = std::min(next_try, partition->not_before);
        continue;
      }
      partition->lookup = next_lookup++;
      OffsetQuery query;
      query.number = partition->lookup;
      query.partition = key;
      query.timestamp = partition->start.value;
      by_leader[info->leader_id].push_back(std::move(query));
    }
    for (auto& [node_id, queries] : by_leader) {
      client.spawn("list offsets", look_up(alive, client, options.isolation, node_id, std::move(queries)));
    }
    co_await lookups.wait_until(next_try);
  }
}

/// Runs among the client's tasks: an answer that does not come must not hold the fetcher's end.
asio::awaitable<void> Fetcher::Parts::look_up(std::weak_ptr<Parts*> fetcher, Client& client, Isolation isolation,
                                              std::int32_t node_id, std::vector<OffsetQuery> queries) {
  std::unique_ptr<Error> failure;
  const auto deadline = client.deadline_in_ms(client.options().request_timeout_ms);
  try {
    co_await list_offsets(client, node_id, queries, isolation, deadline);
  } catch (const Error& error) {
    failure = std::make_unique<Error>(error);
  }
  const auto parts = fetcher.lock();
  if (parts && !(*parts)->closing) (*parts)->take_answers(queries, node_id, failure.get());
}

void Fetcher::Parts::take_answers(const std::vector<OffsetQuery>& queries, std::int32_t node_id, const Error* failure) {
  if (failure) {
    Event event(EventKind::fetch_failed, Severity::warning, failure->what());
    event.node_id = node_id;
    client.events().on_event(event);
    client.request_metadata("asking for offsets failed");
  }
  for (const OffsetQuery& query : queries) {
    FetchPartition* partition = find(query.partition);
    // Sought, removed or added anew meanwhile: another question counts.
    if (!partition || partition->lookup != query.number) continue;
    partition->lookup = 0;
    if (failure) {
      partition->not_before = client.now() + partition->backoff.next(client.runtime().random());
    } else {
      take_answer(query, node_id);
    }
  }
  lookups.set();
}

void Fetcher::Parts::take_answer(const OffsetQuery& query, std::int32_t node_id) {
  FetchPartition& partition = *find(query.partition);
  if (query.error == ErrorCode::none) {
    std::int64_t offset = query.offset;
    if (offset < 0 && query.timestamp >= 0) {
      // No record at or after that time: what is asked for lies in the future.
      partition.start = StartPosition::latest();
      return;
    }
    if (offset < 0) {  // every log has a beginning and an end
      partition.not_before = client.now() + partition.backoff.next(client.runtime().random());
      return;
    }
    Event event(EventKind::offset_reset, Severity::info,
                fmt::format("{}: starts at offset {} ({})", partition.key.text(), offset,
                            query.timestamp == -2   ? "earliest"
                            : query.timestamp == -1 ? "latest"
                                                    : "by time"));
    event.topic = partition.key.topic;
    event.partition = partition.key.partition;
    event.offset = offset;
    event.node_id = node_id;
    client.events().on_event(event);
    partition.backoff.reset();
    move_to(partition, offset, -1);
    return;
  }
  if (query.error == ErrorCode::topic_authorization_failed ||
      query.error == ErrorCode::unsupported_for_message_format) {
    stop_partition(partition,
                   broker_error(query.error, "find the start of " + partition.key.text(), client.describe(node_id)));
    return;
  }
  partition.not_before = client.now() + partition.backoff.next(client.runtime().random());
  client.request_metadata(partition.key.text() + ": " +
                          std::string(protocol::error_name(static_cast<std::int16_t>(query.error))));
}

}  // namespace barnabas::client
