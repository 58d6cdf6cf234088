// Where finished work is remembered: what a start goes on from.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "barnabas/client/client.hpp"
#include "barnabas/client/statistics/latency.hpp"
#include "barnabas/group/lane.hpp"
#include "barnabas/group/life.hpp"

namespace barnabas::group {

/// What a store has for one partition.
struct CommittedOffset {
  protocol::ErrorCode error = protocol::ErrorCode::none;
  std::int64_t offset = -1;  ///< -1 without error: nothing was ever committed
  std::int32_t leader_epoch = -1;
  bool by_id = false;    ///< found by the topic's id: not of another topic that had this name
  std::string metadata;  ///< what was committed beside it
};
using CommittedOffsets = std::map<client::TopicPartition, CommittedOffset>;

/// Loop thread only.
class OffsetStore {
 public:
  using Lanes = std::vector<std::shared_ptr<Lane>>;

  OffsetStore(client::Client& client, std::shared_ptr<Life> life) : client_(client), life_(std::move(life)) {}
  virtual ~OffsetStore() = default;

  /// Commits the lowest unfinished offset of those lanes that moved since the last time, all at once, and retries what
  /// waiting can cure until `deadline`. Callers that come meanwhile wait and find less to do, or nothing. Throws Error
  /// when something is left uncommitted.
  asio::awaitable<void> commit(Lanes lanes, runtime::TimePoint deadline);
  /// One attempt.
  virtual asio::awaitable<void> commit_once(Lanes lanes, runtime::TimePoint deadline) = 0;
  /// Asks once; each partition has its entry. Throws Error when the question as a whole failed.
  virtual asio::awaitable<CommittedOffsets> fetch(std::vector<client::TopicPartition> partitions,
                                                  runtime::TimePoint deadline) = 0;
  /// From the beginning of a commit to its end.
  const client::Latency& latency() const { return latency_; }

 protected:
  /// The lanes with something to commit, sorted by partition.
  static Lanes moved(Lanes lanes);
  void committed(Lane& lane, std::int64_t offset);

  client::Client& client_;
  std::shared_ptr<Life> life_;
  client::Latency latency_;
};

}  // namespace barnabas::group
