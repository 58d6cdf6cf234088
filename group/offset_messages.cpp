#include <algorithm>

#include "barnabas/group/commits.hpp"

namespace barnabas::group {

using client::TopicPartition;
using protocol::ErrorCode;
using protocol::OffsetCommitRequest;
using protocol::OffsetCommitResponse;
using protocol::OffsetFetchRequest;
using protocol::OffsetFetchResponse;

namespace {

/// Calls take(topic, first, last) for each run of neighbours with one topic.
template <class Items, class TopicOf, class Take>
void by_topic(const Items& items, TopicOf topic_of, Take take) {
  for (std::size_t first = 0; first < items.size();) {
    std::size_t last = first + 1;
    while (last < items.size() && topic_of(items[last]) == topic_of(items[first])) ++last;
    take(topic_of(items[first]), first, last);
    first = last;
  }
}

template <class Items, class TopicOf>
std::size_t count_topics(const Items& items, TopicOf topic_of) {
  std::size_t count = 0;
  by_topic(items, topic_of, [&](const auto&, std::size_t, std::size_t) { ++count; });
  return count;
}

template <class Topic>
protocol::list<Topic> topics_to_fetch(const std::vector<TopicPartition>& partitions, protocol::Arena& arena) {
  const auto topic_of = [](const TopicPartition& item) -> const std::string& { return item.topic; };
  auto topics = arena.make_list<Topic>(count_topics(partitions, topic_of));
  auto* topic = topics.begin();
  by_topic(partitions, topic_of, [&](const std::string& name, std::size_t first, std::size_t last) {
    auto indexes = arena.make_list<protocol::int32>(last - first);
    for (std::size_t i = first; i < last; ++i) indexes[i - first] = partitions[i].partition;
    topic->name = protocol::string(name);
    topic->partition_indexes = indexes;
    ++topic;
  });
  return topics;
}

template <class Topics>
void read_topics(const Topics& topics, ErrorCode group_error, CommittedOffsets& result) {
  for (const auto& topic : topics) {
    for (const auto& partition : topic.partitions) {
      const TopicPartition key(std::string(*topic.name), partition.partition_index);
      const auto found = result.find(key);
      if (found == result.end()) continue;
      CommittedOffset& committed = found->second;
      committed.error = group_error != ErrorCode::none ? group_error : static_cast<ErrorCode>(*partition.error_code);
      committed.offset = partition.committed_offset;
      committed.leader_epoch = partition.committed_leader_epoch;
    }
  }
}

}  // namespace

OffsetCommitRequest make_offset_commit(const MemberIdentity& member, const std::vector<OffsetToCommit>& offsets,
                                       protocol::Arena& arena) {
  const auto topic_of = [](const OffsetToCommit& item) -> const std::string& { return item.partition.topic; };
  OffsetCommitRequest request;
  request.group_id = protocol::string(member.group_id);
  request.generation_id_or_member_epoch = member.generation;
  request.member_id = protocol::string(member.member_id);
  if (!member.group_instance_id.empty()) request.group_instance_id = protocol::string(member.group_instance_id);
  auto topics = arena.make_list<OffsetCommitRequest::Topic>(count_topics(offsets, topic_of));
  auto* topic = topics.begin();
  by_topic(offsets, topic_of, [&](const std::string& name, std::size_t first, std::size_t last) {
    auto partitions = arena.make_list<OffsetCommitRequest::Partition>(last - first);
    for (std::size_t i = first; i < last; ++i) {
      partitions[i - first].partition_index = offsets[i].partition.partition;
      partitions[i - first].committed_offset = offsets[i].offset;
      partitions[i - first].committed_leader_epoch = offsets[i].leader_epoch;
    }
    topic->name = protocol::string(name);
    topic->partitions = partitions;
    ++topic;
  });
  request.topics = topics;
  return request;
}

std::map<TopicPartition, ErrorCode> read_offset_commit(const OffsetCommitResponse& response) {
  std::map<TopicPartition, ErrorCode> result;
  for (const auto& topic : response.topics) {
    for (const auto& partition : topic.partitions) {
      const TopicPartition key(std::string(*topic.name), partition.partition_index);
      result[key] = static_cast<ErrorCode>(*partition.error_code);
    }
  }
  return result;
}

OffsetFetchRequest make_offset_fetch(const std::string& group_id, const std::vector<TopicPartition>& partitions,
                                     std::int16_t version, protocol::Arena& arena) {
  OffsetFetchRequest request;
  if (version >= 7) request.require_stable = true;
  if (version < 8) {
    request.group_id = protocol::string(group_id);
    request.topics = topics_to_fetch<OffsetFetchRequest::Topic>(partitions, arena);
    return request;
  }
  auto groups = arena.make_list<OffsetFetchRequest::Group>(1);
  groups[0].group_id = protocol::string(group_id);
  groups[0].topics = topics_to_fetch<OffsetFetchRequest::GroupTopic>(partitions, arena);
  request.groups = groups;
  return request;
}

CommittedOffsets read_offset_fetch(const OffsetFetchResponse& response, std::int16_t version,
                                   const std::vector<TopicPartition>& partitions) {
  ErrorCode group_error = static_cast<ErrorCode>(*response.error_code);
  if (version >= 8) {
    group_error = response.groups->empty() ? ErrorCode::unknown_server_error
                                           : static_cast<ErrorCode>(*(*response.groups)[0].error_code);
  }
  CommittedOffset missing;
  missing.error = group_error == ErrorCode::none ? ErrorCode::unknown_server_error : group_error;
  CommittedOffsets result;
  for (const auto& partition : partitions) result.emplace(partition, missing);
  if (version < 8) {
    read_topics(response.topics, group_error, result);
  } else if (!response.groups->empty()) {
    read_topics((*response.groups)[0].topics, group_error, result);
  }
  return result;
}

}  // namespace barnabas::group
