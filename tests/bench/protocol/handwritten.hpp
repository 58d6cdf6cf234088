// Three messages as someone would write them by hand: structures with vectors and views, a reader that checks the bytes
// left before every value, a writer that appends. What the tables are measured against.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace handwritten {

struct MetadataResponse {
  struct Broker {
    std::int32_t node_id = 0;
    std::string_view host;
    std::int32_t port = 0;
    std::optional<std::string_view> rack;
  };
  struct Partition {
    std::int16_t error_code = 0;
    std::int32_t partition_index = 0, leader_id = 0, leader_epoch = -1;
    std::vector<std::int32_t> replica_nodes, isr_nodes, offline_replicas;
  };
  struct Topic {
    std::int16_t error_code = 0;
    std::optional<std::string_view> name;
    char topic_id[16] = {};
    bool is_internal = false;
    std::vector<Partition> partitions;
    std::int32_t topic_authorized_operations = 0;
  };
  std::int32_t throttle_time_ms = 0;
  std::vector<Broker> brokers;
  std::optional<std::string_view> cluster_id;
  std::int32_t controller_id = -1;
  std::vector<Topic> topics;
};

struct OffsetFetchResponse {
  struct Partition {
    std::int32_t partition_index = 0;
    std::int64_t committed_offset = 0;
    std::int32_t committed_leader_epoch = -1;
    std::optional<std::string_view> metadata;
    std::int16_t error_code = 0;
  };
  struct Topic {
    std::string_view name;
    std::vector<Partition> partitions;
  };
  struct Group {
    std::string_view group_id;
    std::vector<Topic> topics;
    std::int16_t error_code = 0;
  };
  std::int32_t throttle_time_ms = 0;
  std::vector<Group> groups;
};

struct JoinGroupResponse {
  struct Member {
    std::string_view member_id;
    std::optional<std::string_view> group_instance_id;
    std::string_view metadata;
  };
  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::int32_t generation_id = -1;
  std::optional<std::string_view> protocol_type, protocol_name;
  std::string_view leader;
  bool skip_assignment = false;
  std::string_view member_id;
  std::vector<Member> members;
};

/// Metadata 12, OffsetFetch 8, JoinGroup 9. Throws std::runtime_error.
void decode(std::string_view body, MetadataResponse& to);
void decode(std::string_view body, OffsetFetchResponse& to);
void decode(std::string_view body, JoinGroupResponse& to);
std::string encode(const MetadataResponse& from);
std::string encode(const OffsetFetchResponse& from);
std::string encode(const JoinGroupResponse& from);

}  // namespace handwritten
