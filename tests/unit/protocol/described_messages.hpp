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
      records: records = null nullable
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
      records: records = null nullable
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
LeaderAndIsrRequest key 4 versions 0-7 flexible 4+
  controller_id: int32
  is_kraft_controller: bool 7+
  controller_epoch: int32
  broker_epoch: int64 2+ = -1 ignorable
  type: int8 5+
  ungrouped_partition_states: list of PartitionState 0-1
    topic_name: string 0-1 ignorable
    partition_index: int32
    controller_epoch: int32
    leader: int32
    leader_epoch: int32
    isr: list of int32
    partition_epoch: int32
    replicas: list of int32
    adding_replicas: list of int32 3+ ignorable
    removing_replicas: list of int32 3+ ignorable
    is_new: bool 1+ ignorable
    leader_recovery_state: int8 6+
  topic_states: list of TopicState 2+
    topic_name: string
    topic_id: uuid 5+ ignorable
    partition_states: list of PartitionState
      topic_name: string 0-1 ignorable
      partition_index: int32
      controller_epoch: int32
      leader: int32
      leader_epoch: int32
      isr: list of int32
      partition_epoch: int32
      replicas: list of int32
      adding_replicas: list of int32 3+ ignorable
      removing_replicas: list of int32 3+ ignorable
      is_new: bool 1+ ignorable
      leader_recovery_state: int8 6+
  live_leaders: list of LiveLeader
    broker_id: int32
    host_name: string
    port: int32
LeaderAndIsrResponse key 4 versions 0-7 flexible 4+
  error_code: int16
  partition_errors: list of PartitionError 0-4
    topic_name: string 0-4 ignorable
    partition_index: int32
    error_code: int16
  topics: list of Topic 5+
    topic_id: uuid
    partition_errors: list of PartitionError
      topic_name: string 0-4 ignorable
      partition_index: int32
      error_code: int16
StopReplicaRequest key 5 versions 0-4 flexible 2+
  controller_id: int32
  is_kraft_controller: bool 4+
  controller_epoch: int32
  broker_epoch: int64 1+ = -1 ignorable
  delete_partitions: bool 0-2
  ungrouped_partitions: list of UngroupedPartition 0
    topic_name: string
    partition_index: int32
  topics: list of Topic 1-2
    name: string
    partition_indexes: list of int32
  topic_states: list of TopicState 3+
    topic_name: string
    partition_states: list of PartitionState
      partition_index: int32
      leader_epoch: int32 = -1
      delete_partition: bool
StopReplicaResponse key 5 versions 0-4 flexible 2+
  error_code: int16
  partition_errors: list of PartitionError
    topic_name: string
    partition_index: int32
    error_code: int16
UpdateMetadataRequest key 6 versions 0-8 flexible 6+
  controller_id: int32
  is_kraft_controller: bool 8+
  type: int8 8+ tag 0
  controller_epoch: int32
  broker_epoch: int64 5+ = -1 ignorable
  ungrouped_partition_states: list of PartitionState 0-4
    topic_name: string 0-4 ignorable
    partition_index: int32
    controller_epoch: int32
    leader: int32
    leader_epoch: int32
    isr: list of int32
    zk_version: int32
    replicas: list of int32
    offline_replicas: list of int32 4+ ignorable
  topic_states: list of TopicState 5+
    topic_name: string
    topic_id: uuid 7+ ignorable
    partition_states: list of PartitionState
      topic_name: string 0-4 ignorable
      partition_index: int32
      controller_epoch: int32
      leader: int32
      leader_epoch: int32
      isr: list of int32
      zk_version: int32
      replicas: list of int32
      offline_replicas: list of int32 4+ ignorable
  live_brokers: list of Broker
    id: int32
    v0_host: string 0 ignorable
    v0_port: int32 0 ignorable
    endpoints: list of Endpoint 1+ ignorable
      port: int32
      host: string
      listener: string 3+ ignorable
      security_protocol: int16
    rack: string 2+ nullable ignorable
UpdateMetadataResponse key 6 versions 0-8 flexible 6+
  error_code: int16
ControlledShutdownRequest key 7 versions 0-3 flexible 3+
  broker_id: int32
  broker_epoch: int64 2+ = -1 ignorable
ControlledShutdownResponse key 7 versions 0-3 flexible 3+
  error_code: int16
  remaining_partitions: list of Partition
    topic_name: string
    partition_index: int32
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
DescribeGroupsRequest key 15 versions 0-6 flexible 5+
  groups: list of string
  include_authorized_operations: bool 3+
DescribeGroupsResponse key 15 versions 0-6 flexible 5+
  throttle_time_ms: int32 1+ ignorable
  groups: list of Group
    error_code: int16
    error_message: string 6+ = null nullable
    group_id: string
    group_state: string
    protocol_type: string
    protocol_data: string
    members: list of Member
      member_id: string
      group_instance_id: string 4+ = null nullable ignorable
      client_id: string
      client_host: string
      member_metadata: bytes
      member_assignment: bytes
    authorized_operations: int32 3+ = -2147483648
ListGroupsRequest key 16 versions 0-5 flexible 3+
  states_filter: list of string 4+
  types_filter: list of string 5+
ListGroupsResponse key 16 versions 0-5 flexible 3+
  throttle_time_ms: int32 1+ ignorable
  error_code: int16
  groups: list of Group
    group_id: string
    protocol_type: string
    group_state: string 4+ ignorable
    group_type: string 5+ ignorable
SaslHandshakeRequest key 17 versions 0-1 flexible none
  mechanism: string
SaslHandshakeResponse key 17 versions 0-1 flexible none
  error_code: int16
  mechanisms: list of string
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
DeleteRecordsRequest key 21 versions 0-2 flexible 2+
  topics: list of Topic
    name: string
    partitions: list of Partition
      partition_index: int32
      offset: int64
  timeout_ms: int32
DeleteRecordsResponse key 21 versions 0-2 flexible 2+
  throttle_time_ms: int32
  topics: list of Topic
    name: string
    partitions: list of Partition
      partition_index: int32
      low_watermark: int64
      error_code: int16
InitProducerIdRequest key 22 versions 0-6 flexible 2+ unstable 6
  transactional_id: string nullable
  transaction_timeout_ms: int32
  producer_id: int64 3+ = -1
  producer_epoch: int16 3+ = -1
  enable2_pc: bool 6+
  keep_prepared_txn: bool 6+
