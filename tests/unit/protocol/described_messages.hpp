// What every message looks like, once more: the declarations were checked against Kafka 3.9.1 and 4.3.0 field by field,
// and this keeps them from changing by accident. In the order of the registry, as describe() prints it.
#pragma once

#include <string_view>

namespace barnabas::protocol::test {

// clang-format off
inline constexpr std::string_view described_messages = R"(
ProduceRequest key 0 versions 0-13 flexible 9+
  transactional_id: string 3+ = null nullable
  acks: int16
  timeout_ms: int32
  topic_data: list of Topic
    name: string 0-12 ignorable
    topic_id: uuid 13+ ignorable
    partition_data: list of Partition
      index: int32
      records: bytes = null nullable
ProduceResponse key 0 versions 0-13 flexible 9+
  responses: list of Topic
    name: string 0-12 ignorable
    topic_id: uuid 13+ ignorable
    partition_responses: list of Partition
      index: int32
      error_code: int16
      base_offset: int64
      log_append_time_ms: int64 2+ = -1 ignorable
      log_start_offset: int64 5+ = -1 ignorable
      record_errors: list of RecordError 8+ ignorable
        batch_index: int32
        batch_index_error_message: string = null nullable
      error_message: string 8+ = null nullable ignorable
      current_leader: LeaderIdAndEpoch 10+ tag 0
        leader_id: int32 = -1
        leader_epoch: int32 = -1
  throttle_time_ms: int32 1+ ignorable
  node_endpoints: list of NodeEndpoint 10+ tag 0
    node_id: int32
    host: string
    port: int32
    rack: string = null nullable
FetchRequest key 1 versions 0-18 flexible 12+
  cluster_id: string 12+ tag 0 = null nullable ignorable
  replica_id: int32 0-14 = -1
  replica_state: ReplicaState 15+ tag 1
    replica_id: int32 = -1
    replica_epoch: int64 = -1
  max_wait_ms: int32
  min_bytes: int32
  max_bytes: int32 3+ = 2147483647 ignorable
  isolation_level: int8 4+ ignorable
  session_id: int32 7+ ignorable
  session_epoch: int32 7+ = -1 ignorable
  topics: list of Topic
    topic: string 0-12 ignorable
    topic_id: uuid 13+ ignorable
    partitions: list of Partition
      partition: int32
      current_leader_epoch: int32 9+ = -1 ignorable
      fetch_offset: int64
      last_fetched_epoch: int32 12+ = -1
      log_start_offset: int64 5+ = -1 ignorable
      partition_max_bytes: int32
      replica_directory_id: uuid 17+ tag 0 ignorable
      high_watermark: int64 18+ tag 1 = 9223372036854775807 ignorable
  forgotten_topics_data: list of Forgotten 7+
    topic: string 7-12 ignorable
    topic_id: uuid 13+ ignorable
    partitions: list of int32
  rack_id: string 11+ ignorable
FetchResponse key 1 versions 0-18 flexible 12+
  throttle_time_ms: int32 1+ ignorable
  error_code: int16 7+ ignorable
  session_id: int32 7+
  responses: list of Topic
    topic: string 0-12 ignorable
    topic_id: uuid 13+ ignorable
    partitions: list of Partition
      partition_index: int32
      error_code: int16
      high_watermark: int64
      last_stable_offset: int64 4+ = -1 ignorable
      log_start_offset: int64 5+ = -1 ignorable
      diverging_epoch: EpochEndOffset 12+ tag 0
        epoch: int32 = -1
        end_offset: int64 = -1
      current_leader: LeaderIdAndEpoch 12+ tag 1
        leader_id: int32 = -1
        leader_epoch: int32 = -1
      snapshot_id: SnapshotId 12+ tag 2
        end_offset: int64 = -1
        epoch: int32 = -1
      aborted_transactions: list of Aborted 4+ nullable ignorable
        producer_id: int64
        first_offset: int64
      preferred_read_replica: int32 11+ = -1
      records: bytes = null nullable
  node_endpoints: list of NodeEndpoint 16+ tag 0
    node_id: int32
    host: string
    port: int32
    rack: string = null nullable
ListOffsetsRequest key 2 versions 0-11 flexible 6+
  replica_id: int32
  isolation_level: int8 2+
  topics: list of Topic
    name: string
    partitions: list of Partition
      partition_index: int32
      current_leader_epoch: int32 4+ = -1 ignorable
      timestamp: int64
      max_num_offsets: int32 0 = 1
  timeout_ms: int32 10+ ignorable
ListOffsetsResponse key 2 versions 0-11 flexible 6+
  throttle_time_ms: int32 2+ ignorable
  topics: list of Topic
    name: string
    partitions: list of Partition
      partition_index: int32
      error_code: int16
      old_style_offsets: list of int64 0
      timestamp: int64 1+ = -1
      offset: int64 1+ = -1
      leader_epoch: int32 4+ = -1
MetadataRequest key 3 versions 0-13 flexible 9+
  topics: list of Topic null 1+
    topic_id: uuid 10+ ignorable
    name: string null 10+
  allow_auto_topic_creation: bool 4+ = true
  include_cluster_authorized_operations: bool 8-10
  include_topic_authorized_operations: bool 8+
MetadataResponse key 3 versions 0-13 flexible 9+
  throttle_time_ms: int32 3+ ignorable
  brokers: list of Broker
    node_id: int32
    host: string
    port: int32
    rack: string 1+ = null nullable ignorable
  cluster_id: string 2+ = null nullable ignorable
  controller_id: int32 1+ = -1 ignorable
  topics: list of Topic
    error_code: int16
    name: string null 12+
    topic_id: uuid 10+ ignorable
    is_internal: bool 1+ ignorable
    partitions: list of Partition
      error_code: int16
      partition_index: int32
      leader_id: int32
      leader_epoch: int32 7+ = -1 ignorable
      replica_nodes: list of int32
      isr_nodes: list of int32
      offline_replicas: list of int32 5+ ignorable
    topic_authorized_operations: int32 8+ = -2147483648
  cluster_authorized_operations: int32 8-10 = -2147483648
  error_code: int16 13+ ignorable
OffsetCommitRequest key 8 versions 0-10 flexible 8+
  group_id: string
  generation_id_or_member_epoch: int32 1+ = -1 ignorable
  member_id: string 1+ ignorable
  group_instance_id: string 7+ = null nullable
  retention_time_ms: int64 2-4 = -1 ignorable
  topics: list of Topic
    name: string 0-9 ignorable
    topic_id: uuid 10+ ignorable
    partitions: list of Partition
      partition_index: int32
      committed_offset: int64
      committed_leader_epoch: int32 6+ = -1 ignorable
      commit_timestamp: int64 1 = -1
      committed_metadata: string nullable
OffsetCommitResponse key 8 versions 0-10 flexible 8+
  throttle_time_ms: int32 3+ ignorable
  topics: list of Topic
    name: string 0-9 ignorable
    topic_id: uuid 10+ ignorable
    partitions: list of Partition
      partition_index: int32
      error_code: int16
OffsetFetchRequest key 9 versions 0-10 flexible 6+
  group_id: string 0-7
  topics: list of Topic 0-7 null 2-7
    name: string
    partition_indexes: list of int32
  groups: list of Group 8+
    group_id: string
    member_id: string 9+ = null nullable ignorable
    member_epoch: int32 9+ = -1 ignorable
    topics: list of GroupTopic nullable
      name: string 8-9 ignorable
      topic_id: uuid 10+ ignorable
      partition_indexes: list of int32
  require_stable: bool 7+
OffsetFetchResponse key 9 versions 0-10 flexible 6+
  throttle_time_ms: int32 3+ ignorable
  topics: list of Topic 0-7
    name: string
    partitions: list of Partition
      partition_index: int32
      committed_offset: int64
      committed_leader_epoch: int32 5-7 = -1 ignorable
      metadata: string nullable
      error_code: int16
  error_code: int16 2-7 ignorable
  groups: list of Group 8+
    group_id: string
    topics: list of GroupTopic
      name: string 8-9 ignorable
      topic_id: uuid 10+ ignorable
      partitions: list of GroupPartition
        partition_index: int32
        committed_offset: int64
        committed_leader_epoch: int32 = -1 ignorable
        metadata: string nullable
        error_code: int16
    error_code: int16
FindCoordinatorRequest key 10 versions 0-6 flexible 3+
  key: string 0-3
  key_type: int8 1+
  coordinator_keys: list of string 4+
FindCoordinatorResponse key 10 versions 0-6 flexible 3+
  throttle_time_ms: int32 1+ ignorable
  error_code: int16 0-3
  error_message: string 1-3 nullable ignorable
  node_id: int32 0-3
  host: string 0-3
  port: int32 0-3
  coordinators: list of Coordinator 4+
    key: string
    node_id: int32
    host: string
    port: int32
    error_code: int16
    error_message: string nullable ignorable
JoinGroupRequest key 11 versions 0-9 flexible 6+
  group_id: string
  session_timeout_ms: int32
  rebalance_timeout_ms: int32 1+ = -1 ignorable
  member_id: string
  group_instance_id: string 5+ = null nullable
  protocol_type: string
  protocols: list of Protocol
    name: string
    metadata: bytes
  reason: string 8+ = null nullable ignorable
JoinGroupResponse key 11 versions 0-9 flexible 6+
  throttle_time_ms: int32 2+ ignorable
  error_code: int16
  generation_id: int32 = -1
  protocol_type: string 7+ = null nullable ignorable
  protocol_name: string null 7+
  leader: string
  skip_assignment: bool 9+
  member_id: string
  members: list of Member
    member_id: string
    group_instance_id: string 5+ = null nullable ignorable
    metadata: bytes
HeartbeatRequest key 12 versions 0-4 flexible 4+
  group_id: string
  generation_id: int32
  member_id: string
  group_instance_id: string 3+ = null nullable
HeartbeatResponse key 12 versions 0-4 flexible 4+
  throttle_time_ms: int32 1+ ignorable
  error_code: int16
LeaveGroupRequest key 13 versions 0-5 flexible 4+
  group_id: string
  member_id: string 0-2
  members: list of Member 3+
    member_id: string
    group_instance_id: string = null nullable
    reason: string 5+ = null nullable ignorable
LeaveGroupResponse key 13 versions 0-5 flexible 4+
  throttle_time_ms: int32 1+ ignorable
  error_code: int16
  members: list of Member 3+
    member_id: string
    group_instance_id: string nullable
    error_code: int16
SyncGroupRequest key 14 versions 0-5 flexible 4+
  group_id: string
  generation_id: int32
  member_id: string
  group_instance_id: string 3+ = null nullable
  protocol_type: string 5+ = null nullable ignorable
  protocol_name: string 5+ = null nullable ignorable
  assignments: list of Assignment
    member_id: string
    assignment: bytes
SyncGroupResponse key 14 versions 0-5 flexible 4+
  throttle_time_ms: int32 1+ ignorable
  error_code: int16
  protocol_type: string 5+ = null nullable ignorable
  protocol_name: string 5+ = null nullable ignorable
  assignment: bytes
ApiVersionsRequest key 18 versions 0-4 flexible 3+
  client_software_name: string 3+ ignorable
  client_software_version: string 3+ ignorable
ApiVersionsResponse key 18 versions 0-4 flexible 3+
  error_code: int16
  api_keys: list of ApiVersion
    api_key: int16
    min_version: int16
    max_version: int16
  throttle_time_ms: int32 1+ ignorable
  supported_features: list of SupportedFeature 3+ tag 0 ignorable
    name: string
    min_version: int16
    max_version: int16
  finalized_features_epoch: int64 3+ tag 1 = -1 ignorable
  finalized_features: list of FinalizedFeature 3+ tag 2 ignorable
    name: string
    max_version_level: int16
    min_version_level: int16
  zk_migration_ready: bool 3+ tag 3 ignorable
CreateTopicsRequest key 19 versions 0-7 flexible 5+
  topics: list of Topic
    name: string
    num_partitions: int32
    replication_factor: int16
    assignments: list of Assignment
      partition_index: int32
      broker_ids: list of int32
    configs: list of Config
      name: string
      value: string nullable
  timeout_ms: int32 = 60000
  validate_only: bool 1+
CreateTopicsResponse key 19 versions 0-7 flexible 5+
  throttle_time_ms: int32 2+ ignorable
  topics: list of Topic
    name: string
    topic_id: uuid 7+ ignorable
    error_code: int16
    error_message: string 1+ nullable ignorable
    topic_config_error_code: int16 5+ tag 0 ignorable
    num_partitions: int32 5+ = -1 ignorable
    replication_factor: int16 5+ = -1 ignorable
    configs: list of Config 5+ nullable ignorable
      name: string
      value: string nullable
      read_only: bool
      config_source: int8 = -1 ignorable
      is_sensitive: bool
DeleteTopicsRequest key 20 versions 0-6 flexible 4+
  topics: list of Topic 6+
    name: string = null nullable
    topic_id: uuid
  topic_names: list of string 0-5 ignorable
  timeout_ms: int32
DeleteTopicsResponse key 20 versions 0-6 flexible 4+
  throttle_time_ms: int32 1+ ignorable
  responses: list of Topic
    name: string null 6+
    topic_id: uuid 6+ ignorable
    error_code: int16
    error_message: string 5+ = null nullable ignorable
InitProducerIdRequest key 22 versions 0-6 flexible 2+
  transactional_id: string nullable
  transaction_timeout_ms: int32
  producer_id: int64 3+ = -1
  producer_epoch: int16 3+ = -1
  enable2_pc: bool 6+
  keep_prepared_txn: bool 6+
InitProducerIdResponse key 22 versions 0-6 flexible 2+
  throttle_time_ms: int32 ignorable
  error_code: int16
  producer_id: int64 = -1
  producer_epoch: int16
  ongoing_txn_producer_id: int64 6+ = -1
  ongoing_txn_producer_epoch: int16 6+ = -1
OffsetForLeaderEpochRequest key 23 versions 0-4 flexible 4+
  replica_id: int32 3+ = -2 ignorable
  topics: list of Topic
    topic: string
    partitions: list of Partition
      partition: int32
      current_leader_epoch: int32 2+ = -1 ignorable
      leader_epoch: int32
OffsetForLeaderEpochResponse key 23 versions 0-4 flexible 4+
  throttle_time_ms: int32 2+ ignorable
  topics: list of Topic
    topic: string
    partitions: list of EpochEndOffset
      error_code: int16
      partition: int32
      leader_epoch: int32 1+ = -1 ignorable
      end_offset: int64 = -1
ConsumerProtocolSubscription versions 0-3 flexible none
  topics: list of string
  user_data: bytes = null nullable
  owned_partitions: list of TopicPartition 1+ ignorable
    topic: string
    partitions: list of int32
  generation_id: int32 2+ = -1 ignorable
  rack_id: string 3+ = null nullable ignorable
ConsumerProtocolAssignment versions 0-3 flexible none
  assigned_partitions: list of TopicPartition
    topic: string
    partitions: list of int32
  user_data: bytes = null nullable
)";
// clang-format on

}  // namespace barnabas::protocol::test
