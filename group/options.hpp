// What can be set about membership and commits. The table with names, aliases, ranges and sentences is in
// option_table.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "barnabas/client/options.hpp"

namespace barnabas::group {

/// group.protocol: who divides the partitions, the members (classic) or the coordinator (KIP-848).
enum class GroupProtocol : std::uint8_t { classic, consumer, automatic };

/// group.type: whether each partition is one member's, or its records are shared (KIP-932).
enum class GroupType : std::uint8_t { consumer, share };
/// share.acquire.mode (KIP-1206): whether whole batches are acquired, or no record beyond the limit.
enum class ShareAcquireMode : std::uint8_t { batch_optimized, record_limit };

/// stall.action: whether a delivery that takes too long is only told, or stops the consumer.
enum class StallAction : std::uint8_t { report, stop };

struct GroupOptions {
  GroupOptions() = default;
  std::string group_id;
  std::string group_instance_id;  ///< static membership (KIP-345) when not empty
  GroupProtocol protocol = GroupProtocol::classic;
  std::string remote_assignor;                     ///< of the coordinator; empty = its choice
  std::vector<std::string> assignors = {"range"};  ///< offered in this order
  std::int32_t session_timeout_ms = 45'000;
  std::int32_t heartbeat_interval_ms = 3'000;  ///< below a third of the session timeout
  std::int32_t rebalance_timeout_ms = 60'000;
  std::int32_t rebalance_drain_ms = 10'000;  ///< how long turns under way may take to finish when partitions go
  std::int32_t auto_commit_interval_ms = 1'000;
  std::int64_t auto_commit_records = 0;  ///< of one partition, after which a commit does not wait; 0: time alone counts
  std::string offset_store_path;         ///< offsets go to this file instead of a group
  std::int32_t stall_limit_ms = 0;       ///< how long one offset may be under way; 0: for ever
  StallAction stall_action = StallAction::report;
  GroupType type = GroupType::consumer;
  std::int32_t max_poll_records = 500;  ///< acquired with one request, in a share group
  ShareAcquireMode share_acquire_mode = ShareAcquireMode::batch_optimized;
  bool commit = true;  ///< false: offsets are never committed
};

struct ConsumerOptions {
  ConsumerOptions() = default;
  GroupOptions group;
  client::FetchOptions fetch;
  client::EndPosition end;  ///< of partitions that come with a subscription
};

}  // namespace barnabas::group