InitProducerIdResponse key 22 versions 0-6 flexible 2+ unstable 6
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
AddPartitionsToTxnRequest key 24 versions 0-5 flexible 3+
  transactions: list of Transaction 4+
    transactional_id: string
    producer_id: int64
    producer_epoch: int16
    verify_only: bool
    topics: list of Topic
      name: string
      partitions: list of int32
  v3_and_below_transactional_id: string 0-3
  v3_and_below_producer_id: int64 0-3
  v3_and_below_producer_epoch: int16 0-3
  v3_and_below_topics: list of Topic 0-3
    name: string
    partitions: list of int32
AddPartitionsToTxnResponse key 24 versions 0-5 flexible 3+
  throttle_time_ms: int32
  error_code: int16 4+ ignorable
  results_by_transaction: list of Result 4+
    transactional_id: string
    topic_results: list of Topic
      name: string
      results_by_partition: list of Partition
        partition_index: int32
        partition_error_code: int16
  results_by_topic_v3_and_below: list of Topic 0-3
    name: string
    results_by_partition: list of Partition
      partition_index: int32
      partition_error_code: int16
AddOffsetsToTxnRequest key 25 versions 0-4 flexible 3+
  transactional_id: string
  producer_id: int64
  producer_epoch: int16
  group_id: string
AddOffsetsToTxnResponse key 25 versions 0-4 flexible 3+
  throttle_time_ms: int32
  error_code: int16
EndTxnRequest key 26 versions 0-5 flexible 3+
  transactional_id: string
  producer_id: int64
  producer_epoch: int16
  committed: bool
EndTxnResponse key 26 versions 0-5 flexible 3+
  throttle_time_ms: int32
  error_code: int16
  producer_id: int64 5+ = -1 ignorable
  producer_epoch: int16 5+ = -1 ignorable
WriteTxnMarkersRequest key 27 versions 0-2 flexible 1+
  markers: list of Marker
    producer_id: int64
    producer_epoch: int16
    transaction_result: bool
    topics: list of Topic
      name: string
      partition_indexes: list of int32
    coordinator_epoch: int32
    transaction_version: int8 2+ ignorable
WriteTxnMarkersResponse key 27 versions 0-2 flexible 1+
  markers: list of Marker
    producer_id: int64
    topics: list of Topic
      name: string
      partitions: list of Partition
        partition_index: int32
        error_code: int16
TxnOffsetCommitRequest key 28 versions 0-5 flexible 3+
  transactional_id: string
  group_id: string
  producer_id: int64
  producer_epoch: int16
  generation_id: int32 3+ = -1
  member_id: string 3+
  group_instance_id: string 3+ = null nullable
  topics: list of Topic
    name: string
    partitions: list of Partition
      partition_index: int32
      committed_offset: int64
      committed_leader_epoch: int32 2+ = -1 ignorable
      committed_metadata: string nullable
TxnOffsetCommitResponse key 28 versions 0-5 flexible 3+
  throttle_time_ms: int32
  topics: list of Topic
    name: string
    partitions: list of Partition
      partition_index: int32
      error_code: int16
DescribeAclsRequest key 29 versions 0-3 flexible 2+
  resource_type_filter: int8
  resource_name_filter: string nullable
  pattern_type_filter: int8 1+ = 3
  principal_filter: string nullable
  host_filter: string nullable
  operation: int8
  permission_type: int8
DescribeAclsResponse key 29 versions 0-3 flexible 2+
  throttle_time_ms: int32
  error_code: int16
  error_message: string nullable
  resources: list of Resource
    resource_type: int8
    resource_name: string
    pattern_type: int8 1+ = 3
    acls: list of Acl
      principal: string
      host: string
      operation: int8
      permission_type: int8
CreateAclsRequest key 30 versions 0-3 flexible 2+
  creations: list of Creation
    resource_type: int8
    resource_name: string
    resource_pattern_type: int8 1+ = 3
    principal: string
    host: string
    operation: int8
    permission_type: int8
CreateAclsResponse key 30 versions 0-3 flexible 2+
  throttle_time_ms: int32
  results: list of Result
    error_code: int16
    error_message: string nullable
DeleteAclsRequest key 31 versions 0-3 flexible 2+
  filters: list of Filter
    resource_type_filter: int8
    resource_name_filter: string nullable
    pattern_type_filter: int8 1+ = 3
    principal_filter: string nullable
    host_filter: string nullable
    operation: int8
    permission_type: int8
DeleteAclsResponse key 31 versions 0-3 flexible 2+
  throttle_time_ms: int32
  filter_results: list of Result
    error_code: int16
    error_message: string nullable
    matching_acls: list of Acl
      error_code: int16
      error_message: string nullable
      resource_type: int8
      resource_name: string
      pattern_type: int8 1+ = 3
      principal: string
      host: string
      operation: int8
      permission_type: int8
DescribeConfigsRequest key 32 versions 0-4 flexible 4+
  resources: list of Resource
    resource_type: int8
    resource_name: string
    configuration_keys: list of string nullable
  include_synonyms: bool 1+
  include_documentation: bool 3+
DescribeConfigsResponse key 32 versions 0-4 flexible 4+
  throttle_time_ms: int32
  results: list of Result
    error_code: int16
    error_message: string nullable
    resource_type: int8
    resource_name: string
    configs: list of Config
      name: string
      value: string nullable
      read_only: bool
      is_default: bool 0
      config_source: int8 1+ = -1 ignorable
      is_sensitive: bool
      synonyms: list of Synonym 1+ ignorable
        name: string
        value: string nullable
        source: int8
      config_type: int8 3+ ignorable
      documentation: string 3+ nullable ignorable
AlterConfigsRequest key 33 versions 0-2 flexible 2+
  resources: list of Resource
    resource_type: int8
    resource_name: string
    configs: list of Config
      name: string
      value: string nullable
  validate_only: bool
AlterConfigsResponse key 33 versions 0-2 flexible 2+
  throttle_time_ms: int32
  responses: list of Resource
    error_code: int16
    error_message: string nullable
    resource_type: int8
    resource_name: string
AlterReplicaLogDirsRequest key 34 versions 0-2 flexible 2+
  dirs: list of Dir
    path: string
    topics: list of Topic
      name: string
      partitions: list of int32
AlterReplicaLogDirsResponse key 34 versions 0-2 flexible 2+
  throttle_time_ms: int32
  results: list of Topic
    topic_name: string
    partitions: list of Partition
      partition_index: int32
      error_code: int16
DescribeLogDirsRequest key 35 versions 0-5 flexible 2+
  topics: list of Topic nullable
    topic: string
    partitions: list of int32
