// Where partitions start and end, and what happens when a position is no longer in the log. Only the present leader is
// believed, and only when it answers under the leader epoch that is known.
#include <fmt/core.h>

#include <algorithm>
#include <type_traits>

#include "barnabas/client/fetch/fetcher_parts.hpp"

namespace barnabas::client {

using protocol::ErrorCode;
using Phase = FetchPartition::Phase;

namespace {

Event about(const FetchPartition& partition, EventKind kind, Severity severity, std::int32_t node_id,
            std::string text) {
  Event event(kind, severity, std::move(text));
  event.topic = partition.key.topic;
  event.partition = partition.key.partition;
  event.offset = partition.position;
  event.node_id = node_id;
  return event;
}

/// "the log reaches from 10 to 20", as far as that is known.
std::string extent(const FetchStatus& status) {
  if (status.log_start_offset < 0 && status.high_watermark < 0) return "";
  if (status.high_watermark < 0) return fmt::format("; the log began at {}", status.log_start_offset);
  return fmt::format("; the log reached from {} to {}", std::max<std::int64_t>(0, status.log_start_offset),
                     status.high_watermark);
}

}  // namespace

void Fetcher::Parts::start_at(FetchPartition& partition, StartPosition start, EndPosition end) {
  partition.status.stopped = false;
  partition.not_before = {};
  partition.end_told = false;
  partition.search.begin(start, end, client.runtime().clock().unix_ms());
  if (!partition.search.question()) {
    found(partition, -1);
    return;
  }
  partition.phase = Phase::finding_offset;
  partition.lookup = 0;  // the answer to an older question is not wanted any more
  lookups.set();
}

void Fetcher::Parts::look_up_offset(FetchPartition& partition, StartPosition start) {
  partition.search.begin_again(start, client.runtime().clock().unix_ms());
  partition.phase = Phase::finding_offset;
  partition.lookup = 0;
  lookups.set();
}

/// All questions are answered.
void Fetcher::Parts::found(FetchPartition& partition, std::int32_t node_id) {
  const OffsetSearch& search = partition.search;
  if (!std::exchange(partition.end_told, true)) {
    partition.status.end_offset = search.end();
    partition.sink->on_end(search.end());
  }
  if (search.asked()) {
    const std::int64_t old = partition.position;
    std::string text =
        fmt::format("{}: starts at offset {} ({})", partition.key.text(), search.start(), search.reason());
    if (old >= 0 && old != search.start()) {
      text = fmt::format("{}: goes on at offset {} instead of {} ({}{})", partition.key.text(), search.start(), old,
                         search.reason(), extent(partition.status));
    }
    Event event = about(partition, EventKind::offset_reset, Severity::info, node_id, std::move(text));
    event.offset = search.start();
    client.events().on_event(event);
  }
  partition.backoff.reset();
  move_to(partition, search.start(), search.leader_epoch());
}

void Fetcher::Parts::check_position(FetchPartition& partition) {
  partition.phase = Phase::validating;
  partition.lookup = 0;
  lookups.set();
}

void Fetcher::Parts::truncated(FetchPartition& partition, std::int64_t end, std::int32_t end_epoch,
                               std::int32_t node_id) {
  if (end < 0) {  // the leader's log knows no epoch so old: nothing says where they parted
    out_of_range(partition, node_id);
    return;
  }
  end = std::min(partition.position, end);
  Event event = about(partition, EventKind::truncated, Severity::warning, node_id,
                      fmt::format("{}: the log was truncated; going back from {} to {}", partition.key.text(),
                                  partition.position, end));
  event.offset = end;
  event.count = partition.position - end;
  client.events().on_event(event);
  move_to(partition, end, end_epoch);
}

void Fetcher::Parts::out_of_range(FetchPartition& partition, std::int32_t node_id) {
  client.events().on_event(
      about(partition, EventKind::offset_out_of_range, Severity::warning, node_id,
            fmt::format("{}: offset {} is outside of the leader's log", partition.key.text(), partition.position)));
  if (options.offset_reset != OffsetReset::none) return look_up_offset(partition, options.offset_reset.start());
  Error error = broker_error(ErrorCode::offset_out_of_range,
                             fmt::format("read {} from offset {}", partition.key.text(), partition.position),
                             client.describe(node_id));
  error.hint("auto.offset.reset is none, so nothing decides where to go on");
  stop_partition(partition, error);
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
  look_up_offset(partition, StartPosition::earliest());
}

asio::awaitable<void> Fetcher::Parts::lookup_loop() {
  while (!closing) {
    std::map<std::int32_t, std::vector<OffsetQuery>> offsets;
    std::map<std::int32_t, std::vector<EpochQuery>> epochs;
    auto next_try = runtime::never;
    for (auto& [key, partition] : partitions) {
      const bool asks = partition->phase == Phase::finding_offset || partition->phase == Phase::validating;
      if (!asks || partition->lookup != 0) continue;
      const PartitionInfo* info = client.metadata().partition(key.topic, key.partition);
      if (!info || info->leader_id < 0) continue;  // metadata will wake this loop
      if (client.now() < partition->not_before) {
        next_try = std::min(next_try, partition->not_before);
        continue;
      }
      partition->lookup = next_lookup++;
      if (partition->phase == Phase::finding_offset) {
        OffsetQuery query;
        query.number = partition->lookup;
        query.partition = key;
        query.timestamp = *partition->search.question();
        offsets[info->leader_id].push_back(std::move(query));
      } else {
        EpochQuery query;
        query.number = partition->lookup;
        query.partition = key;
        query.current_leader_epoch = info->leader_epoch;
        query.leader_epoch = partition->last_epoch;
        epochs[info->leader_id].push_back(std::move(query));
      }
    }
    for (auto& [node_id, queries] : offsets) {
      loop(node_id).wake();  // connects meanwhile
      client.spawn("list offsets", look_up(alive, client, options.isolation, node_id, std::move(queries)));
    }
    for (auto& [node_id, queries] : epochs) {
      client.spawn("check epochs", look_up(alive, client, options.isolation, node_id, std::move(queries)));
    }
    co_await lookups.wait_until(next_try);
  }
}

template <class Query>
asio::awaitable<void> Fetcher::Parts::look_up(std::weak_ptr<Parts*> fetcher, Client& client,
                                              [[maybe_unused]] Isolation isolation, std::int32_t node_id,
                                              std::vector<Query> queries) {
  std::unique_ptr<Error> failure;
  const auto deadline = client.deadline_in_ms(client.options().request_timeout_ms);
  try {
    if constexpr (std::is_same_v<Query, OffsetQuery>) {
      co_await list_offsets(client, node_id, queries, isolation, deadline);
    } else {
      co_await end_of_epochs(client, node_id, queries, deadline);
    }
  } catch (const Error& error) {
    failure = std::make_unique<Error>(error);
  }
  const auto parts = fetcher.lock();
  if (parts && !(*parts)->closing) (*parts)->take_answers(queries, node_id, failure.get());
}

template <class Query>
void Fetcher::Parts::take_answers(const std::vector<Query>& queries, std::int32_t node_id, const Error* failure) {
  if (failure && failure->stage() != Error::Stage::version) {
    Event event(EventKind::fetch_failed, Severity::warning, failure->what());
    event.node_id = node_id;
    client.events().on_event(event);
    client.request_metadata("asking a leader for offsets failed");
  }
  for (const Query& query : queries) {
    FetchPartition* partition = find(query.partition);
    // Sought, removed or added anew meanwhile: another question counts.
    if (!partition || partition->lookup != query.number) continue;
    partition->lookup = 0;
    if (failure) {
      lookup_failed(*partition, query, *failure);
    } else {
      take_answer(*partition, query, node_id);
    }
  }
  lookups.set();
}

void Fetcher::Parts::lookup_failed(FetchPartition& partition, const OffsetQuery&, const Error&) {
  partition.not_before = client.now() + partition.backoff.next(client.runtime().random());
}

void Fetcher::Parts::lookup_failed(FetchPartition& partition, const EpochQuery& query, const Error& failure) {
  if (failure.stage() == Error::Stage::version) {  // too old to be asked by a consumer: as good as before
    partition.checked_epoch = query.current_leader_epoch;
    partition.phase = Phase::fetching;
    wake_reader_of(partition);
    return;
  }
  partition.not_before = client.now() + partition.backoff.next(client.runtime().random());
}

void Fetcher::Parts::take_answer(FetchPartition& partition, const OffsetQuery& query, std::int32_t node_id) {
  if (query.error != ErrorCode::none) return refused(partition, query.error, "find the start of", node_id);
  if (!partition.search.answer(query.offset)) {
    partition.not_before = client.now() + partition.backoff.next(client.runtime().random());
  } else if (!partition.search.question()) {
    found(partition, node_id);
  }
}

void Fetcher::Parts::take_answer(FetchPartition& partition, const EpochQuery& query, std::int32_t node_id) {
  if (query.error != ErrorCode::none) return refused(partition, query.error, "check the position of", node_id);
  partition.backoff.reset();
  partition.checked_epoch = query.current_leader_epoch;
  if (query.end_offset < partition.position || query.end_epoch < 0) {
    truncated(partition, query.end_epoch < 0 ? -1 : query.end_offset, query.end_epoch, node_id);
    return;
  }
  partition.phase = Phase::fetching;
  wake_reader_of(partition);
}

void Fetcher::Parts::refused(FetchPartition& partition, ErrorCode error, const char* attempted, std::int32_t node_id) {
  if (error == ErrorCode::topic_authorization_failed || error == ErrorCode::unsupported_for_message_format) {
    stop_partition(partition, broker_error(error, fmt::format("{} {}", attempted, partition.key.text()),
                                           client.describe(node_id)));
    return;
  }
  partition.not_before = client.now() + partition.backoff.next(client.runtime().random());
  client.request_metadata(fmt::format("{}: {}", partition.key.text(), protocol::error_name(error)));
}

}  // namespace barnabas::client
