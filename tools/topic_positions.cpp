#include "barnabas/tools/topic_positions.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include "barnabas/client/fetch/reset.hpp"

namespace barnabas::tools {

using client::TopicPartition;

std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  return ec == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

asio::awaitable<std::vector<TopicPartition>> topic_partitions(client::Client& client, std::string topic,
                                                              std::vector<int> only, runtime::TimePoint deadline) {
  client.add_interest(topic);
  const client::TopicInfo* info = nullptr;
  const std::uint64_t before = client.metadata().generation();
  while (!(info = client.metadata().topic(topic)) || info->partitions.empty()) {
    // One fresh answer that says "unknown" settles it, unless the broker may be creating the topic right now.
    const bool answered = info && info->error != protocol::ErrorCode::none && client.metadata().generation() > before;
    if (answered && !(protocol::retriable(info->error) && client.options().allow_auto_create_topics)) break;
    if (!co_await client.metadata_changed(deadline)) break;
  }
  if (!info || info->partitions.empty()) {
    throw broker_error(info ? info->error : protocol::ErrorCode::unknown_topic_or_partition, "find topic " + topic, "");
  }
  const int count = static_cast<int>(info->partitions.size());
  for (const int index : only) {
    if (index >= 0 && index < count) continue;
    throw Error(
        Error::Stage::config, fmt::format("find partition {} of topic {}", index, topic), "",
        count == 1 ? std::string("it has only partition 0") : fmt::format("it has partitions 0 to {}", count - 1));
  }
  std::vector<TopicPartition> partitions;
  for (int index = 0; index < count; ++index) {
    if (only.empty() || std::ranges::find(only, index) != only.end()) partitions.emplace_back(topic, index);
  }
  co_return partitions;
}

asio::awaitable<std::vector<std::int64_t>> offsets_at(client::Client& client, std::vector<TopicPartition> partitions,
                                                      std::int64_t timestamp, client::Isolation isolation,
                                                      runtime::TimePoint deadline) {
  std::map<TopicPartition, std::int64_t> found;
  while (found.size() < partitions.size()) {
    std::map<std::int32_t, std::vector<client::OffsetQuery>> by_leader;
    for (const TopicPartition& partition : partitions) {
      const auto* info = client.metadata().partition(partition.topic, partition.partition);
      if (found.contains(partition) || !info || info->leader_id < 0) continue;
      client::OffsetQuery query;
      query.partition = partition;
      query.timestamp = timestamp;
      by_leader[info->leader_id].push_back(query);
    }
    protocol::ErrorCode error = protocol::ErrorCode::leader_not_available;
    for (auto& [node_id, queries] : by_leader) {
      co_await client::list_offsets(client, node_id, queries, isolation, deadline);
      for (const client::OffsetQuery& query : queries) {
        error = query.error;
        if (error == protocol::ErrorCode::none) found[query.partition] = query.offset;
        if (error != protocol::ErrorCode::none && !protocol::retriable(error)) {
          throw broker_error(error, "find offsets of " + query.partition.text(), client.describe(node_id));
        }
      }
    }
    if (found.size() == partitions.size()) break;
    client.request_metadata("offsets are asked for");
    if (!co_await client.metadata_changed(deadline)) throw broker_error(error, "find offsets", "");
  }
  std::vector<std::int64_t> offsets;
  for (const TopicPartition& partition : partitions) offsets.push_back(found[partition]);
  co_return offsets;
}

std::int64_t parse_end_time(std::string_view text) {
  if (!text.starts_with("e@")) return -1;
  const auto number = parse_number(text.substr(2));
  if (number && *number >= 0) return *number;
  Error error(Error::Stage::config, fmt::format("take the offset {}", text), "", "e@ wants milliseconds since 1970");
  throw error.hint("for example e@1700000000000");
}

StartText parse_start(std::string_view text) {
  using client::StartPosition;
  StartText start;
  if (text.empty()) return start;
  if (text == "stored") {
    start.stored = true;
    start.position = StartPosition::latest();
    return start;
  }
  client::StartPolicy policy;
  if (policy.set_text(text).empty() && policy.kind == client::StartPolicy::Kind::position) {
    start.position = policy.position;
    return start;
  }
  const bool is_time = text.starts_with("s@"), is_last = text.starts_with('-');
  const auto number = parse_number(text.substr(is_time ? 2 : is_last ? 1 : 0));
  if (!number || *number < 0) {
    Error error(Error::Stage::config, fmt::format("take the offset {}", text), "",
                "it is none of the forms that are known");
    throw error.hint(
        "write beginning, end, stored, N, -N, s@MILLISECONDS or by_duration:PT1H, and e@MILLISECONDS for where to end");
  }
  start.position = is_time   ? StartPosition::timestamp(*number)
                   : is_last ? StartPosition::before_end(*number)
                             : StartPosition::offset(*number);
  return start;
}

}  // namespace barnabas::tools