DescribeLogDirsResponse key 35 versions 0-5 flexible 2+
  throttle_time_ms: int32
  error_code: int16 3+ ignorable
  results: list of Result
    error_code: int16
    log_dir: string
    topics: list of Topic
      name: string
      partitions: list of Partition
        partition_index: int32
        partition_size: int64
        offset_lag: int64
        is_future_key: bool
    total_bytes: int64 4+ = -1 ignorable
    usable_bytes: int64 4+ = -1 ignorable
    is_cordoned: bool 5+ ignorable
SaslAuthenticateRequest key 36 versions 0-2 flexible 2+
  auth_bytes: bytes
SaslAuthenticateResponse key 36 versions 0-2 flexible 2+
  error_code: int16
  error_message: string nullable
  auth_bytes: bytes
  session_lifetime_ms: int64 1+ ignorable
CreatePartitionsRequest key 37 versions 0-3 flexible 2+
  topics: list of Topic
    name: string
    count: int32
    assignments: list of Assignment nullable
      broker_ids: list of int32
  timeout_ms: int32
  validate_only: bool
CreatePartitionsResponse key 37 versions 0-3 flexible 2+
  throttle_time_ms: int32
  results: list of Result
    name: string
    error_code: int16
    error_message: string = null nullable
CreateDelegationTokenRequest key 38 versions 0-3 flexible 2+
  owner_principal_type: string 3+ nullable
  owner_principal_name: string 3+ nullable
  renewers: list of Renewer
    principal_type: string
    principal_name: string
  max_lifetime_ms: int64
CreateDelegationTokenResponse key 38 versions 0-3 flexible 2+
  error_code: int16
  principal_type: string
  principal_name: string
  token_requester_principal_type: string 3+
  token_requester_principal_name: string 3+
  issue_timestamp_ms: int64
  expiry_timestamp_ms: int64
  max_timestamp_ms: int64
  token_id: string
  hmac: bytes
  throttle_time_ms: int32
RenewDelegationTokenRequest key 39 versions 0-2 flexible 2+
  hmac: bytes
  renew_period_ms: int64
RenewDelegationTokenResponse key 39 versions 0-2 flexible 2+
  error_code: int16
  expiry_timestamp_ms: int64
  throttle_time_ms: int32
ExpireDelegationTokenRequest key 40 versions 0-2 flexible 2+
  hmac: bytes
  expiry_time_period_ms: int64
ExpireDelegationTokenResponse key 40 versions 0-2 flexible 2+
  error_code: int16
  expiry_timestamp_ms: int64
  throttle_time_ms: int32
DescribeDelegationTokenRequest key 41 versions 0-3 flexible 2+
  owners: list of Owner nullable
    principal_type: string
    principal_name: string
DescribeDelegationTokenResponse key 41 versions 0-3 flexible 2+
  error_code: int16
  tokens: list of Token
    principal_type: string
    principal_name: string
    token_requester_principal_type: string 3+
    token_requester_principal_name: string 3+
    issue_timestamp: int64
    expiry_timestamp: int64
    max_timestamp: int64
    token_id: string
    hmac: bytes
    renewers: list of Renewer
      principal_type: string
      principal_name: string
  throttle_time_ms: int32
DeleteGroupsRequest key 42 versions 0-2 flexible 2+
  groups_names: list of string
DeleteGroupsResponse key 42 versions 0-2 flexible 2+
  throttle_time_ms: int32
  results: list of Result
    group_id: string
    error_code: int16
ElectLeadersRequest key 43 versions 0-2 flexible 2+
  election_type: int8 1+
  topic_partitions: list of TopicPartitions nullable
    topic: string
    partitions: list of int32
  timeout_ms: int32 = 60000
ElectLeadersResponse key 43 versions 0-2 flexible 2+
  throttle_time_ms: int32
  error_code: int16 1+
  replica_election_results: list of Result
    topic: string
    partition_result: list of Partition
      partition_id: int32
      error_code: int16
      error_message: string nullable
IncrementalAlterConfigsRequest key 44 versions 0-1 flexible 1+
  resources: list of Resource
    resource_type: int8
    resource_name: string
    configs: list of Config
      name: string
      config_operation: int8
      value: string nullable
  validate_only: bool
IncrementalAlterConfigsResponse key 44 versions 0-1 flexible 1+
  throttle_time_ms: int32
  responses: list of Resource
    error_code: int16
    error_message: string nullable
    resource_type: int8
    resource_name: string
AlterPartitionReassignmentsRequest key 45 versions 0-1 flexible 0+
  timeout_ms: int32 = 60000
  allow_replication_factor_change: bool 1+ = true
  topics: list of Topic
    name: string
    partitions: list of Partition
      partition_index: int32
      replicas: list of int32 = null nullable
AlterPartitionReassignmentsResponse key 45 versions 0-1 flexible 0+
  throttle_time_ms: int32
  allow_replication_factor_change: bool 1+ = true ignorable
  error_code: int16
  error_message: string nullable
  responses: list of Topic
    name: string
    partitions: list of Partition
      partition_index: int32
      error_code: int16
      error_message: string nullable
ListPartitionReassignmentsRequest key 46 versions 0 flexible 0+
  timeout_ms: int32 = 60000
  topics: list of Topic = null nullable
    name: string
    partition_indexes: list of int32
ListPartitionReassignmentsResponse key 46 versions 0 flexible 0+
  throttle_time_ms: int32
  error_code: int16
  error_message: string nullable
  topics: list of Topic
    name: string
    partitions: list of Partition
      partition_index: int32
      replicas: list of int32
      adding_replicas: list of int32
      removing_replicas: list of int32
OffsetDeleteRequest key 47 versions 0 flexible none
  group_id: string
  topics: list of Topic
    name: string
    partitions: list of Partition
      partition_index: int32
OffsetDeleteResponse key 47 versions 0 flexible none
  error_code: int16
  throttle_time_ms: int32 ignorable
  topics: list of Topic
    name: string
    partitions: list of Partition
      partition_index: int32
      error_code: int16
DescribeClientQuotasRequest key 48 versions 0-1 flexible 1+
  components: list of Component
    entity_type: string
    match_type: int8
    match: string nullable
  strict: bool
DescribeClientQuotasResponse key 48 versions 0-1 flexible 1+
  throttle_time_ms: int32
  error_code: int16
  error_message: string nullable
  entries: list of Entry nullable
    entity: list of EntityPart
      entity_type: string
      entity_name: string nullable
    values: list of Value
      key: string
      value: float64
AlterClientQuotasRequest key 49 versions 0-1 flexible 1+
  entries: list of Entry
    entity: list of EntityPart
      entity_type: string
      entity_name: string nullable
    ops: list of Op
      key: string
      value: float64
      remove: bool
  validate_only: bool
