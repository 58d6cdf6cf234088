// ListOffsets (key 2): from times to offsets.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct ListOffsetsResponse;

/// Asks the leader of a partition for the first offset at or after a time, or for one of the special places. Topics go
/// by name in all versions.
struct ListOffsetsRequest {
  using Response = ListOffsetsResponse;
  static constexpr Api api{.key = 2, .versions = "0-11", .flexible = "6+"};

  /// What `timestamp` can be instead of milliseconds since 1970.
  static constexpr int64 latest = -1;
  static constexpr int64 earliest = -2;
  static constexpr int64 max_timestamp = -3;            // from version 7 (KIP-734)
  static constexpr int64 earliest_local = -4;           // from version 8 (KIP-405)
  static constexpr int64 latest_tiered = -5;            // from version 9 (KIP-1005)
  static constexpr int64 earliest_pending_upload = -6;  // from version 11 (KIP-1023)

  struct Partition {
    Field<int32> partition_index;
    Field<LeaderEpoch, "4+ ignorable"> current_leader_epoch{-1};
    Field<TimestampMs> timestamp;
    Field<int32, "0"> max_num_offsets{1};
  };
  struct Topic {
    Field<string> name;
    Field<list<Partition>> partitions;
  };

  /// A consumer must set -1: the default 0 is a broker's id.
  Field<int32> replica_id;
  /// 1 = read committed: latest then means the last stable offset.
  Field<int8, "2+"> isolation_level;
  Field<list<Topic>> topics;
  /// For brokers that have to ask tiered storage (KIP-1075).
  Field<Millis, "10+ ignorable"> timeout_ms;
};

/// One result a partition.
struct ListOffsetsResponse {
  static constexpr Api api{.key = 2, .versions = "0-11", .flexible = "6+"};

  struct Partition {
    Field<int32> partition_index;
    Field<int16> error_code;
    /// Version 0 answers with starts of segments, newest first.
    Field<list<Offset>, "0"> old_style_offsets;
    /// Of the record that was found; -1 for the special places, and when there is none.
    Field<TimestampMs, "1+"> timestamp{-1};
    Field<Offset, "1+"> offset{-1};
    Field<LeaderEpoch, "4+"> leader_epoch{-1};
  };
  struct Topic {
    Field<string> name;
    Field<list<Partition>> partitions;
  };

  Field<Millis, "2+ ignorable"> throttle_time_ms;
  Field<list<Topic>> topics;
};

}  // namespace barnabas::protocol
