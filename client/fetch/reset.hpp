// Finding offsets: where a log begins and ends, and what stands at a time. Only the current leader is asked.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "barnabas/client/client.hpp"
#include "barnabas/client/fetch/fetcher.hpp"
#include "barnabas/client/topic_partition.hpp"

namespace barnabas::client {

struct OffsetQuery {
  TopicPartition partition;
  std::uint64_t number = 0;     ///< the caller's own
  std::int64_t timestamp = -1;  ///< -2 earliest, -1 latest (last stable offset when read_committed), else milliseconds
  // answer
  protocol::ErrorCode error = protocol::ErrorCode::none;
  std::int64_t offset = -1;  ///< -1: nothing at or after that time
  std::int32_t leader_epoch = -1;
};

/// Asks `node_id`, which must lead all these partitions, and fills in the answers. Throws Error when the call failed;
/// errors of single partitions stand in their queries.
asio::awaitable<void> list_offsets(Client& client, std::int32_t node_id, std::vector<OffsetQuery>& queries,
                                   Isolation isolation, runtime::TimePoint deadline);

}  // namespace barnabas::client