AlterClientQuotasResponse key 49 versions 0-1 flexible 1+
  throttle_time_ms: int32
  entries: list of Entry
    error_code: int16
    error_message: string nullable
    entity: list of EntityPart
      entity_type: string
      entity_name: string nullable
DescribeUserScramCredentialsRequest key 50 versions 0 flexible 0+
  users: list of User nullable
    name: string
DescribeUserScramCredentialsResponse key 50 versions 0 flexible 0+
  throttle_time_ms: int32
  error_code: int16
  error_message: string nullable
  results: list of Result
    user: string
    error_code: int16
    error_message: string nullable
    credential_infos: list of CredentialInfo
      mechanism: int8
      iterations: int32
AlterUserScramCredentialsRequest key 51 versions 0 flexible 0+
  deletions: list of Deletion
    name: string
    mechanism: int8
  upsertions: list of Upsertion
    name: string
    mechanism: int8
    iterations: int32
    salt: bytes
    salted_password: bytes
AlterUserScramCredentialsResponse key 51 versions 0 flexible 0+
  throttle_time_ms: int32
  results: list of Result
    user: string
    error_code: int16
    error_message: string nullable
VoteRequest key 52 versions 0-2 flexible 0+
  cluster_id: string = null nullable
  voter_id: int32 1+ = -1 ignorable
  topics: list of Topic
    topic_name: string
    partitions: list of Partition
      partition_index: int32
      replica_epoch: int32
      replica_id: int32
      replica_directory_id: uuid 1+ ignorable
      voter_directory_id: uuid 1+ ignorable
      last_offset_epoch: int32
      last_offset: int64
      pre_vote: bool 2+
VoteResponse key 52 versions 0-2 flexible 0+
  error_code: int16
  topics: list of Topic
    topic_name: string
    partitions: list of Partition
      partition_index: int32
      error_code: int16
      leader_id: int32
      leader_epoch: int32
      vote_granted: bool
  node_endpoints: list of NodeEndpoint 1+ tag 0
    node_id: int32
    host: string
    port: uint16
BeginQuorumEpochRequest key 53 versions 0-1 flexible 1+
  cluster_id: string = null nullable
  voter_id: int32 1+ = -1 ignorable
  topics: list of Topic
    topic_name: string
    partitions: list of Partition
      partition_index: int32
      voter_directory_id: uuid 1+ ignorable
      leader_id: int32
      leader_epoch: int32
  leader_endpoints: list of LeaderEndpoint 1+ ignorable
    name: string
    host: string
    port: uint16
BeginQuorumEpochResponse key 53 versions 0-1 flexible 1+
  error_code: int16
  topics: list of Topic
    topic_name: string
    partitions: list of Partition
      partition_index: int32
      error_code: int16
      leader_id: int32
      leader_epoch: int32
  node_endpoints: list of NodeEndpoint 1+ tag 0
    node_id: int32
    host: string
    port: uint16
EndQuorumEpochRequest key 54 versions 0-1 flexible 1+
  cluster_id: string = null nullable
  topics: list of Topic
    topic_name: string
    partitions: list of Partition
      partition_index: int32
      leader_id: int32
      leader_epoch: int32
      preferred_successors: list of int32 0 ignorable
      preferred_candidates: list of Candidate 1+ ignorable
        candidate_id: int32
        candidate_directory_id: uuid
  leader_endpoints: list of LeaderEndpoint 1+ ignorable
    name: string
    host: string
    port: uint16
EndQuorumEpochResponse key 54 versions 0-1 flexible 1+
  error_code: int16
  topics: list of Topic
    topic_name: string
    partitions: list of Partition
      partition_index: int32
      error_code: int16
      leader_id: int32
      leader_epoch: int32
  node_endpoints: list of NodeEndpoint 1+ tag 0
    node_id: int32
    host: string
    port: uint16
DescribeQuorumRequest key 55 versions 0-2 flexible 0+
  topics: list of Topic
    topic_name: string
    partitions: list of Partition
      partition_index: int32
DescribeQuorumResponse key 55 versions 0-2 flexible 0+
  error_code: int16
  error_message: string 2+ nullable ignorable
  topics: list of Topic
    topic_name: string
    partitions: list of Partition
      partition_index: int32
      error_code: int16
      error_message: string 2+ nullable ignorable
      leader_id: int32
      leader_epoch: int32
      high_watermark: int64
      current_voters: list of ReplicaState
        replica_id: int32
        replica_directory_id: uuid 2+
        log_end_offset: int64
        last_fetch_timestamp: int64 1+ = -1 ignorable
        last_caught_up_timestamp: int64 1+ = -1 ignorable
      observers: list of ReplicaState
        replica_id: int32
        replica_directory_id: uuid 2+
        log_end_offset: int64
        last_fetch_timestamp: int64 1+ = -1 ignorable
        last_caught_up_timestamp: int64 1+ = -1 ignorable
  nodes: list of Node 2+
    node_id: int32
    listeners: list of Listener
      name: string
      host: string
      port: uint16
AlterPartitionRequest key 56 versions 0-3 flexible 0+
  broker_id: int32
  broker_epoch: int64 = -1
  topics: list of Topic
    topic_name: string 0-1 ignorable
    topic_id: uuid 2+ ignorable
    partitions: list of Partition
      partition_index: int32
      leader_epoch: int32
      new_isr: list of int32 0-2
      new_isr_with_epochs: list of BrokerState 3+
        broker_id: int32
        broker_epoch: int64 = -1
      leader_recovery_state: int8 1+
      partition_epoch: int32
AlterPartitionResponse key 56 versions 0-3 flexible 0+
  throttle_time_ms: int32
  error_code: int16
  topics: list of Topic
    topic_name: string 0-1 ignorable
    topic_id: uuid 2+ ignorable
    partitions: list of Partition
      partition_index: int32
      error_code: int16
      leader_id: int32
      leader_epoch: int32
      isr: list of int32
      leader_recovery_state: int8 1+ ignorable
      partition_epoch: int32
UpdateFeaturesRequest key 57 versions 0-2 flexible 0+
  timeout_ms: int32 = 60000
  feature_updates: list of Update
    feature: string
    max_version_level: int16
    allow_downgrade: bool 0
    upgrade_type: int8 1+ = 1
  validate_only: bool 1+
UpdateFeaturesResponse key 57 versions 0-2 flexible 0+
  throttle_time_ms: int32
  error_code: int16
  error_message: string nullable
  results: list of Result 0-1 ignorable
    feature: string
    error_code: int16
    error_message: string nullable
EnvelopeRequest key 58 versions 0 flexible 0+
  request_data: bytes
  request_principal: bytes nullable
  client_host_address: bytes
EnvelopeResponse key 58 versions 0 flexible 0+
  response_data: bytes = null nullable
  error_code: int16
