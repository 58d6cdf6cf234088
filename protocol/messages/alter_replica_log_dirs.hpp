// AlterReplicaLogDirs (key 34): moving replicas between the disks of a broker.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct AlterReplicaLogDirsResponse;

/// Goes to the broker that has the replicas.
struct AlterReplicaLogDirsRequest {
  using Response = AlterReplicaLogDirsResponse;
  static constexpr Api api{.key = 34, .versions = "0-2", .flexible = "2+"};

  struct Topic {
    Field<string> name;
    Field<list<int32>> partitions;
  };
  struct Dir {
    /// Absolute, one of the broker's log.dirs.
    Field<string> path;
    Field<list<Topic>> topics;
  };

  Field<list<Dir>> dirs;
};

/// One result a partition; the copying goes on behind it.
struct AlterReplicaLogDirsResponse {
  static constexpr Api api{.key = 34, .versions = "0-2", .flexible = "2+"};

  struct Partition {
    Field<int32> partition_index;
    Field<int16> error_code;
  };
  struct Topic {
    Field<string> topic_name;
    Field<list<Partition>> partitions;
  };

  Field<Millis> throttle_time_ms;
  Field<list<Topic>> results;
};

}  // namespace barnabas::protocol
