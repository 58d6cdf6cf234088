// Groups of all kinds: which there are, who is in them, and their end.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "barnabas/client/client.hpp"
#include "barnabas/client/topic_partition.hpp"

namespace barnabas::client {

/// How a group divides its partitions: among themselves (classic), by the coordinator (consumer, KIP-848), not at all
/// (share, KIP-932), or as tasks (streams, KIP-1071).
enum class GroupType : std::uint8_t { unknown, classic, consumer, share, streams };
/// "classic", as ListGroups writes it.
std::string_view name(GroupType type);
/// The reverse, whatever the case of the letters; unknown for anything else.
GroupType parse_group_type(std::string_view text);

struct GroupListing {
  std::string id;
  GroupType type = GroupType::unknown;
  std::string protocol_type;  ///< "consumer", "connect", …; empty for groups that only keep offsets
  std::string state;          ///< "Stable", "Empty", …; empty where the broker did not say
  std::int32_t coordinator = -1;
};

struct GroupList {
  std::vector<GroupListing> groups;  ///< by id
  std::vector<Error> failures;       ///< of brokers that could not be asked: their groups are missing
};

/// Asks all brokers. Throws Error when none of them answered. Brokers before 2.6 do not list states: they are asked for
/// them by DescribeGroups.
asio::awaitable<GroupList> list_groups(Client& client, runtime::TimePoint deadline);

struct GroupMember {
  std::string id;
  std::string instance_id;  ///< empty: a dynamic member
  std::string client_id;
  std::string host;  ///< as the coordinator saw it: "/10.0.0.7"
  std::string rack;
  std::int32_t epoch = -1;          ///< -1: classic members have none
  std::vector<std::string> topics;  ///< subscribed to, by name
  std::string topic_pattern;        ///< subscribed to, by a pattern that the coordinator resolves
  std::vector<TopicPartition> assigned;
  std::vector<TopicPartition> target;  ///< what it shall have, where the coordinator says it
  bool unreadable = false;             ///< its bytes are no consumer's: another program's protocol
};

struct GroupDescription {
  std::string id;
  GroupType type = GroupType::unknown;
  std::string protocol_type;
  std::string state;
  std::string assignor;     ///< empty while there is none
  std::int32_t epoch = -1;  ///< of the group; -1: classic groups do not tell
  std::int32_t assignment_epoch = -1;
  std::int32_t coordinator = -1;  ///< node id
  std::vector<GroupMember> members;
};

/// Asks the coordinator, in the protocol of each type until one knows the group. A group that is not there throws
/// GROUP_ID_NOT_FOUND; only brokers before 4.0 say "Dead" instead, which they also say of groups that have nothing but
/// offsets.
asio::awaitable<GroupDescription> describe_group(Client& client, std::string id, runtime::TimePoint deadline);

/// Deletes an empty group of any type, with its offsets. Throws Error: NON_EMPTY_GROUP, GROUP_ID_NOT_FOUND, ….
asio::awaitable<void> delete_group(Client& client, std::string id, runtime::TimePoint deadline);

/// What is thrown for a group that is not there.
Error no_such_group(std::string attempted, const std::string& id, std::string with);

}  // namespace barnabas::client
