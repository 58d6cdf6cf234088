// AlterPartition (key 56): a leader changes who is in sync.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct AlterPartitionResponse;

/// Goes from leaders to the controller (KIP-497); until 3.0 it was called AlterIsr.
struct AlterPartitionRequest {
  using Response = AlterPartitionResponse;
  static constexpr Api api{.key = 56, .versions = "0-3", .flexible = "0+"};

  struct BrokerState {
    Field<int32> broker_id;
    /// -1 = do not check (KIP-903).
    Field<int64> broker_epoch{-1};
  };
  struct Partition {
    Field<int32> partition_index;
    Field<LeaderEpoch> leader_epoch;
    Field<list<int32>, "0-2"> new_isr;
    Field<list<BrokerState>, "3+"> new_isr_with_epochs;
    /// 0 = recovered, 1 = elected uncleanly and recovering (KIP-704).
    Field<int8, "1+"> leader_recovery_state;
    /// Of the state that this changes; it grows with every change.
    Field<int32> partition_epoch;
  };
  struct Topic {
    Field<string, "0-1 ignorable"> topic_name;
    Field<Uuid, "2+ ignorable"> topic_id;
    Field<list<Partition>> partitions;
  };

  Field<int32> broker_id;
  Field<int64> broker_epoch{-1};
  Field<list<Topic>> topics;
};

/// The state of each partition as the controller has it now.
struct AlterPartitionResponse {
  static constexpr Api api{.key = 56, .versions = "0-3", .flexible = "0+"};

  struct Partition {
    Field<int32> partition_index;
    Field<int16> error_code;
    Field<int32> leader_id;
    Field<LeaderEpoch> leader_epoch;
    Field<list<int32>> isr;
    Field<int8, "1+ ignorable"> leader_recovery_state;
    Field<int32> partition_epoch;
  };
  struct Topic {
    Field<string, "0-1 ignorable"> topic_name;
    Field<Uuid, "2+ ignorable"> topic_id;
    Field<list<Partition>> partitions;
  };

  Field<Millis> throttle_time_ms;
  Field<int16> error_code;
  Field<list<Topic>> topics;
};

}  // namespace barnabas::protocol
