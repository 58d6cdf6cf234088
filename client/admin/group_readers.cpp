#include "barnabas/client/admin/group_readers.hpp"

#include <algorithm>

#include "barnabas/protocol/messages/consumer_protocol.hpp"

namespace barnabas::client {
namespace {

using protocol::ConsumerProtocolAssignment;
using protocol::ConsumerProtocolSubscription;

constexpr std::string_view consumer_protocol = "consumer";

std::string text_of(const protocol::nullable<protocol::string>& text) {
  return text ? std::string(*text) : std::string();
}

template <class Topics, class NameOf>
std::vector<TopicPartition> partitions_of(const Topics& topics, NameOf name_of) {
  std::vector<TopicPartition> partitions;
  for (const auto& topic : topics) {
    const std::string topic_name(name_of(topic));
    for (const std::int32_t index : topic.partitions) partitions.emplace_back(topic_name, index);
  }
  std::ranges::sort(partitions);
  return partitions;
}

/// What KIP-848, KIP-932 and KIP-1071 have in common.
template <class Group>
GroupDescription with_epochs(const Group& group, GroupType type) {
  GroupDescription description;
  description.id = *group.group_id;
  description.type = type;
  description.protocol_type = name(type);
  description.state = *group.group_state;
  description.epoch = group.group_epoch;
  description.assignment_epoch = group.assignment_epoch;
  return description;
}

template <class Member>
GroupMember with_epoch(const Member& from) {
  GroupMember member;
  member.id = *from.member_id;
  member.client_id = *from.client_id;
  member.host = *from.client_host;
  member.rack = text_of(from.rack_id);
  member.epoch = from.member_epoch;
  return member;
}

std::string_view topic_name(const auto& topic) { return *topic.topic_name; }

/// What members of a classic group say to each other, when they are consumers.
void read_consumer_bytes(GroupMember& member, const protocol::DescribeGroupsResponse::Member& from) {
  protocol::Arena arena;
  const auto subscription = protocol::decode_versioned<ConsumerProtocolSubscription>(*from.member_metadata, arena);
  const auto assignment = protocol::decode_versioned<ConsumerProtocolAssignment>(*from.member_assignment, arena);
  member.unreadable = !subscription || !assignment;
  if (subscription) member.topics.assign(subscription->topics.begin(), subscription->topics.end());
  if (subscription && subscription->rack_id) member.rack = std::string(**subscription->rack_id);
  if (!assignment) return;
  member.assigned = partitions_of(assignment->assigned_partitions, [](const auto& topic) { return *topic.topic; });
}

}  // namespace

GroupDescription read_description(const protocol::DescribeGroupsResponse::Group& group) {
  GroupDescription description;
  description.id = *group.group_id;
  description.type = GroupType::classic;
  description.protocol_type = *group.protocol_type;
  description.state = *group.group_state;
  description.assignor = *group.protocol_data;
  for (const auto& from : group.members) {
    GroupMember& member = description.members.emplace_back();
    member.id = *from.member_id;
    member.instance_id = text_of(from.group_instance_id);
    member.client_id = *from.client_id;
    member.host = *from.client_host;
    if (description.protocol_type == consumer_protocol) read_consumer_bytes(member, from);
  }
  return description;
}

GroupDescription read_description(const protocol::ConsumerGroupDescribeResponse::Group& group) {
  GroupDescription description = with_epochs(group, GroupType::consumer);
  description.assignor = *group.assignor_name;
  for (const auto& from : group.members) {
    GroupMember& member = description.members.emplace_back(with_epoch(from));
    member.instance_id = text_of(from.instance_id);
    member.topics.assign(from.subscribed_topic_names.begin(), from.subscribed_topic_names.end());
    member.topic_pattern = text_of(from.subscribed_topic_regex);
    const auto name_of = [](const auto& topic) { return topic_name(topic); };
    member.assigned = partitions_of(from.assignment->topic_partitions, name_of);
    member.target = partitions_of(from.target_assignment->topic_partitions, name_of);
  }
  return description;
}

GroupDescription read_description(const protocol::ShareGroupDescribeResponse::Group& group) {
  GroupDescription description = with_epochs(group, GroupType::share);
  description.assignor = *group.assignor_name;
  for (const auto& from : group.members) {
    GroupMember& member = description.members.emplace_back(with_epoch(from));
    member.topics.assign(from.subscribed_topic_names.begin(), from.subscribed_topic_names.end());
    const auto name_of = [](const auto& topic) { return topic_name(topic); };
    member.assigned = partitions_of(from.assignment->topic_partitions, name_of);
  }
  return description;
}

GroupDescription read_description(const protocol::StreamsGroupDescribeResponse::Group& group) {
  GroupDescription description = with_epochs(group, GroupType::streams);
  for (const auto& from : group.members) {
    GroupMember& member = description.members.emplace_back(with_epoch(from));
    member.instance_id = text_of(from.instance_id);
  }
  return description;
}

}  // namespace barnabas::client
