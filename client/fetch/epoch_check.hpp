// Whether a log still holds what was read from it (KIP-320), for brokers whose Fetch does not say so by itself: those
// before 2.7, which speak Fetch below version 12.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <vector>

#include "barnabas/client/client.hpp"
#include "barnabas/client/topic_partition.hpp"

namespace barnabas::client {

/// The first Fetch version in whose answer a leader tells of divergence (KIP-595).
inline constexpr std::int16_t first_fetch_version_with_divergence = 12;

struct EpochQuery {
  TopicPartition partition;
  std::uint64_t number = 0;  ///< the caller's own
  std::int32_t current_leader_epoch = -1;
  std::int32_t leader_epoch = -1;  ///< of the last record that was read
  // answer
  protocol::ErrorCode error = protocol::ErrorCode::none;
  std::int32_t end_epoch = -1;   ///< the greatest epoch of the log that is not above leader_epoch
  std::int64_t end_offset = -1;  ///< where that epoch ends; -1: the log knows nothing so old
};

/// Asks `node_id`, which must lead all these partitions, where the epochs end, and fills in the answers. Throws Error
/// when the call failed (Stage::version from brokers before 2.3, whose consumers may not ask).
asio::awaitable<void> end_of_epochs(Client& client, std::int32_t node_id, std::vector<EpochQuery>& queries,
                                    runtime::TimePoint deadline);

}  // namespace barnabas::client
