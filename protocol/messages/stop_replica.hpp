// StopReplica (key 5): a controller takes replicas from a broker.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct StopReplicaResponse;

/// From ZooKeeper's days; gone in 4.0.
struct StopReplicaRequest {
  using Response = StopReplicaResponse;
  static constexpr Api api{.key = 5, .versions = "0-4", .flexible = "2+"};

  struct UngroupedPartition {
    Field<string> topic_name;
    Field<int32> partition_index;
  };
  struct Topic {
    Field<string> name;
    Field<list<int32>> partition_indexes;
  };
  struct PartitionState {
    Field<int32> partition_index;
    /// -1 = do not check, -2 = the topic is being deleted.
    Field<LeaderEpoch> leader_epoch{-1};
    Field<bool> delete_partition;
  };
  struct TopicState {
    Field<string> topic_name;
    Field<list<PartitionState>> partition_states;
  };

  Field<int32> controller_id;
  Field<bool, "4+"> is_kraft_controller;
  Field<int32> controller_epoch;
  Field<int64, "1+ ignorable"> broker_epoch{-1};
  /// Not only stop, but remove from disk; since version 3 said of each partition.
  Field<bool, "0-2"> delete_partitions;
  Field<list<UngroupedPartition>, "0"> ungrouped_partitions;
  Field<list<Topic>, "1-2"> topics;
  Field<list<TopicState>, "3+"> topic_states;
};

/// One error a partition.
struct StopReplicaResponse {
  static constexpr Api api{.key = 5, .versions = "0-4", .flexible = "2+"};

  struct PartitionError {
    Field<string> topic_name;
    Field<int32> partition_index;
    Field<int16> error_code;
  };

  Field<int16> error_code;
  Field<list<PartitionError>> partition_errors;
};

}  // namespace barnabas::protocol
