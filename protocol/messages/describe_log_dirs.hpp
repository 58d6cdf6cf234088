// DescribeLogDirs (key 35): what lies on the disks of a broker.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct DescribeLogDirsResponse;

/// Each broker tells of its own: ask them all.
struct DescribeLogDirsRequest {
  using Response = DescribeLogDirsResponse;
  static constexpr Api api{.key = 35, .versions = "0-5", .flexible = "2+"};

  struct Topic {
    Field<string> topic;
    Field<list<int32>> partitions;
  };

  /// Null = all.
  Field<nullable<list<Topic>>> topics{list<Topic>{}};
};

/// One result a directory.
struct DescribeLogDirsResponse {
  static constexpr Api api{.key = 35, .versions = "0-5", .flexible = "2+"};

  struct Partition {
    Field<int32> partition_index;
    /// Bytes of all segments.
    Field<int64> partition_size;
    /// How far the log is behind the high watermark, or a future log behind the current one.
    Field<int64> offset_lag;
    /// A copy that is being made by AlterReplicaLogDirs and will take over.
    Field<bool> is_future_key;
  };
  struct Topic {
    Field<string> name;
    Field<list<Partition>> partitions;
  };
  struct Result {
    Field<int16> error_code;
    Field<string> log_dir;
    Field<list<Topic>> topics;
    /// Of the volume (KIP-827); -1 = unknown.
    Field<int64, "4+ ignorable"> total_bytes{-1};
    /// -1 = unknown.
    Field<int64, "4+ ignorable"> usable_bytes{-1};
    /// No new replicas are placed here (KIP-1066).
    Field<bool, "5+ ignorable"> is_cordoned;
  };

  Field<Millis> throttle_time_ms;
  Field<int16, "3+ ignorable"> error_code;
  Field<list<Result>> results;
};

}  // namespace barnabas::protocol
