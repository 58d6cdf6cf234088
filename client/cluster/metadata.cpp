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
  if (response.cluster_id) apply_cluster_id(std::string(**response.cluster_id));
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

void Metadata::apply_cluster_id(std::string id) {
  if (!cluster_id_.empty() && id != cluster_id_) {
    events_.on_event(Event(EventKind::metadata_refreshed, Severity::warning,
                           fmt::format("another cluster answers: cluster id {} instead of {}", id, cluster_id_)));
    // Its leader epochs count from elsewhere.
    for (auto& [name, topic] : topics_) {
      for (PartitionInfo& partition : topic.partitions) partition.leader_epoch = -1;
    }
  }
  cluster_id_ = std::move(id);
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
  const std::size_t partitions_before = info.partitions.size();
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
    set_leader(name, index, known, partition.leader_id, epoch);
    known.error = code_of(partition.error_code);
    known.replica_ids.assign(partition.replica_nodes->begin(), partition.replica_nodes->end());
  }
  tell_added(name, partitions_before, info.partitions.size());
}

void Metadata::set_leader(const std::string& topic, std::int32_t partition, PartitionInfo& known,
                          std::int32_t leader_id, std::int32_t leader_epoch) {
  if (leader_id >= 0 && known.last_leader_id >= 0 && known.last_leader_id != leader_id) {
    std::string text = fmt::format("{}[{}]: leader moved from broker {} to broker {}", topic, partition,
                                   known.last_leader_id, leader_id);
    if (known.leader_epoch >= 0 && leader_epoch >= 0) {
      text += fmt::format(" (leader epoch {} to {})", known.leader_epoch, leader_epoch);
    }
    Event event(EventKind::leader_moved, Severity::info, std::move(text));
    event.node_id = leader_id;
    event.topic = topic;
    event.partition = partition;
    events_.on_event(event);
  }
  if (leader_id >= 0) known.last_leader_id = leader_id;
  known.leader_id = leader_id;
  known.leader_epoch = leader_epoch;
}

void Metadata::tell_added(const std::string& topic, std::size_t partitions_before, std::size_t partitions_now) {
  if (partitions_before == 0 || partitions_now <= partitions_before) return;
  Event event(EventKind::partitions_added, Severity::info,
              fmt::format("topic {} has {} partitions, {} before", topic, partitions_now, partitions_before));
  event.topic = topic;
  event.count = static_cast<std::int64_t>(partitions_now - partitions_before);
  events_.on_event(event);
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
  set_leader(name, partition, known, leader_id, leader_epoch);
  known.error = protocol::ErrorCode::none;
  ++generation_;
  return true;
}

void Metadata::forget_brokers() {
  brokers_.clear();
  controller_id_ = -1;
  ++generation_;
}

void Metadata::apply_node_endpoint(std::int32_t node_id, runtime::Endpoint endpoint) {
  brokers_[node_id].endpoint = std::move(endpoint);
  ++generation_;
}

}  // namespace barnabas::client
