// What the fetcher knows about one partition. Only the fetcher's own files use it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "barnabas/client/cluster/backoff.hpp"
#include "barnabas/client/fetch/fetcher.hpp"
#include "barnabas/client/fetch/offset_search.hpp"

namespace barnabas::client {

struct FetchPartition {
  enum class Phase : std::uint8_t {
    finding_offset,  ///< ListOffsets has to say where to start, and maybe where to end
    validating,      ///< OffsetForLeaderEpoch has to say whether the log still holds what was read
    fetching,
    stopped,  ///< for good; the sink knows why
  };

  FetchPartition(TopicPartition partition, FetchSink& partition_sink, const ClientOptions& options)
      : key(std::move(partition)),
        sink(&partition_sink),
        backoff(options.retry_backoff_ms, options.retry_backoff_max_ms) {}

  /// Nothing more is wanted.
  bool at_end() const { return status.end_offset >= 0 && position >= status.end_offset; }

  TopicPartition key;
  FetchSink* sink;
  Phase phase = Phase::finding_offset;
  EndPosition end;
  OffsetSearch search;
  std::uint64_t epoch = 0;  ///< fetch epoch: raised by each seek, reset and truncation
  std::uint64_t asked_epoch =
      0;  ///< `epoch` when the last request that names it was made: answers to older ones are nobody's
  std::int64_t position = -1;
  std::int32_t bytes_min = 0;    ///< grown for brokers that cut a batch larger than the limit (Fetch below version 3)
  std::int32_t last_epoch = -1;  ///< leader epoch of the last batch taken, for truncation checks at the broker
  std::int32_t replica_id = -1;  ///< preferred read replica, -1 = the leader
  runtime::TimePoint replica_until{};
  std::uint64_t lookup = 0;         ///< number of the question to the leader that is under way, 0 = none
  std::int32_t checked_epoch = -1;  ///< leader epoch under which the position was last found to be in the log
  protocol::Uuid topic_id{};        ///< of the topic that the position belongs to, when known
  int cut_short = 0;                ///< answers in a row whose first batch was cut although there was room for it
  bool user_paused = false;
  bool end_told = false;  ///< its sink knows where reading ends
  bool full = false;      ///< its sink has enough; wake() takes it down
  bool starved = false;   ///< no memory for more than it has in hand; wake() lets it try again
  runtime::TimePoint not_before{};
  Backoff backoff;
  FetchStatus status;

  mutable std::size_t session_entry = 0;  ///< where its broker's fetch session keeps it; a guess
};

/// All partitions of a fetcher, in a fixed order.
using FetchPartitions = std::map<TopicPartition, std::unique_ptr<FetchPartition>>;

}  // namespace barnabas::client
