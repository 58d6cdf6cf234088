#include "barnabas/client/admin/group_offsets.hpp"

#include <algorithm>
#include <span>

#include "barnabas/client/admin/by_topic.hpp"
#include "barnabas/client/admin/coordinator_request.hpp"
#include "barnabas/client/admin/share_group_offsets.hpp"
#include "barnabas/client/admin/topics.hpp"
#include "barnabas/protocol/messages/offset_commit.hpp"
#include "barnabas/protocol/messages/offset_delete.hpp"
#include "barnabas/protocol/messages/offset_fetch.hpp"

namespace barnabas::client {
namespace {

using protocol::ErrorCode;
using protocol::OffsetCommitRequest;
using protocol::OffsetCommitResponse;
using protocol::OffsetDeleteRequest;
using protocol::OffsetDeleteResponse;
using protocol::OffsetFetchRequest;
using protocol::OffsetFetchResponse;

constexpr std::int16_t last_by_topic_name = 9;   // OffsetFetch and OffsetCommit
constexpr std::int16_t first_of_all_topics = 2;  // OffsetFetch without naming topics
constexpr std::int16_t first_of_many_groups = 8;
/// Kafka stores the offsets of one request as one batch, which has to fit into a message.
constexpr std::size_t offsets_in_a_request_max = 1'000;

const TopicPartition& partition_of(const GroupOffset& offset) { return offset.partition; }
const TopicPartition& itself(const TopicPartition& partition) { return partition; }

template <class Response>
ErrorCode first_error(const Response& response) {
  if (response.topics->empty() || (*response.topics)[0].partitions->empty()) return ErrorCode::none;
  return static_cast<ErrorCode>(*(*(*response.topics)[0].partitions)[0].error_code);
}

ErrorCode group_error(const OffsetFetchResponse& response, std::int16_t version) {
  if (version >= first_of_many_groups) {
    return response.groups->empty() ? ErrorCode::unknown_server_error
                                    : static_cast<ErrorCode>(*(*response.groups)[0].error_code);
  }
  if (version >= first_of_all_topics) return static_cast<ErrorCode>(*response.error_code);
  // Version 1 has no place for the group's own error but the partitions.
  const ErrorCode code = first_error(response);
  return concerns_coordinator(code) || code == ErrorCode::group_authorization_failed ? code : ErrorCode::none;
}

template <class Topics>
std::vector<GroupOffset> read_offsets(const Topics& topics) {
  std::vector<GroupOffset> offsets;
  for (const auto& topic : topics) {
    for (const auto& partition : topic.partitions) {
      GroupOffset offset(TopicPartition(std::string(*topic.name), partition.partition_index),
                         partition.committed_offset);
      offset.leader_epoch = partition.committed_leader_epoch;
      if (*partition.metadata) offset.metadata = std::string(**partition.metadata);
      offset.error = static_cast<ErrorCode>(*partition.error_code);
      if (offset.offset >= 0 || offset.error != ErrorCode::none) offsets.push_back(std::move(offset));
    }
  }
  std::ranges::sort(offsets, {}, &GroupOffset::partition);
  return offsets;
}

OffsetFetchRequest make_fetch(const std::string& group, const std::vector<TopicPartition>& named, std::int16_t version,
                              protocol::Arena& arena) {
  OffsetFetchRequest request;
  if (version >= first_of_many_groups) {
    auto groups = arena.make_list<OffsetFetchRequest::Group>(1);
    groups[0].group_id = protocol::string(group);
    groups[0].topics = std::nullopt;
    request.groups = groups;
    return request;
  }
  request.group_id = protocol::string(group);
  request.topics = std::nullopt;
  if (version >= first_of_all_topics) return request;
  request.topics = list_by_topic<OffsetFetchRequest::Topic>(
      named, arena, itself, [&](OffsetFetchRequest::Topic& topic, std::size_t first, std::size_t last) {
        auto indexes = arena.make_list<protocol::int32>(last - first);
        for (std::size_t i = first; i < last; ++i) indexes[i - first] = named[i].partition;
        topic.name = protocol::string(named[first].topic);
        topic.partition_indexes = indexes;
      });
  return request;
}

/// Every partition of the cluster, for brokers before 0.10.2, which do not say where a group has offsets.
asio::awaitable<std::vector<TopicPartition>> partitions_to_name(Client& client, runtime::TimePoint deadline) {
  const Target any = Target::any();
  const auto connection = co_await client.connection(any, deadline);
  static const OffsetFetchRequest shape;
  std::vector<TopicPartition> named;
  if (connection->pick_version(RequestRef::of(shape)) >= first_of_all_topics) co_return named;
  const std::vector<std::string> all;
  const auto topics = co_await describe_topics(client, all, deadline);
  for (const auto& topic : topics) {
    for (const auto& partition : topic.partitions) named.emplace_back(topic.name, partition.index);
  }
  co_return named;
}

asio::awaitable<std::vector<GroupOffset>> fetch_committed(Client& client, const std::string& group,
                                                          runtime::TimePoint deadline) {
  const std::vector<TopicPartition> named = co_await partitions_to_name(client, deadline);
  CoordinatorRequest<OffsetFetchRequest> what(group, "read the offsets of group " + group);
  what.version_cap = last_by_topic_name;
  what.build = [&](std::int16_t version, protocol::Arena& arena) { return make_fetch(group, named, version, arena); };
  what.error_of = group_error;
  const auto answer = co_await ask_coordinator(client, what, deadline);
  const ErrorCode code = group_error(*answer, answer.version);
  if (code == ErrorCode::group_id_not_found) co_return std::vector<GroupOffset>();
  if (code != ErrorCode::none) throw broker_error(code, what.attempted, client.describe(answer.node_id));
  if (answer.version < first_of_many_groups) co_return read_offsets(*answer->topics);
  co_return read_offsets(*(*answer->groups)[0].topics);
}

OffsetCommitRequest make_commit(const std::string& group, std::span<const GroupOffset> offsets,
                                protocol::Arena& arena) {
  OffsetCommitRequest request;
  request.group_id = protocol::string(group);
  request.topics = list_by_topic<OffsetCommitRequest::Topic>(
      offsets, arena, partition_of, [&](OffsetCommitRequest::Topic& topic, std::size_t first, std::size_t last) {
        auto partitions = arena.make_list<OffsetCommitRequest::Partition>(last - first);
        for (std::size_t i = first; i < last; ++i) {
          partitions[i - first].partition_index = offsets[i].partition.partition;
          partitions[i - first].committed_offset = offsets[i].offset;
          partitions[i - first].committed_leader_epoch = offsets[i].leader_epoch;
          partitions[i - first].committed_metadata = protocol::string(offsets[i].metadata);
        }
        topic.name = protocol::string(offsets[first].partition.topic);
        topic.partitions = partitions;
      });
  return request;
}

template <class Response>
void read_refusals(const Response& response, std::vector<RefusedPartition>& refused) {
  for (const auto& topic : response.topics) {
    for (const auto& partition : topic.partitions) {
      const auto code = static_cast<ErrorCode>(*partition.error_code);
      if (code == ErrorCode::none) continue;
      refused.push_back({TopicPartition(std::string(*topic.name), partition.partition_index), code, {}});
    }
  }
}

/// These are about the group, though they stand at each partition.
bool refuses_group(ErrorCode code) {
  return code == ErrorCode::group_authorization_failed || code == ErrorCode::unknown_member_id ||
         code == ErrorCode::illegal_generation || code == ErrorCode::invalid_group_id ||
         code == ErrorCode::rebalance_in_progress || code == ErrorCode::group_id_not_found ||
         code == ErrorCode::stale_member_epoch;
}

asio::awaitable<void> commit(Client& client, const std::string& group, std::span<const GroupOffset> offsets,
                             std::vector<RefusedPartition>& refused, runtime::TimePoint deadline) {
  CoordinatorRequest<OffsetCommitRequest> what(group, "write offsets of group " + group);
  what.version_cap = last_by_topic_name;
  what.build = [&](std::int16_t, protocol::Arena& arena) { return make_commit(group, offsets, arena); };
  what.error_of = [](const OffsetCommitResponse& response, std::int16_t) { return first_error(response); };
  const auto answer = co_await ask_coordinator(client, what, deadline);
  const ErrorCode code = first_error(*answer);
  if (code == ErrorCode::unknown_member_id || code == ErrorCode::stale_member_epoch) {
    Error busy = broker_error(code, what.attempted, client.describe(answer.node_id), "the group has members");
    throw busy.hint("stop them first");
  }
  if (refuses_group(code)) throw broker_error(code, what.attempted, client.describe(answer.node_id));
  read_refusals(*answer, refused);
}

}  // namespace

asio::awaitable<std::vector<GroupOffset>> fetch_group_offsets(Client& client, std::string group, GroupType type,
                                                              runtime::TimePoint deadline) {
  if (type == GroupType::share) co_return co_await fetch_share_group_offsets(client, group, deadline);
  co_return co_await fetch_committed(client, group, deadline);
}

asio::awaitable<std::vector<RefusedPartition>> alter_group_offsets(Client& client, std::string group, GroupType type,
                                                                   std::vector<GroupOffset> offsets,
                                                                   runtime::TimePoint deadline) {
  std::ranges::sort(offsets, {}, &GroupOffset::partition);
  if (type == GroupType::share) co_return co_await alter_share_group_offsets(client, group, offsets, deadline);
  std::vector<RefusedPartition> refused;
  const std::span<const GroupOffset> all(offsets);
  for (std::size_t at = 0; at < all.size(); at += offsets_in_a_request_max) {
    const auto some = all.subspan(at, std::min(offsets_in_a_request_max, all.size() - at));
    co_await commit(client, group, some, refused, deadline);
  }
  co_return refused;
}

asio::awaitable<std::vector<RefusedPartition>> delete_group_offsets(Client& client, std::string group, GroupType type,
                                                                    std::vector<TopicPartition> partitions,
                                                                    runtime::TimePoint deadline) {
  std::ranges::sort(partitions);
  if (type == GroupType::share) co_return co_await delete_share_group_offsets(client, group, partitions, deadline);
  CoordinatorRequest<OffsetDeleteRequest> what(group, "delete offsets of group " + group);
  what.since = "Kafka 2.4";
  what.build = [&](std::int16_t, protocol::Arena& arena) {
    OffsetDeleteRequest request;
    request.group_id = protocol::string(group);
    request.topics = list_by_topic<OffsetDeleteRequest::Topic>(
        partitions, arena, itself, [&](OffsetDeleteRequest::Topic& topic, std::size_t first, std::size_t last) {
          auto indexes = arena.make_list<OffsetDeleteRequest::Partition>(last - first);
          for (std::size_t i = first; i < last; ++i) indexes[i - first].partition_index = partitions[i].partition;
          topic.name = protocol::string(partitions[first].topic);
          topic.partitions = indexes;
        });
    return request;
  };
  what.error_of = [](const OffsetDeleteResponse& response, std::int16_t) {
    return static_cast<ErrorCode>(*response.error_code);
  };
  const auto answer = co_await ask_coordinator(client, what, deadline);
  const ErrorCode code = what.error_of(*answer, answer.version);
  std::string with = client.describe(answer.node_id);
  if (code == ErrorCode::group_id_not_found) throw no_such_group(what.attempted, group, std::move(with));
  if (code != ErrorCode::none) throw broker_error(code, what.attempted, std::move(with));
  std::vector<RefusedPartition> refused;
  read_refusals(*answer, refused);
  co_return refused;
}

}  // namespace barnabas::client