FetchSnapshotRequest key 59 versions 0-1 flexible 0+
  cluster_id: string tag 0 = null nullable
  replica_id: int32 = -1
  max_bytes: int32 = 2147483647
  topics: list of Topic
    name: string
    partitions: list of Partition
      partition: int32
      current_leader_epoch: int32
      snapshot_id: SnapshotId
        end_offset: int64
        epoch: int32
      position: int64
      replica_directory_id: uuid 1+ tag 0 ignorable
FetchSnapshotResponse key 59 versions 0-1 flexible 0+
  throttle_time_ms: int32 ignorable
  error_code: int16
  topics: list of Topic
    name: string
    partitions: list of Partition
      index: int32
      error_code: int16
      snapshot_id: SnapshotId
        end_offset: int64
        epoch: int32
      current_leader: LeaderIdAndEpoch tag 0
        leader_id: int32
        leader_epoch: int32
      size: int64
      position: int64
      unaligned_records: records
  node_endpoints: list of NodeEndpoint 1+ tag 0
    node_id: int32
    host: string
    port: uint16
DescribeClusterRequest key 60 versions 0-2 flexible 0+
  include_cluster_authorized_operations: bool
  endpoint_type: int8 1+ = 1
  include_fenced_brokers: bool 2+
DescribeClusterResponse key 60 versions 0-2 flexible 0+
  throttle_time_ms: int32
  error_code: int16
  error_message: string = null nullable
  endpoint_type: int8 1+ = 1
  cluster_id: string
  controller_id: int32 = -1
  brokers: list of Broker
    broker_id: int32
    host: string
    port: int32
    rack: string = null nullable
    is_fenced: bool 2+
  cluster_authorized_operations: int32 = -2147483648
DescribeProducersRequest key 61 versions 0 flexible 0+
  topics: list of Topic
    name: string
    partition_indexes: list of int32
DescribeProducersResponse key 61 versions 0 flexible 0+
  throttle_time_ms: int32
  topics: list of Topic
    name: string
    partitions: list of Partition
      partition_index: int32
      error_code: int16
      error_message: string = null nullable
      active_producers: list of Producer
        producer_id: int64
        producer_epoch: int32
        last_sequence: int32 = -1
        last_timestamp: int64 = -1
        coordinator_epoch: int32
        current_txn_start_offset: int64 = -1
BrokerRegistrationRequest key 62 versions 0-4 flexible 0+
  broker_id: int32
  cluster_id: string
  incarnation_id: uuid
  listeners: list of Listener
    name: string
    host: string
    port: uint16
    security_protocol: int16
  features: list of Feature
    name: string
    min_supported_version: int16
    max_supported_version: int16
  rack: string nullable
  is_migrating_zk_broker: bool 1+
  log_dirs: list of uuid 2+ ignorable
  previous_broker_epoch: int64 3+ = -1 ignorable
BrokerRegistrationResponse key 62 versions 0-4 flexible 0+
  throttle_time_ms: int32
  error_code: int16
  broker_epoch: int64 = -1
BrokerHeartbeatRequest key 63 versions 0-2 flexible 0+
  broker_id: int32
  broker_epoch: int64 = -1
  current_metadata_offset: int64
  want_fence: bool
  want_shut_down: bool
  offline_log_dirs: list of uuid 1+ tag 0
  cordoned_log_dirs: list of uuid 2+ tag 1 = null nullable
BrokerHeartbeatResponse key 63 versions 0-2 flexible 0+
  throttle_time_ms: int32
  error_code: int16
  is_caught_up: bool
  is_fenced: bool = true
  should_shut_down: bool
UnregisterBrokerRequest key 64 versions 0 flexible 0+
  broker_id: int32
UnregisterBrokerResponse key 64 versions 0 flexible 0+
  throttle_time_ms: int32
  error_code: int16
  error_message: string nullable
DescribeTransactionsRequest key 65 versions 0 flexible 0+
  transactional_ids: list of string
DescribeTransactionsResponse key 65 versions 0 flexible 0+
  throttle_time_ms: int32
  transaction_states: list of State
    error_code: int16
    transactional_id: string
    transaction_state: string
    transaction_timeout_ms: int32
    transaction_start_time_ms: int64
    producer_id: int64
    producer_epoch: int16
    topics: list of Topic
      topic: string
      partitions: list of int32
ListTransactionsRequest key 66 versions 0-2 flexible 0+
  state_filters: list of string
  producer_id_filters: list of int64
  duration_filter: int64 1+ = -1
  transactional_id_pattern: string 2+ = null nullable
ListTransactionsResponse key 66 versions 0-2 flexible 0+
  throttle_time_ms: int32
  error_code: int16
  unknown_state_filters: list of string
  transaction_states: list of State
    transactional_id: string
    producer_id: int64
    transaction_state: string
AllocateProducerIdsRequest key 67 versions 0 flexible 0+
  broker_id: int32
  broker_epoch: int64 = -1
AllocateProducerIdsResponse key 67 versions 0 flexible 0+
  throttle_time_ms: int32
  error_code: int16
  producer_id_start: int64
  producer_id_len: int32
ConsumerGroupHeartbeatRequest key 68 versions 0-1 flexible 0+
  group_id: string
  member_id: string
  member_epoch: int32
  instance_id: string = null nullable
  rack_id: string = null nullable
  rebalance_timeout_ms: int32 = -1
  subscribed_topic_names: list of string = null nullable
  subscribed_topic_regex: string 1+ = null nullable
  server_assignor: string = null nullable
  topic_partitions: list of TopicPartitions = null nullable
    topic_id: uuid
    partitions: list of int32
ConsumerGroupHeartbeatResponse key 68 versions 0-1 flexible 0+
  throttle_time_ms: int32
  error_code: int16
  error_message: string = null nullable
  member_id: string = null nullable
  member_epoch: int32
  heartbeat_interval_ms: int32
  assignment: Assignment = null nullable
    topic_partitions: list of TopicPartitions
      topic_id: uuid
      partitions: list of int32
ConsumerGroupDescribeRequest key 69 versions 0-1 flexible 0+
  group_ids: list of string
  include_authorized_operations: bool
