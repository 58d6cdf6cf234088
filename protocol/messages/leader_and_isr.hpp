// LeaderAndIsr (key 4): a controller tells brokers what they lead and follow.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct LeaderAndIsrResponse;

/// From ZooKeeper's days; gone in 4.0, where brokers read the metadata log instead.
struct LeaderAndIsrRequest {
  using Response = LeaderAndIsrResponse;
  static constexpr Api api{.key = 4, .versions = "0-7", .flexible = "4+"};

  struct PartitionState {
    Field<string, "0-1 ignorable"> topic_name;
    Field<int32> partition_index;
    Field<int32> controller_epoch;
    Field<int32> leader;
    Field<LeaderEpoch> leader_epoch;
    Field<list<int32>> isr;
    Field<int32> partition_epoch;
    Field<list<int32>> replicas;
    Field<list<int32>, "3+ ignorable"> adding_replicas;
    Field<list<int32>, "3+ ignorable"> removing_replicas;
    Field<bool, "1+ ignorable"> is_new;
    /// 0 = recovered, 1 = elected uncleanly and recovering (KIP-704).
    Field<int8, "6+"> leader_recovery_state;
  };
  struct TopicState {
    Field<string> topic_name;
    Field<Uuid, "5+ ignorable"> topic_id;
    Field<list<PartitionState>> partition_states;
  };
  struct LiveLeader {
    Field<int32> broker_id;
    Field<string> host_name;
    Field<int32> port;
  };

  Field<int32> controller_id;
  Field<bool, "7+"> is_kraft_controller;
  Field<int32> controller_epoch;
  /// -1 = unknown.
  Field<int64, "2+ ignorable"> broker_epoch{-1};
  /// 0 unknown, 1 only what changed, 2 everything.
  Field<int8, "5+"> type;
  Field<list<PartitionState>, "0-1"> ungrouped_partition_states;
  Field<list<TopicState>, "2+"> topic_states;
  Field<list<LiveLeader>> live_leaders;
};

/// One error a partition.
struct LeaderAndIsrResponse {
  static constexpr Api api{.key = 4, .versions = "0-7", .flexible = "4+"};

  struct PartitionError {
    Field<string, "0-4 ignorable"> topic_name;
    Field<int32> partition_index;
    Field<int16> error_code;
  };
  struct Topic {
    Field<Uuid> topic_id;
    Field<list<PartitionError>> partition_errors;
  };

  Field<int16> error_code;
  Field<list<PartitionError>, "0-4"> partition_errors;
  Field<list<Topic>, "5+"> topics;
};

}  // namespace barnabas::protocol
