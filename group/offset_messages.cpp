#include <algorithm>

#include "barnabas/client/admin/by_topic.hpp"
#include "barnabas/group/commits.hpp"

namespace barnabas::group {

using client::TopicPartition;
using protocol::ErrorCode;
using protocol::OffsetCommitRequest;
using protocol::OffsetCommitResponse;
using protocol::OffsetFetchRequest;
using protocol::OffsetFetchResponse;

namespace {

constexpr std::int16_t first_with_groups = 8;
constexpr std::int16_t first_with_topic_ids = 10;

template <class Topic>
protocol::list<Topic> topics_to_fetch(const std::vector<TopicPartition>& partitions, const TopicNames& names,
                                      protocol::Arena& arena) {
  const auto where = [](const TopicPartition& item) -> const TopicPartition& { return item; };
  return client::list_by_topic<Topic>(partitions, arena, where, [&](Topic& topic, std::size_t first, std::size_t last) {
    const std::string& name = partitions[first].topic;
    auto indexes = arena.make_list<protocol::int32>(last - first);
    for (std::size_t i = first; i < last; ++i) indexes[i - first] = partitions[i].partition;
    topic.name = protocol::string(name);
    if constexpr (requires { topic.topic_id; }) {
      const auto found = std::ranges::find(names, name, &TopicNames::value_type::second);
      if (found != names.end()) topic.topic_id = found->first;
    }
    topic.partition_indexes = indexes;
  });
}

/// Empty for an id that nobody asked about.
template <class Topic>
std::string name_of(const Topic& topic, std::int16_t version, const TopicNames& names) {
  if constexpr (requires { topic.topic_id; }) {
    if (version >= first_with_topic_ids) {
      const auto found = names.find(*topic.topic_id);
      return found == names.end() ? std::string() : found->second;
    }
  }
  return std::string(*topic.name);
}

template <class Topics>
void read_topics(const Topics& topics, std::int16_t version, ErrorCode group_error, const TopicNames& names,
                 CommittedOffsets& result) {
  for (const auto& topic : topics) {
    const std::string name = name_of(topic, version, names);
    for (const auto& partition : topic.partitions) {
      const auto found = result.find(TopicPartition(name, partition.partition_index));
      if (found == result.end()) continue;
      CommittedOffset& committed = found->second;
      committed.error = group_error != ErrorCode::none ? group_error : static_cast<ErrorCode>(*partition.error_code);
      committed.offset = partition.committed_offset;
      committed.leader_epoch = partition.committed_leader_epoch;
      if (partition.metadata->has_value()) committed.metadata = std::string(**partition.metadata);
      committed.by_id = version >= first_with_topic_ids;
    }
  }
}

}  // namespace

OffsetCommitRequest make_offset_commit(const MemberIdentity& member, const std::vector<OffsetToCommit>& offsets,
                                       protocol::Arena& arena) {
  OffsetCommitRequest request;
  request.group_id = protocol::string(member.group_id);
  request.generation_id_or_member_epoch = member.generation;
  request.member_id = protocol::string(member.member_id);
  if (!member.group_instance_id.empty()) request.group_instance_id = protocol::string(member.group_instance_id);
  const auto where = [](const OffsetToCommit& item) -> const TopicPartition& { return item.partition; };
  using Topic = OffsetCommitRequest::Topic;
  request.topics =
      client::list_by_topic<Topic>(offsets, arena, where, [&](Topic& topic, std::size_t first, std::size_t last) {
        auto partitions = arena.make_list<OffsetCommitRequest::Partition>(last - first);
        for (std::size_t i = first; i < last; ++i) {
          partitions[i - first].partition_index = offsets[i].partition.partition;
          partitions[i - first].committed_offset = offsets[i].offset;
          partitions[i - first].committed_leader_epoch = offsets[i].leader_epoch;
          partitions[i - first].committed_metadata = protocol::string(offsets[i].metadata);
        }
        topic.name = protocol::string(offsets[first].partition.topic);
        topic.topic_id = offsets[first].topic_id;
        topic.partitions = partitions;
      });
  return request;
}

std::map<TopicPartition, ErrorCode> read_offset_commit(const OffsetCommitResponse& response, std::int16_t version,
                                                       const TopicNames& names) {
  std::map<TopicPartition, ErrorCode> result;
  for (const auto& topic : response.topics) {
    const std::string name = name_of(topic, version, names);
    for (const auto& partition : topic.partitions) {
      result[TopicPartition(name, partition.partition_index)] = static_cast<ErrorCode>(*partition.error_code);
    }
  }
  return result;
}

OffsetFetchRequest make_offset_fetch(const MemberIdentity& member, const std::vector<TopicPartition>& partitions,
                                     const TopicNames& names, std::int16_t version, protocol::Arena& arena) {
  OffsetFetchRequest request;
  if (version >= 7) request.require_stable = true;
  if (version < first_with_groups) {
    request.group_id = protocol::string(member.group_id);
    request.topics = topics_to_fetch<OffsetFetchRequest::Topic>(partitions, names, arena);
    return request;
  }
  auto groups = arena.make_list<OffsetFetchRequest::Group>(1);
  groups[0].group_id = protocol::string(member.group_id);
  if (member.has_epoch) {
    groups[0].member_id = protocol::string(member.member_id);
    groups[0].member_epoch = member.generation;
  }
  groups[0].topics = topics_to_fetch<OffsetFetchRequest::GroupTopic>(partitions, names, arena);
  request.groups = groups;
  return request;
}

CommittedOffsets read_offset_fetch(const OffsetFetchResponse& response, std::int16_t version,
                                   const std::vector<TopicPartition>& partitions, const TopicNames& names) {
  ErrorCode group_error = static_cast<ErrorCode>(*response.error_code);
  if (version >= first_with_groups) {
    group_error = response.groups->empty() ? ErrorCode::unknown_server_error
                                           : static_cast<ErrorCode>(*(*response.groups)[0].error_code);
  }
  CommittedOffset missing;
  missing.error = group_error == ErrorCode::none ? ErrorCode::unknown_server_error : group_error;
  CommittedOffsets result;
  for (const auto& partition : partitions) result.emplace(partition, missing);
  if (version < first_with_groups) {
    read_topics(response.topics, version, group_error, names, result);
  } else if (!response.groups->empty()) {
    read_topics((*response.groups)[0].topics, version, group_error, names, result);
  }
  return result;
}

}  // namespace barnabas::group
