// What a group has still to read.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "barnabas/client/admin/groups.hpp"

namespace barnabas::client {

/// A partition that the group has an offset of, or that a member has.
struct PartitionLag {
  TopicPartition partition;
  std::int64_t offset = -1;   ///< committed, or a share group's start; -1: none
  std::string metadata;       ///< of the commit
  std::int64_t log_end = -1;  ///< high watermark; -1: not known
  /// Empty when one of the two is not known. Below 0 when the log was cut.
  std::optional<std::int64_t> lag;
  std::optional<std::size_t> member;  ///< who has it: place in GroupDescription::members
  protocol::ErrorCode error = protocol::ErrorCode::none;
  std::string problem;  ///< why something is not known
};

/// Offsets and log ends of all partitions of a group, by partition. Partitions whose leader cannot be asked have a
/// problem. Throws Error.
asio::awaitable<std::vector<PartitionLag>> find_group_lag(Client& client, const GroupDescription& group,
                                                          runtime::TimePoint deadline);

}  // namespace barnabas::client
