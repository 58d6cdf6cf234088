// How far a group has come: its offsets read, written and deleted from outside of the group.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "barnabas/client/admin/groups.hpp"

namespace barnabas::client {

/// One partition of a group.
struct GroupOffset {
  GroupOffset() = default;
  GroupOffset(TopicPartition where, std::int64_t at) : partition(std::move(where)), offset(at) {}
  TopicPartition partition;
  std::int64_t offset = -1;  ///< committed; of a share group: all before it are done. -1: none yet
  std::int32_t leader_epoch = -1;
  std::string metadata;
  std::int64_t lag = -1;  ///< as the coordinator counts it (share groups, KIP-1226); -1: it does not say
  protocol::ErrorCode error = protocol::ErrorCode::none;
};

/// All offsets of the group, by partition; none for a group that is not there. Throws Error.
asio::awaitable<std::vector<GroupOffset>> fetch_group_offsets(Client& client, std::string group, GroupType type,
                                                              runtime::TimePoint deadline);

/// A partition for which the coordinator refused what was asked.
struct RefusedPartition {
  TopicPartition partition;  ///< partition -1: the whole topic
  protocol::ErrorCode error = protocol::ErrorCode::none;
  std::string message;
};

/// Writes offsets of a group that has no members. A group that is not there comes into being (not a share group).
/// Throws Error when the coordinator refuses the group, UNKNOWN_MEMBER_ID among others when it has members.
asio::awaitable<std::vector<RefusedPartition>> alter_group_offsets(Client& client, std::string group, GroupType type,
                                                                   std::vector<GroupOffset> offsets,
                                                                   runtime::TimePoint deadline);

/// Deletes offsets of partitions that the group is not subscribed to (KIP-496; Kafka 2.4). A share group forgets whole
/// topics.
asio::awaitable<std::vector<RefusedPartition>> delete_group_offsets(Client& client, std::string group, GroupType type,
                                                                    std::vector<TopicPartition> partitions,
                                                                    runtime::TimePoint deadline);

}  // namespace barnabas::client
