// AssignReplicasToDirs (key 73): which disk a replica lies on.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct AssignReplicasToDirsResponse;

/// Brokers tell the controller, which has to know when a disk fails (KIP-858).
struct AssignReplicasToDirsRequest {
  using Response = AssignReplicasToDirsResponse;
  static constexpr Api api{.key = 73, .versions = "0", .flexible = "0+"};

  struct Partition {
    Field<int32> partition_index;
  };
  struct Topic {
    Field<Uuid> topic_id;
    Field<list<Partition>> partitions;
  };
  struct Directory {
    Field<Uuid> id;
    Field<list<Topic>> topics;
  };

  Field<int32> broker_id;
  Field<int64> broker_epoch{-1};
  Field<list<Directory>> directories;
};

/// One result a partition.
struct AssignReplicasToDirsResponse {
  static constexpr Api api{.key = 73, .versions = "0", .flexible = "0+"};

  struct Partition {
    Field<int32> partition_index;
    Field<int16> error_code;
  };
  struct Topic {
    Field<Uuid> topic_id;
    Field<list<Partition>> partitions;
  };
  struct Directory {
    Field<Uuid> id;
    Field<list<Topic>> topics;
  };

  Field<Millis> throttle_time_ms;
  Field<int16> error_code;
  Field<list<Directory>> directories;
};

}  // namespace barnabas::protocol
