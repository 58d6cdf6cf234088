// A topic's partition as a key.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace barnabas::client {

struct TopicPartition {
  TopicPartition() = default;
  TopicPartition(std::string topic_name, std::int32_t partition_index)
      : topic(std::move(topic_name)), partition(partition_index) {}
  std::string topic;
  std::int32_t partition = -1;
  auto operator<=>(const TopicPartition&) const = default;
  /// "topic[3]", the form used in events and errors.
  std::string text() const { return topic + "[" + std::to_string(partition) + "]"; }
};

}  // namespace barnabas::client