ConsumerGroupDescribeResponse key 69 versions 0-1 flexible 0+
  throttle_time_ms: int32
  groups: list of Group
    error_code: int16
    error_message: string = null nullable
    group_id: string
    group_state: string
    group_epoch: int32
    assignment_epoch: int32
    assignor_name: string
    members: list of Member
      member_id: string
      instance_id: string = null nullable
      rack_id: string = null nullable
      member_epoch: int32
      client_id: string
      client_host: string
      subscribed_topic_names: list of string
      subscribed_topic_regex: string = null nullable
      assignment: Assignment
        topic_partitions: list of TopicPartitions
          topic_id: uuid
          topic_name: string
          partitions: list of int32
      target_assignment: Assignment
        topic_partitions: list of TopicPartitions
          topic_id: uuid
          topic_name: string
          partitions: list of int32
      member_type: int8 1+ = -1 ignorable
    authorized_operations: int32 = -2147483648
ControllerRegistrationRequest key 70 versions 0 flexible 0+
  controller_id: int32
  incarnation_id: uuid
  zk_migration_ready: bool
  listeners: list of Listener
    name: string
    host: string
    port: uint16
    security_protocol: int16
  features: list of Feature
    name: string
    min_supported_version: int16
    max_supported_version: int16
ControllerRegistrationResponse key 70 versions 0 flexible 0+
  throttle_time_ms: int32
  error_code: int16
  error_message: string nullable
GetTelemetrySubscriptionsRequest key 71 versions 0 flexible 0+
  client_instance_id: uuid
GetTelemetrySubscriptionsResponse key 71 versions 0 flexible 0+
  throttle_time_ms: int32
  error_code: int16
  client_instance_id: uuid
  subscription_id: int32
  accepted_compression_types: list of int8
  push_interval_ms: int32
  telemetry_max_bytes: int32
  delta_temporality: bool
  requested_metrics: list of string
PushTelemetryRequest key 72 versions 0 flexible 0+
  client_instance_id: uuid
  subscription_id: int32
  terminating: bool
  compression_type: int8
  metrics: bytes
PushTelemetryResponse key 72 versions 0 flexible 0+
  throttle_time_ms: int32
  error_code: int16
AssignReplicasToDirsRequest key 73 versions 0 flexible 0+
  broker_id: int32
  broker_epoch: int64 = -1
  directories: list of Directory
    id: uuid
    topics: list of Topic
      topic_id: uuid
      partitions: list of Partition
        partition_index: int32
AssignReplicasToDirsResponse key 73 versions 0 flexible 0+
  throttle_time_ms: int32
  error_code: int16
  directories: list of Directory
    id: uuid
    topics: list of Topic
      topic_id: uuid
      partitions: list of Partition
        partition_index: int32
        error_code: int16
ListConfigResourcesRequest key 74 versions 0-1 flexible 0+
  resource_types: list of int8 1+
ListConfigResourcesResponse key 74 versions 0-1 flexible 0+
  throttle_time_ms: int32
  error_code: int16
  config_resources: list of ConfigResource
    resource_name: string
    resource_type: int8 1+ = 16 ignorable
DescribeTopicPartitionsRequest key 75 versions 0 flexible 0+
  topics: list of Topic
    name: string
  response_partition_limit: int32 = 2000
  cursor: Cursor = null nullable
    topic_name: string
    partition_index: int32
DescribeTopicPartitionsResponse key 75 versions 0 flexible 0+
  throttle_time_ms: int32 ignorable
  topics: list of Topic
    error_code: int16
    name: string nullable
    topic_id: uuid ignorable
    is_internal: bool ignorable
    partitions: list of Partition
      error_code: int16
      partition_index: int32
      leader_id: int32
      leader_epoch: int32 = -1 ignorable
      replica_nodes: list of int32
      isr_nodes: list of int32
      eligible_leader_replicas: list of int32 = null nullable
      last_known_elr: list of int32 = null nullable
      offline_replicas: list of int32 ignorable
    topic_authorized_operations: int32 = -2147483648
  next_cursor: Cursor = null nullable
    topic_name: string
    partition_index: int32
ShareGroupHeartbeatRequest key 76 versions 0-1 flexible 0+ unstable 0
  group_id: string
  member_id: string
  member_epoch: int32
  rack_id: string = null nullable
  subscribed_topic_names: list of string = null nullable
ShareGroupHeartbeatResponse key 76 versions 0-1 flexible 0+ unstable 0
  throttle_time_ms: int32
  error_code: int16
  error_message: string = null nullable
  member_id: string = null nullable
  member_epoch: int32
  heartbeat_interval_ms: int32
  assignment: Assignment = null nullable
    topic_partitions: list of TopicPartitions
      topic_id: uuid
      partitions: list of int32
ShareGroupDescribeRequest key 77 versions 0-1 flexible 0+ unstable 0
  group_ids: list of string
  include_authorized_operations: bool
ShareGroupDescribeResponse key 77 versions 0-1 flexible 0+ unstable 0
  throttle_time_ms: int32
  groups: list of Group
    error_code: int16
    error_message: string = null nullable
    group_id: string
    group_state: string
    group_epoch: int32
    assignment_epoch: int32
    assignor_name: string
    members: list of Member
      member_id: string
      rack_id: string = null nullable
      member_epoch: int32
      client_id: string
      client_host: string
      subscribed_topic_names: list of string
      assignment: Assignment
        topic_partitions: list of TopicPartitions
          topic_id: uuid
          topic_name: string
          partitions: list of int32
    authorized_operations: int32 = -2147483648
ShareFetchRequest key 78 versions 0-2 flexible 0+ unstable 0
  group_id: string = null nullable
  member_id: string nullable
  share_session_epoch: int32
  max_wait_ms: int32
  min_bytes: int32
  max_bytes: int32 = 2147483647
  max_records: int32 1+
  batch_size: int32 1+
  share_acquire_mode: int8 2+ ignorable
  is_renew_ack: bool 2+
  topics: list of Topic
    topic_id: uuid
    partitions: list of Partition
      partition_index: int32
      partition_max_bytes: int32 0
      acknowledgement_batches: list of AcknowledgementBatch
        first_offset: int64
        last_offset: int64
        acknowledge_types: list of int8
  forgotten_topics_data: list of Forgotten
    topic_id: uuid
    partitions: list of int32
ShareFetchResponse key 78 versions 0-2 flexible 0+ unstable 0
  throttle_time_ms: int32
  error_code: int16
  error_message: string = null nullable
  acquisition_lock_timeout_ms: int32 1+
  responses: list of Topic
    topic_id: uuid
    partitions: list of Partition
      partition_index: int32
      error_code: int16
      error_message: string = null nullable
      acknowledge_error_code: int16
      acknowledge_error_message: string = null nullable
      current_leader: LeaderIdAndEpoch
        leader_id: int32
        leader_epoch: int32
      records: records = null null 0
      acquired_records: list of AcquiredRecords
        first_offset: int64
        last_offset: int64
        delivery_count: int16
  node_endpoints: list of NodeEndpoint
    node_id: int32
    host: string
    port: int32
    rack: string = null nullable
