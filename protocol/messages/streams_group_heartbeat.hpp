// StreamsGroupHeartbeat (key 88): joining and staying in a streams group.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct StreamsGroupHeartbeatResponse;

/// The coordinator assigns tasks of a Kafka Streams topology (KIP-1071). Fields that are null have not changed since
/// the last heartbeat.
struct StreamsGroupHeartbeatRequest {
  using Response = StreamsGroupHeartbeatResponse;
  static constexpr Api api{.key = 88, .versions = "0", .flexible = "0+"};

  struct KeyValue {
    Field<string> key;
    Field<string> value;
  };
  struct TopicInfo {
    Field<string> name;
    /// 0 = as the topology demands.
    Field<int32> partitions;
    /// 0 = the default of the brokers.
    Field<int16> replication_factor;
    Field<list<KeyValue>> topic_configs;
  };
  /// Topics that need equally many partitions, as indexes into the lists of the subtopology.
  struct CopartitionGroup {
    Field<list<int16>> source_topics;
    Field<list<int16>> source_topic_regex;
    Field<list<int16>> repartition_source_topics;
  };
  struct Subtopology {
    Field<string> subtopology_id;
    Field<list<string>> source_topics;
    Field<list<string>> source_topic_regex;
    Field<list<TopicInfo>> state_changelog_topics;
    Field<list<string>> repartition_sink_topics;
    Field<list<TopicInfo>> repartition_source_topics;
    Field<list<CopartitionGroup>> copartition_groups;
  };
  struct Topology {
    Field<int32> epoch;
    Field<list<Subtopology>> subtopologies;
  };
  struct TaskIds {
    Field<string> subtopology_id;
    Field<list<int32>> partitions;
  };
  struct Endpoint {
    Field<string> host;
    Field<uint16> port;
  };
  struct TaskOffset {
    Field<string> subtopology_id;
    Field<int32> partition;
    Field<Offset> offset;
  };

  Field<string> group_id;
  Field<string> member_id;
  /// 0 = join, -1 = leave, -2 = a static member leaves for a while; else the epoch that it was told.
  Field<int32> member_epoch;
  /// Of the endpoints that the member knows; when it is behind, the answer brings them anew.
  Field<int32> endpoint_information_epoch;
  Field<nullable<string>> instance_id;
  Field<nullable<string>> rack_id;
  /// -1 = unchanged.
  Field<Millis> rebalance_timeout_ms{-1};
  /// Sent when joining.
  Field<nullable<Topology>> topology;
  Field<nullable<list<TaskIds>>> active_tasks;
  Field<nullable<list<TaskIds>>> standby_tasks;
  Field<nullable<list<TaskIds>>> warmup_tasks;
  /// Members with the same one share their state stores.
  Field<nullable<string>> process_id;
  /// Where interactive queries reach the member.
  Field<nullable<Endpoint>> user_endpoint;
  /// For an assignment that is aware of racks.
  Field<nullable<list<KeyValue>>> client_tags;
  /// How far the state of tasks is restored.
  Field<nullable<list<TaskOffset>>> task_offsets;
  /// Where the changelogs end.
  Field<nullable<list<TaskOffset>>> task_end_offsets;
  /// All members shall stop.
  Field<bool> shutdown_application;
};

/// What the member shall do next.
struct StreamsGroupHeartbeatResponse {
  static constexpr Api api{.key = 88, .versions = "0", .flexible = "0+"};

  struct Status {
    /// 0 stale topology, 1 source topics missing, 2 partitions do not match, 3 internal topics missing, 4 shut down.
    Field<int8> status_code;
    Field<string> status_detail;
  };
  struct TaskIds {
    Field<string> subtopology_id;
    Field<list<int32>> partitions;
  };
  struct Endpoint {
    Field<string> host;
    Field<uint16> port;
  };
  struct TopicPartition {
    Field<string> topic;
    Field<list<int32>> partitions;
  };
  struct EndpointToPartitions {
    Field<Endpoint> user_endpoint;
    Field<list<TopicPartition>> active_partitions;
    Field<list<TopicPartition>> standby_partitions;
  };

  Field<Millis> throttle_time_ms;
  Field<int16> error_code;
  Field<nullable<string>> error_message;
  Field<string> member_id;
  Field<int32> member_epoch;
  Field<Millis> heartbeat_interval_ms;
  /// A warm-up task that is no further behind counts as caught up.
  Field<int32> acceptable_recovery_lag;
  Field<Millis> task_offset_interval_ms;
  Field<nullable<list<Status>>> status{list<Status>{}};
  Field<nullable<list<TaskIds>>> active_tasks;
  Field<nullable<list<TaskIds>>> standby_tasks;
  Field<nullable<list<TaskIds>>> warmup_tasks;
  Field<int32> endpoint_information_epoch;
  /// Null = unchanged.
  Field<nullable<list<EndpointToPartitions>>> partitions_by_user_endpoint;
};

}  // namespace barnabas::protocol
