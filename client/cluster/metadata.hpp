// What is known about the cluster: brokers, topics, leaders, with the rules for believing news.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "barnabas/client/events.hpp"
#include "barnabas/client/runtime/dialer.hpp"
#include "barnabas/client/runtime/wakeup.hpp"
#include "barnabas/protocol/errors.hpp"
#include "barnabas/protocol/messages/metadata.hpp"
#include "barnabas/protocol/types.hpp"

namespace barnabas::client {

struct PartitionInfo {
  std::int32_t leader_id = -1;
  std::int32_t leader_epoch = -1;
  std::int32_t last_leader_id = -1;  ///< of the latest epoch that had a leader
  std::vector<std::int32_t> replica_ids;
  protocol::ErrorCode error = protocol::ErrorCode::none;
};

struct TopicInfo {
  protocol::ErrorCode error = protocol::ErrorCode::none;
  protocol::Uuid id{};  ///< all zero when the broker has none
  bool internal = false;
  std::vector<PartitionInfo> partitions;  ///< by partition index; error when the broker left one out
};

struct BrokerInfo {
  runtime::Endpoint endpoint;
  std::string rack;
};

/// The cache. Loop thread only. A leader is replaced only by news of an equal or newer leader epoch, or when epochs are
/// unknown; a topic whose id changed is a new topic.
class Metadata {
 public:
  explicit Metadata(EventSink& events) : events_(events) {}

  const TopicInfo* topic(const std::string& name) const;
  const std::string* topic_name(const protocol::Uuid& id) const;
  const PartitionInfo* partition(const std::string& topic, std::int32_t partition) const;
  const std::map<std::int32_t, BrokerInfo>& brokers() const { return brokers_; }
  const std::map<std::string, TopicInfo>& topics() const { return topics_; }
  std::int32_t controller_id() const { return controller_id_; }
  const std::string& cluster_id() const { return cluster_id_; }
  /// Grows with each applied response.
  std::uint64_t generation() const { return generation_; }
  /// The last response listed all topics there are.
  bool lists_all() const { return lists_all_; }

  /// Takes a response in. `asked_all` when it lists all topics: those left out are gone.
  void apply(const protocol::MetadataResponse& response, bool asked_all);
  /// News from a Fetch or Produce response (KIP-951). Returns true when it changed something.
  bool apply_leader_hint(const std::string& topic, std::int32_t partition, std::int32_t leader_id,
                         std::int32_t leader_epoch);
  /// Topics and leaders stay known, as what they were.
  void forget_brokers();
  void apply_node_endpoint(std::int32_t node_id, runtime::Endpoint endpoint);

 private:
  void apply_cluster_id(std::string id);
  void apply_topic(const protocol::MetadataResponse::Topic& topic);
  void set_leader(const std::string& topic, std::int32_t partition, PartitionInfo& known, std::int32_t leader_id,
                  std::int32_t leader_epoch);
  void tell_added(const std::string& topic, std::size_t partitions_before, std::size_t partitions_now);

  EventSink& events_;
  std::map<std::int32_t, BrokerInfo> brokers_;
  std::map<std::string, TopicInfo> topics_;
  std::map<protocol::Uuid, std::string> names_;
  std::int32_t controller_id_ = -1;
  std::string cluster_id_;
  std::uint64_t generation_ = 0;
  bool lists_all_ = false;
};

}  // namespace barnabas::client
