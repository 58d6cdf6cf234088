#include "barnabas/group/assignors/subscription.hpp"

#include <algorithm>
#include <stdexcept>

#include "barnabas/protocol/messages/consumer_protocol.hpp"

namespace barnabas::group {

using client::TopicPartition;
using protocol::ConsumerProtocolAssignment;
using protocol::ConsumerProtocolSubscription;

namespace {

// Both messages list partitions by topic in structures of the same shape.
template <class Topic>
protocol::list<Topic> group_by_topic(const std::vector<TopicPartition>& partitions, protocol::Arena& arena) {
  std::size_t topic_count = 0;
  for (std::size_t i = 0; i < partitions.size(); ++i)
    topic_count += i == 0 || partitions[i].topic != partitions[i - 1].topic;
  auto topics = arena.make_list<Topic>(topic_count);
  std::size_t first = 0;
  for (Topic& topic : topics) {
    std::size_t last = first + 1;
    while (last < partitions.size() && partitions[last].topic == partitions[first].topic) ++last;
    auto indexes = arena.make_list<protocol::int32>(last - first);
    for (std::size_t i = first; i < last; ++i) indexes[i - first] = partitions[i].partition;
    topic.topic = protocol::string(partitions[first].topic);
    topic.partitions = indexes;
    first = last;
  }
  return topics;
}

template <class Topics>
std::vector<TopicPartition> flatten(const Topics& topics) {
  std::vector<TopicPartition> partitions;
  for (const auto& topic : topics) {
    for (const auto index : topic.partitions) partitions.emplace_back(std::string(*topic.topic), index);
  }
  std::sort(partitions.begin(), partitions.end());
  partitions.erase(std::unique(partitions.begin(), partitions.end()), partitions.end());
  return partitions;
}

template <class Message>
std::string encode_or_throw(const Message& message) {
  auto data = protocol::encode_versioned(message, 3);
  if (!data) throw std::invalid_argument(data.error().text());
  return *std::move(data);
}

}  // namespace

std::string encode_subscription(const MemberSubscription& member) {
  protocol::Arena arena;
  ConsumerProtocolSubscription message;
  auto topics = arena.make_list<protocol::string>(member.topics.size());
  std::copy(member.topics.begin(), member.topics.end(), topics.begin());
  message.topics = topics;
  if (!member.user_data.empty()) message.user_data = protocol::bytes(member.user_data);
  message.owned_partitions =
      group_by_topic<ConsumerProtocolSubscription::TopicPartition>(member.owned_partitions, arena);
  message.generation_id = member.generation;
  if (!member.rack.empty()) message.rack_id = protocol::string(member.rack);
  return encode_or_throw(message);
}

std::expected<void, std::string> decode_subscription(protocol::bytes data, MemberSubscription& member) {
  protocol::Arena arena;
  const auto message = protocol::decode_versioned<ConsumerProtocolSubscription>(data, arena);
  if (!message) return std::unexpected(message.error().text());
  member.topics.assign(message->topics.begin(), message->topics.end());
  member.user_data.clear();
  if (message->user_data) member.user_data.assign((*message->user_data)->begin(), (*message->user_data)->end());
  member.owned_partitions = flatten(message->owned_partitions);
  member.generation = message->generation_id;
  member.rack = message->rack_id ? std::string(**message->rack_id) : std::string();
  return {};
}

std::string encode_assignment(const std::vector<TopicPartition>& partitions) {
  protocol::Arena arena;
  ConsumerProtocolAssignment message;
  message.assigned_partitions = group_by_topic<ConsumerProtocolAssignment::TopicPartition>(partitions, arena);
  return encode_or_throw(message);
}

std::expected<std::vector<TopicPartition>, std::string> decode_assignment(protocol::bytes data) {
  protocol::Arena arena;
  const auto message = protocol::decode_versioned<ConsumerProtocolAssignment>(data, arena);
  if (!message) return std::unexpected(message.error().text());
  return flatten(message->assigned_partitions);
}

}  // namespace barnabas::group