ShareAcknowledgeRequest key 79 versions 0-2 flexible 0+ unstable 0
  group_id: string = null nullable
  member_id: string nullable
  share_session_epoch: int32
  is_renew_ack: bool 2+
  topics: list of Topic
    topic_id: uuid
    partitions: list of Partition
      partition_index: int32
      acknowledgement_batches: list of AcknowledgementBatch
        first_offset: int64
        last_offset: int64
        acknowledge_types: list of int8
ShareAcknowledgeResponse key 79 versions 0-2 flexible 0+ unstable 0
  throttle_time_ms: int32
  error_code: int16
  error_message: string = null nullable
  acquisition_lock_timeout_ms: int32 2+ ignorable
  responses: list of Topic
    topic_id: uuid
    partitions: list of Partition
      partition_index: int32
      error_code: int16
      error_message: string = null nullable
      current_leader: LeaderIdAndEpoch
        leader_id: int32
        leader_epoch: int32
  node_endpoints: list of NodeEndpoint
    node_id: int32
    host: string
    port: int32
    rack: string = null nullable
AddRaftVoterRequest key 80 versions 0-1 flexible 0+
  cluster_id: string nullable
  timeout_ms: int32
  voter_id: int32
  voter_directory_id: uuid
  listeners: list of Listener
    name: string
    host: string
    port: uint16
  ack_when_committed: bool 1+ = true
AddRaftVoterResponse key 80 versions 0-1 flexible 0+
  throttle_time_ms: int32
  error_code: int16
  error_message: string nullable ignorable
RemoveRaftVoterRequest key 81 versions 0 flexible 0+
  cluster_id: string nullable
  voter_id: int32
  voter_directory_id: uuid
RemoveRaftVoterResponse key 81 versions 0 flexible 0+
  throttle_time_ms: int32
  error_code: int16
  error_message: string nullable ignorable
UpdateRaftVoterRequest key 82 versions 0 flexible 0+
  cluster_id: string nullable
  current_leader_epoch: int32
  voter_id: int32
  voter_directory_id: uuid
  listeners: list of Listener
    name: string
    host: string
    port: uint16
  kraft_version_feature: KRaftVersionFeature
    min_supported_version: int16
    max_supported_version: int16
UpdateRaftVoterResponse key 82 versions 0 flexible 0+
  throttle_time_ms: int32
  error_code: int16
  current_leader: CurrentLeader tag 0
    leader_id: int32 = -1
    leader_epoch: int32 = -1
    host: string
    port: int32
InitializeShareGroupStateRequest key 83 versions 0 flexible 0+
  group_id: string
  topics: list of Topic
    topic_id: uuid
    partitions: list of Partition
      partition: int32
      state_epoch: int32
      start_offset: int64
InitializeShareGroupStateResponse key 83 versions 0 flexible 0+
  results: list of Topic
    topic_id: uuid
    partitions: list of Partition
      partition: int32
      error_code: int16
      error_message: string = null nullable
ReadShareGroupStateRequest key 84 versions 0 flexible 0+
  group_id: string
  topics: list of Topic
    topic_id: uuid
    partitions: list of Partition
      partition: int32
      leader_epoch: int32
ReadShareGroupStateResponse key 84 versions 0 flexible 0+
  results: list of Topic
    topic_id: uuid
    partitions: list of Partition
      partition: int32
      error_code: int16
      error_message: string = null nullable
      state_epoch: int32
      start_offset: int64
      state_batches: list of StateBatch
        first_offset: int64
        last_offset: int64
        delivery_state: int8
        delivery_count: int16
WriteShareGroupStateRequest key 85 versions 0-1 flexible 0+
  group_id: string
  topics: list of Topic
    topic_id: uuid
    partitions: list of Partition
      partition: int32
      state_epoch: int32
      leader_epoch: int32
      start_offset: int64
      delivery_complete_count: int32 1+ = -1 ignorable
      state_batches: list of StateBatch
        first_offset: int64
        last_offset: int64
        delivery_state: int8
        delivery_count: int16
WriteShareGroupStateResponse key 85 versions 0-1 flexible 0+
  results: list of Topic
    topic_id: uuid
    partitions: list of Partition
      partition: int32
      error_code: int16
      error_message: string = null nullable
DeleteShareGroupStateRequest key 86 versions 0 flexible 0+
  group_id: string
  topics: list of Topic
    topic_id: uuid
    partitions: list of Partition
      partition: int32
DeleteShareGroupStateResponse key 86 versions 0 flexible 0+
  results: list of Topic
    topic_id: uuid
    partitions: list of Partition
      partition: int32
      error_code: int16
      error_message: string = null nullable
ReadShareGroupStateSummaryRequest key 87 versions 0-1 flexible 0+
  group_id: string
  topics: list of Topic
    topic_id: uuid
    partitions: list of Partition
      partition: int32
      leader_epoch: int32
ReadShareGroupStateSummaryResponse key 87 versions 0-1 flexible 0+
  results: list of Topic
    topic_id: uuid
    partitions: list of Partition
      partition: int32
      error_code: int16
      error_message: string = null nullable
      state_epoch: int32
      leader_epoch: int32
      start_offset: int64
      delivery_complete_count: int32 1+ = -1 ignorable
StreamsGroupHeartbeatRequest key 88 versions 0 flexible 0+
  group_id: string
  member_id: string
  member_epoch: int32
  endpoint_information_epoch: int32
  instance_id: string = null nullable
  rack_id: string = null nullable
  rebalance_timeout_ms: int32 = -1
  topology: Topology = null nullable
    epoch: int32
    subtopologies: list of Subtopology
      subtopology_id: string
      source_topics: list of string
      source_topic_regex: list of string
      state_changelog_topics: list of TopicInfo
        name: string
        partitions: int32
        replication_factor: int16
        topic_configs: list of KeyValue
          key: string
          value: string
      repartition_sink_topics: list of string
      repartition_source_topics: list of TopicInfo
        name: string
        partitions: int32
        replication_factor: int16
        topic_configs: list of KeyValue
          key: string
          value: string
      copartition_groups: list of CopartitionGroup
        source_topics: list of int16
        source_topic_regex: list of int16
        repartition_source_topics: list of int16
  active_tasks: list of TaskIds = null nullable
    subtopology_id: string
    partitions: list of int32
  standby_tasks: list of TaskIds = null nullable
    subtopology_id: string
    partitions: list of int32
  warmup_tasks: list of TaskIds = null nullable
    subtopology_id: string
    partitions: list of int32
  process_id: string = null nullable
  user_endpoint: Endpoint = null nullable
    host: string
    port: uint16
  client_tags: list of KeyValue = null nullable
    key: string
    value: string
  task_offsets: list of TaskOffset = null nullable
    subtopology_id: string
    partition: int32
    offset: int64
  task_end_offsets: list of TaskOffset = null nullable
    subtopology_id: string
    partition: int32
    offset: int64
  shutdown_application: bool
