// Creating, deleting and listing topics.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "barnabas/client/client.hpp"

namespace barnabas::client {

struct NewTopic {
  NewTopic() = default;
  std::string name;
  std::int32_t partitions = -1;  ///< -1: the broker's default (from Kafka 2.4)
  std::int16_t replication_factor = -1;
  std::vector<std::pair<std::string, std::string>> configs;
};

/// Creates one topic and waits until the controller has it. Throws Error with Kafka's own words.
asio::awaitable<void> create_topic(Client& client, const NewTopic& topic, runtime::TimePoint deadline);
asio::awaitable<void> delete_topic(Client& client, const std::string& name, runtime::TimePoint deadline);

struct TopicDescription {
  struct Partition {
    std::int32_t index = -1;
    std::int32_t leader = -1;
    std::int32_t leader_epoch = -1;
    std::vector<std::int32_t> replicas, in_sync;
    protocol::ErrorCode error = protocol::ErrorCode::none;
  };
  std::string name;
  protocol::Uuid id{};
  bool internal = false;
  protocol::ErrorCode error = protocol::ErrorCode::none;
  std::vector<Partition> partitions;
};

/// All topics of the cluster, or those named; by name. Never creates one.
asio::awaitable<std::vector<TopicDescription>> describe_topics(Client& client, const std::vector<std::string>& names,
                                                               runtime::TimePoint deadline);

}  // namespace barnabas::client
