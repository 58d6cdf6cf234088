// ListPartitionReassignments (key 46): which replicas are moving.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct ListPartitionReassignmentsResponse;

/// Goes to the controller (a broker with KRaft passes it on).
struct ListPartitionReassignmentsRequest {
  using Response = ListPartitionReassignmentsResponse;
  static constexpr Api api{.key = 46, .versions = "0", .flexible = "0+"};

  struct Topic {
    Field<string> name;
    Field<list<int32>> partition_indexes;
  };

  Field<Millis> timeout_ms{60000};
  /// Null = all.
  Field<nullable<list<Topic>>> topics;
};

/// Only partitions that have replicas on the move.
struct ListPartitionReassignmentsResponse {
  static constexpr Api api{.key = 46, .versions = "0", .flexible = "0+"};

  struct Partition {
    Field<int32> partition_index;
    /// All at the moment, the adding and removing ones among them.
    Field<list<int32>> replicas;
    Field<list<int32>> adding_replicas;
    Field<list<int32>> removing_replicas;
  };
  struct Topic {
    Field<string> name;
    Field<list<Partition>> partitions;
  };

  Field<Millis> throttle_time_ms;
  Field<int16> error_code;
  Field<nullable<string>> error_message{string{}};
  Field<list<Topic>> topics;
};

}  // namespace barnabas::protocol
