#include "barnabas/client/cluster/metadata.hpp"

#include <fmt/core.h>

namespace barnabas::client {
namespace {

// A topic's partitions are listed without gaps; what lies so far behind the others is nonsense, and memory is taken by
// it.
constexpr std::size_t gap_max = 1000;

/// 0, where nobody can listen, for what is no port.
std::uint16_t port_of(std::int32_t port) {
  return port > 0 && port <= 65535 ? static_cast<std::uint16_t>(port) : std::uint16_t{0};
}

protocol::ErrorCode code_of(std::int16_t code) { return static_cast<protocol::ErrorCode>(code); }

}  // namespace

const TopicInfo* Metadata::topic(const std::string& name) const {
  const auto found = topics_.find(name);
  return found == topics_.end() ? nullptr : &found->second;
}

const std::string* Metadata::topic_name(const protocol::Uuid& id) const {
  const auto found = names_.find(id);
  return found == names_.end() ? nullptr : &found->second;
}

const PartitionInfo* Metadata::partition(const std::string& name, std::int32_t partition) const {
  const TopicInfo* info = topic(name);
  if (!info || partition < 0 || static_cast<std::size_t>(partition) >= info->partitions.size()) return nullptr;
  return &info->partitions[static_cast<std::size_t>(partition)];
}

void Metadata::apply(const protocol::MetadataResponse& response, bool asked_all) {
  if (response.brokers.size() > 0) {
    brokers_.clear();
    for (const auto& broker : response.brokers) {
      BrokerInfo info;
      info.endpoint = runtime::Endpoint(std::string(*broker.host), port_of(broker.port));
      if (broker.rack) info.rack = std::string(**broker.rack);
      brokers_[broker.node_id] = std::move(info);
    }
  }
  controller_id_ = response.controller_id;
  if (response.cluster_id) cluster_id_ = std::string(**response.cluster_id);
  if (asked_all) {
    std::set<std::string> listed;
    for (const auto& topic : response.topics) {
      if (topic.name) listed.insert(std::string(**topic.name));
    }
    std::erase_if(topics_, [&](const auto& entry) { return !listed.contains(entry.first); });
  }
  for (const auto& topic : response.topics) apply_topic(topic);
  lists_all_ = asked_all;
  ++generation_;
}

void Metadata::apply_topic(const protocol::MetadataResponse::Topic& topic) {
  if (!topic.name) return;
  const std::string name(**topic.name);
  TopicInfo& info = topics_[name];
  const auto error = code_of(topic.error_code);
  if (!topic.topic_id->is_zero() && !info.id.is_zero() && !(info.id == *topic.topic_id)) {
    Event event(EventKind::topic_recreated, Severity::warning,
                fmt::format("topic {} was deleted and created again; offsets of the old one mean nothing", name));
    event.topic = name;
    events_.on_event(event);
    names_.erase(info.id);
    info = TopicInfo();
  }
  if (error != info.error && error != protocol::ErrorCode::none) {
    Event event(EventKind::topic_missing, Severity::warning,
                fmt::format("topic {}: {}", name, protocol::error_name(topic.error_code)));
    event.topic = name;
    event.code = error;
    events_.on_event(event);
  }
  info.error = error;
  if (error != protocol::ErrorCode::none && topic.partitions.empty()) {
    // A topic that is gone has no leaders; one that is only unavailable keeps what was known.
    if (error == protocol::ErrorCode::unknown_topic_or_partition) info.partitions.clear();
    return;
  }
  if (!topic.topic_id->is_zero()) {
    info.id = topic.topic_id;
    names_[info.id] = name;
  }
  info.internal = topic.is_internal;
  for (const auto& partition : topic.partitions) {
    const std::int32_t index = partition.partition_index;
    if (index < 0 || static_cast<std::size_t>(index) >= topic.partitions.size() + gap_max) continue;
    if (static_cast<std::size_t>(index) >= info.partitions.size()) {
      PartitionInfo unknown;
      unknown.error = protocol::ErrorCode::unknown_topic_or_partition;
      info.partitions.resize(static_cast<std::size_t>(index) + 1, unknown);
    }
    PartitionInfo& known = info.partitions[static_cast<std::size_t>(index)];
    const std::int32_t epoch = partition.leader_epoch;
    if (epoch >= 0 && known.leader_epoch > epoch) continue;  // older news than what is known
    known.leader_id = partition.leader_id;
    known.leader_epoch = epoch;
    known.error = code_of(partition.error_code);
  }
}

bool Metadata::apply_leader_hint(const std::string& name, std::int32_t partition, std::int32_t leader_id,
                                 std::int32_t leader_epoch) {
  const auto found = topics_.find(name);
  if (found == topics_.end() || partition < 0 ||
      static_cast<std::size_t>(partition) >= found->second.partitions.size()) {
    return false;
  }
  PartitionInfo& known = found->second.partitions[static_cast<std::size_t>(partition)];
  if (leader_id < 0 || leader_epoch <= known.leader_epoch) return false;
  known.leader_id = leader_id;
  known.leader_epoch = leader_epoch;
  known.error = protocol::ErrorCode::none;
  ++generation_;
  return true;
}

void Metadata::apply_node_endpoint(std::int32_t node_id, runtime::Endpoint endpoint) {
  brokers_[node_id].endpoint = std::move(endpoint);
  ++generation_;
}

}  // namespace barnabas::client
