// Places in the logs of many partitions, as far as their leaders can be asked.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "barnabas/client/client.hpp"
#include "barnabas/client/topic_partition.hpp"

namespace barnabas::client {

struct LogOffset {
  std::int64_t offset = -1;  ///< -1: not known, or nothing stands at or after that time
  protocol::ErrorCode error = protocol::ErrorCode::none;
  std::string problem;  ///< why it is not known; empty when it is
};
using LogOffsets = std::map<TopicPartition, LogOffset>;

/// Asks the leaders, all at the same time: `timestamp` is -2 for the beginning, -1 for the end (high watermark), else
/// milliseconds since 1970. A leader that cannot be reached, a partition without one, or that does not exist, takes
/// nothing from the others. Throws Error when nobody tells who leads. Creates no topic.
asio::awaitable<LogOffsets> find_log_offsets(Client& client, std::vector<TopicPartition> partitions,
                                             std::int64_t timestamp, runtime::TimePoint deadline);

}  // namespace barnabas::client
