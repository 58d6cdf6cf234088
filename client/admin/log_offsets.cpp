#include "barnabas/client/admin/log_offsets.hpp"

#include <algorithm>

#include "barnabas/client/admin/topics.hpp"
#include "barnabas/client/cluster/backoff.hpp"
#include "barnabas/client/cluster/connection.hpp"
#include "barnabas/client/fetch/reset.hpp"
#include "barnabas/client/runtime/tasks.hpp"
#include "barnabas/protocol/messages/list_offsets.hpp"

namespace barnabas::client {
namespace {

using protocol::ErrorCode;

constexpr int attempts_max = 4;

using ByLeader = std::map<std::int32_t, std::vector<OffsetQuery>>;

/// The leader, or why there is none to ask.
struct Leader {
  std::int32_t node_id = -1;
  ErrorCode error = ErrorCode::none;
};

Leader leader_of(const TopicPartition& partition, const std::vector<TopicDescription>& topics) {
  const auto topic = std::ranges::find(topics, partition.topic, &TopicDescription::name);
  if (topic == topics.end()) return {-1, ErrorCode::unknown_topic_or_partition};
  if (topic->error != ErrorCode::none) return {-1, topic->error};
  const auto found = std::ranges::find(topic->partitions, partition.partition, &TopicDescription::Partition::index);
  if (found == topic->partitions.end()) return {-1, ErrorCode::unknown_topic_or_partition};
  if (found->leader < 0) return {-1, ErrorCode::leader_not_available};
  return {found->leader, ErrorCode::none};
}

std::vector<std::string> topics_of(const std::vector<TopicPartition>& partitions) {
  std::vector<std::string> names;
  for (const TopicPartition& partition : partitions) {
    if (names.empty() || names.back() != partition.topic) names.push_back(partition.topic);
  }
  return names;
}

/// Before Kafka 0.10.1 a question about a time was answered with the beginning of some segment.
asio::awaitable<void> check_can_search(Client& client, std::int32_t node_id, const std::vector<OffsetQuery>& queries,
                                       runtime::TimePoint deadline) {
  if (queries.front().timestamp < 0) co_return;
  static const protocol::ListOffsetsRequest shape;
  const Target target = Target::node(node_id);
  const auto connection = co_await client.connection(target, deadline);
  if (connection->pick_version(RequestRef::of(shape)) >= 1) co_return;
  throw Error(Error::Stage::version, "find offsets by time", "", "it cannot look for times; Kafka can from 0.10.1 on");
}

asio::awaitable<void> ask_leader(Client& client, std::int32_t node_id, std::vector<OffsetQuery>& queries,
                                 LogOffsets& found, runtime::TimePoint deadline) {
  std::string problem;
  try {
    co_await check_can_search(client, node_id, queries, deadline);
    co_await list_offsets(client, node_id, queries, Isolation::read_uncommitted, deadline);
  } catch (const Error& error) {
    problem = client.describe(node_id) + ": " + (error.cause().empty() ? error.what() : error.cause());
  }
  for (const OffsetQuery& query : queries) {
    LogOffset& result = found[query.partition];
    result.error = problem.empty() ? query.error : ErrorCode::broker_not_available;
    result.offset = result.error == ErrorCode::none ? query.offset : -1;
    result.problem = problem.empty() && result.error != ErrorCode::none ? protocol::error_name(result.error) : problem;
  }
}

/// The answer of a broker that is, or is not yet, the leader.
bool may_pass_soon(ErrorCode error) {
  return error == ErrorCode::not_leader_or_follower || error == ErrorCode::fenced_leader_epoch ||
         error == ErrorCode::unknown_leader_epoch || error == ErrorCode::offset_not_available;
}

asio::awaitable<void> ask_once(Client& client, const std::vector<TopicPartition>& partitions, std::int64_t timestamp,
                               LogOffsets& found, runtime::TimePoint deadline) {
  const std::vector<std::string> names = topics_of(partitions);
  const auto topics = co_await describe_topics(client, names, deadline);
  ByLeader by_leader;
  for (const TopicPartition& partition : partitions) {
    const Leader leader = leader_of(partition, topics);
    LogOffset& result = found[partition];
    result.error = leader.error;
    if (leader.error != ErrorCode::none) {
      result.problem = protocol::error_name(leader.error);
      continue;
    }
    OffsetQuery& query = by_leader[leader.node_id].emplace_back();
    query.partition = partition;
    query.timestamp = timestamp;
  }
  const auto is_new = [&](const auto& leader) { return !client.metadata().brokers().contains(leader.first); };
  if (std::ranges::any_of(by_leader, is_new)) {
    client.request_metadata("a broker has joined");
    co_await client.metadata_changed(deadline);
  }
  runtime::TaskGroup tasks(client.runtime());
  for (auto& [node_id, queries] : by_leader) {
    tasks.spawn("find offsets", ask_leader(client, node_id, queries, found, deadline));
  }
  co_await tasks.join();
}

}  // namespace

asio::awaitable<LogOffsets> find_log_offsets(Client& client, std::vector<TopicPartition> partitions,
                                             std::int64_t timestamp, runtime::TimePoint deadline) {
  LogOffsets found;
  std::ranges::sort(partitions);
  partitions.erase(std::ranges::unique(partitions).begin(), partitions.end());
  Backoff backoff(client.options().retry_backoff_ms, client.options().retry_backoff_max_ms);
  for (int attempt = 1; !partitions.empty(); ++attempt) {
    co_await ask_once(client, partitions, timestamp, found, deadline);
    std::erase_if(partitions, [&](const TopicPartition& each) { return !may_pass_soon(found[each].error); });
    const auto again_at = client.now() + backoff.next(client.runtime().random());
    if (partitions.empty() || attempt == attempts_max || again_at >= deadline || client.closing()) break;
    co_await runtime::sleep_until(client.runtime().clock(), again_at);
  }
  co_return found;
}

}  // namespace barnabas::client
