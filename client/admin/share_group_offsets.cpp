#include "barnabas/client/admin/share_group_offsets.hpp"

#include <algorithm>

#include "barnabas/client/admin/by_topic.hpp"
#include "barnabas/client/admin/coordinator_request.hpp"
#include "barnabas/protocol/messages/alter_share_group_offsets.hpp"
#include "barnabas/protocol/messages/delete_share_group_offsets.hpp"
#include "barnabas/protocol/messages/describe_share_group_offsets.hpp"

namespace barnabas::client {
namespace {

using protocol::AlterShareGroupOffsetsRequest;
using protocol::AlterShareGroupOffsetsResponse;
using protocol::DeleteShareGroupOffsetsRequest;
using protocol::DeleteShareGroupOffsetsResponse;
using protocol::DescribeShareGroupOffsetsRequest;
using protocol::DescribeShareGroupOffsetsResponse;
using protocol::ErrorCode;

std::string text_of(const protocol::nullable<protocol::string>& text) {
  return text ? std::string(*text) : std::string();
}

void check(Client& client, ErrorCode code, const std::string& attempted, const std::string& group, std::int32_t node_id,
           const protocol::nullable<protocol::string>& message) {
  if (code == ErrorCode::none) return;
  if (code == ErrorCode::group_id_not_found) throw no_such_group(attempted, group, client.describe(node_id));
  throw broker_error(code, attempted, client.describe(node_id), text_of(message));
}

/// The code that stands in front of the topics in the answers that change something.
template <class Response>
ErrorCode error_in_front(const Response& response, std::int16_t) {
  return static_cast<ErrorCode>(*response.error_code);
}

std::vector<GroupOffset> read_offsets(const DescribeShareGroupOffsetsResponse::Group& group) {
  std::vector<GroupOffset> offsets;
  for (const auto& topic : group.topics) {
    for (const auto& partition : topic.partitions) {
      GroupOffset offset(TopicPartition(std::string(*topic.topic_name), partition.partition_index),
                         partition.start_offset);
      offset.leader_epoch = partition.leader_epoch;
      offset.lag = partition.lag;
      offset.error = static_cast<ErrorCode>(*partition.error_code);
      offsets.push_back(std::move(offset));
    }
  }
  std::ranges::sort(offsets, {}, &GroupOffset::partition);
  return offsets;
}

}  // namespace

asio::awaitable<std::vector<GroupOffset>> fetch_share_group_offsets(Client& client, const std::string& group,
                                                                    runtime::TimePoint deadline) {
  using Response = DescribeShareGroupOffsetsResponse;
  CoordinatorRequest<DescribeShareGroupOffsetsRequest> what(group, "read the offsets of share group " + group);
  what.build = [&](std::int16_t, protocol::Arena& arena) {
    DescribeShareGroupOffsetsRequest request;
    auto groups = arena.make_list<DescribeShareGroupOffsetsRequest::Group>(1);
    groups[0].group_id = protocol::string(group);
    groups[0].topics = std::nullopt;
    request.groups = groups;
    return request;
  };
  what.error_of = [](const Response& response, std::int16_t) {
    return response.groups->empty() ? ErrorCode::unknown_server_error
                                    : static_cast<ErrorCode>(*(*response.groups)[0].error_code);
  };
  const auto answer = co_await ask_coordinator(client, what, deadline);
  if (answer->groups->empty()) throw broker_error(ErrorCode::unknown_server_error, what.attempted, "");
  const auto& told = (*answer->groups)[0];
  check(client, static_cast<ErrorCode>(*told.error_code), what.attempted, group, answer.node_id, *told.error_message);
  co_return read_offsets(told);
}

asio::awaitable<std::vector<RefusedPartition>> alter_share_group_offsets(Client& client, const std::string& group,
                                                                         const std::vector<GroupOffset>& offsets,
                                                                         runtime::TimePoint deadline) {
  using Topic = AlterShareGroupOffsetsRequest::Topic;
  CoordinatorRequest<AlterShareGroupOffsetsRequest> what(group, "write offsets of share group " + group);
  what.build = [&](std::int16_t, protocol::Arena& arena) {
    const auto where = [](const GroupOffset& offset) -> const TopicPartition& { return offset.partition; };
    AlterShareGroupOffsetsRequest request;
    request.group_id = protocol::string(group);
    request.topics =
        list_by_topic<Topic>(offsets, arena, where, [&](Topic& topic, std::size_t first, std::size_t last) {
          auto partitions = arena.make_list<AlterShareGroupOffsetsRequest::Partition>(last - first);
          for (std::size_t i = first; i < last; ++i) {
            partitions[i - first].partition_index = offsets[i].partition.partition;
            partitions[i - first].start_offset = offsets[i].offset;
          }
          topic.topic_name = protocol::string(offsets[first].partition.topic);
          topic.partitions = partitions;
        });
    return request;
  };
  what.error_of = error_in_front<AlterShareGroupOffsetsResponse>;
  const auto answer = co_await ask_coordinator(client, what, deadline);
  check(client, static_cast<ErrorCode>(*answer->error_code), what.attempted, group, answer.node_id,
        *answer->error_message);
  std::vector<RefusedPartition> refused;
  for (const auto& topic : answer->responses) {
    for (const auto& partition : topic.partitions) {
      const auto code = static_cast<ErrorCode>(*partition.error_code);
      if (code == ErrorCode::none) continue;
      const TopicPartition where(std::string(*topic.topic_name), partition.partition_index);
      refused.push_back({where, code, text_of(*partition.error_message)});
    }
  }
  co_return refused;
}

asio::awaitable<std::vector<RefusedPartition>> delete_share_group_offsets(Client& client, const std::string& group,
                                                                          const std::vector<TopicPartition>& partitions,
                                                                          runtime::TimePoint deadline) {
  using Topic = DeleteShareGroupOffsetsRequest::Topic;
  CoordinatorRequest<DeleteShareGroupOffsetsRequest> what(group, "delete offsets of share group " + group);
  what.build = [&](std::int16_t, protocol::Arena& arena) {
    const auto where = [](const TopicPartition& partition) -> const TopicPartition& { return partition; };
    DeleteShareGroupOffsetsRequest request;
    request.group_id = protocol::string(group);
    request.topics = list_by_topic<Topic>(partitions, arena, where, [&](Topic& topic, std::size_t first, std::size_t) {
      topic.topic_name = protocol::string(partitions[first].topic);
    });
    return request;
  };
  what.error_of = error_in_front<DeleteShareGroupOffsetsResponse>;
  const auto answer = co_await ask_coordinator(client, what, deadline);
  check(client, static_cast<ErrorCode>(*answer->error_code), what.attempted, group, answer.node_id,
        *answer->error_message);
  std::vector<RefusedPartition> refused;
  for (const auto& topic : answer->responses) {
    const auto code = static_cast<ErrorCode>(*topic.error_code);
    if (code == ErrorCode::none) continue;
    refused.push_back({TopicPartition(std::string(*topic.topic_name), -1), code, text_of(*topic.error_message)});
  }
  co_return refused;
}

}  // namespace barnabas::client
