// AlterPartitionReassignments (key 45): replicas move to other brokers.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct AlterPartitionReassignmentsResponse;

/// Begins, changes or cancels reassignments (KIP-455). Goes to the controller (a broker with KRaft passes it on).
struct AlterPartitionReassignmentsRequest {
  using Response = AlterPartitionReassignmentsResponse;
  static constexpr Api api{.key = 45, .versions = "0-1", .flexible = "0+"};

  struct Partition {
    Field<int32> partition_index;
    /// Null = cancel the reassignment that is under way.
    Field<nullable<list<int32>>> replicas;
  };
  struct Topic {
    Field<string> name;
    Field<list<Partition>> partitions;
  };

  Field<Millis> timeout_ms{60000};
  /// Whether the lists may have another length than the replicas that are there (KIP-860).
  Field<bool, "1+"> allow_replication_factor_change{true};
  Field<list<Topic>> topics;
};

/// One result a partition; that the replicas have moved is seen with ListPartitionReassignments.
struct AlterPartitionReassignmentsResponse {
  static constexpr Api api{.key = 45, .versions = "0-1", .flexible = "0+"};

  struct Partition {
    Field<int32> partition_index;
    Field<int16> error_code;
    Field<nullable<string>> error_message{string{}};
  };
  struct Topic {
    Field<string> name;
    Field<list<Partition>> partitions;
  };

  Field<Millis> throttle_time_ms;
  Field<bool, "1+ ignorable"> allow_replication_factor_change{true};
  Field<int16> error_code;
  Field<nullable<string>> error_message{string{}};
  Field<list<Topic>> responses;
};

}  // namespace barnabas::protocol