StreamsGroupHeartbeatResponse key 88 versions 0 flexible 0+
  throttle_time_ms: int32
  error_code: int16
  error_message: string = null nullable
  member_id: string
  member_epoch: int32
  heartbeat_interval_ms: int32
  acceptable_recovery_lag: int32
  task_offset_interval_ms: int32
  status: list of Status nullable
    status_code: int8
    status_detail: string
  active_tasks: list of TaskIds = null nullable
    subtopology_id: string
    partitions: list of int32
  standby_tasks: list of TaskIds = null nullable
    subtopology_id: string
    partitions: list of int32
  warmup_tasks: list of TaskIds = null nullable
    subtopology_id: string
    partitions: list of int32
  endpoint_information_epoch: int32
  partitions_by_user_endpoint: list of EndpointToPartitions = null nullable
    user_endpoint: Endpoint
      host: string
      port: uint16
    active_partitions: list of TopicPartition
      topic: string
      partitions: list of int32
    standby_partitions: list of TopicPartition
      topic: string
      partitions: list of int32
StreamsGroupDescribeRequest key 89 versions 0 flexible 0+
  group_ids: list of string
  include_authorized_operations: bool
StreamsGroupDescribeResponse key 89 versions 0 flexible 0+
  throttle_time_ms: int32
  groups: list of Group
    error_code: int16
    error_message: string = null nullable
    group_id: string
    group_state: string
    group_epoch: int32
    assignment_epoch: int32
    topology: Topology = null nullable
      epoch: int32
      subtopologies: list of Subtopology = null nullable
        subtopology_id: string
        source_topics: list of string
        repartition_sink_topics: list of string
        state_changelog_topics: list of TopicInfo
          name: string
          partitions: int32
          replication_factor: int16
          topic_configs: list of KeyValue
            key: string
            value: string
        repartition_source_topics: list of TopicInfo
          name: string
          partitions: int32
          replication_factor: int16
          topic_configs: list of KeyValue
            key: string
            value: string
    members: list of Member
      member_id: string
      member_epoch: int32
      instance_id: string = null nullable
      rack_id: string = null nullable
      client_id: string
      client_host: string
      topology_epoch: int32
      process_id: string
      user_endpoint: Endpoint = null nullable
        host: string
        port: uint16
      client_tags: list of KeyValue
        key: string
        value: string
      task_offsets: list of TaskOffset
        subtopology_id: string
        partition: int32
        offset: int64
      task_end_offsets: list of TaskOffset
        subtopology_id: string
        partition: int32
        offset: int64
      assignment: Assignment
        active_tasks: list of TaskIds
          subtopology_id: string
          partitions: list of int32
        standby_tasks: list of TaskIds
          subtopology_id: string
          partitions: list of int32
        warmup_tasks: list of TaskIds
          subtopology_id: string
          partitions: list of int32
      target_assignment: Assignment
        active_tasks: list of TaskIds
          subtopology_id: string
          partitions: list of int32
        standby_tasks: list of TaskIds
          subtopology_id: string
          partitions: list of int32
        warmup_tasks: list of TaskIds
          subtopology_id: string
          partitions: list of int32
      is_classic: bool
    authorized_operations: int32 = -2147483648
DescribeShareGroupOffsetsRequest key 90 versions 0-1 flexible 0+
  groups: list of Group
    group_id: string
    topics: list of Topic nullable
      topic_name: string
      partitions: list of int32
DescribeShareGroupOffsetsResponse key 90 versions 0-1 flexible 0+
  throttle_time_ms: int32
  groups: list of Group
    group_id: string
    topics: list of Topic
      topic_name: string
      topic_id: uuid
      partitions: list of Partition
        partition_index: int32
        start_offset: int64
        leader_epoch: int32
        lag: int64 1+ = -1 ignorable
        error_code: int16
        error_message: string = null nullable
    error_code: int16
    error_message: string = null nullable
AlterShareGroupOffsetsRequest key 91 versions 0 flexible 0+
  group_id: string
  topics: list of Topic
    topic_name: string
    partitions: list of Partition
      partition_index: int32
      start_offset: int64
AlterShareGroupOffsetsResponse key 91 versions 0 flexible 0+
  throttle_time_ms: int32
  error_code: int16
  error_message: string = null nullable
  responses: list of Topic
    topic_name: string
    topic_id: uuid
    partitions: list of Partition
      partition_index: int32
      error_code: int16
      error_message: string = null nullable
DeleteShareGroupOffsetsRequest key 92 versions 0 flexible 0+
  group_id: string
  topics: list of Topic
    topic_name: string
DeleteShareGroupOffsetsResponse key 92 versions 0 flexible 0+
  throttle_time_ms: int32
  error_code: int16
  error_message: string = null nullable
  responses: list of Topic
    topic_name: string
    topic_id: uuid
    error_code: int16
    error_message: string = null nullable
RequestHeader versions 0-2 flexible 2+
  request_api_key: int16
  request_api_version: int16
  correlation_id: int32
  client_id: string 1+ nullable inflexible
ResponseHeader versions 0-1 flexible 1+
  correlation_id: int32
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
ControlRecordTypeSchema versions 0 flexible none
  type: int16
EndTxnMarker versions 0 flexible none
  coordinator_epoch: int32
LeaderChangeMessage versions 0-1 flexible 0+
  version: int16
  leader_id: int32
  voters: list of Voter
    voter_id: int32
    voter_directory_id: uuid 1+
  granting_voters: list of Voter
    voter_id: int32
    voter_directory_id: uuid 1+
SnapshotHeaderRecord versions 0 flexible 0+
  version: int16
  last_contained_log_timestamp: int64
SnapshotFooterRecord versions 0 flexible 0+
  version: int16
KRaftVersionRecord versions 0 flexible 0+
  version: int16
  kraft_version: int16
VotersRecord versions 0 flexible 0+
  version: int16
  voters: list of Voter
    voter_id: int32
    voter_directory_id: uuid
    endpoints: list of Endpoint
      name: string
      host: string
      port: uint16
    kraft_version_feature: KRaftVersionFeature
      min_supported_version: int16
      max_supported_version: int16
DefaultPrincipalData versions 0 flexible 0+
  type: string
  name: string
  token_authenticated: bool
)";
// clang-format on

}  // namespace barnabas::protocol::test
