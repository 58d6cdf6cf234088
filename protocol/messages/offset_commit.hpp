// OffsetCommit (key 8): how far a group has come.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct OffsetCommitResponse;

/// Stores offsets with the group's coordinator. Version 0 stored them in ZooKeeper, and 1 is a half-way house: use 2
/// and later. From 10 on topics go by id, and a request has to use ids for all of them.
struct OffsetCommitRequest {
  using Response = OffsetCommitResponse;
  static constexpr Api api{.key = 8, .versions = "0-10", .flexible = "8+"};

  struct Partition {
    Field<int32> partition_index;
    /// The next offset to read: the last finished one plus 1.
    Field<Offset> committed_offset;
    /// Epoch of the last finished record, so that the next reader can notice a cut log (KIP-320); -1 = unknown.
    Field<LeaderEpoch, "6+ ignorable"> committed_leader_epoch{-1};
    Field<TimestampMs, "1"> commit_timestamp{-1};
    Field<nullable<string>> committed_metadata{string{}};
  };
  struct Topic {
    Field<string, "0-9 ignorable"> name;
    Field<Uuid, "10+ ignorable"> topic_id;
    Field<list<Partition>> partitions;
  };

  Field<string> group_id;
  /// -1 with an empty member id commits from outside of the group, which must then be empty.
  Field<int32, "1+ ignorable"> generation_id_or_member_epoch{-1};
  Field<string, "1+ ignorable"> member_id;
  Field<nullable<string>, "7+"> group_instance_id;
  /// -1 = as long as the broker's offsets.retention.minutes says.
  Field<int64, "2-4 ignorable"> retention_time_ms{-1};
  Field<list<Topic>> topics;
};

/// One result a partition.
struct OffsetCommitResponse {
  static constexpr Api api{.key = 8, .versions = "0-10", .flexible = "8+"};

  struct Partition {
    Field<int32> partition_index;
    Field<int16> error_code;
  };
  struct Topic {
    Field<string, "0-9 ignorable"> name;
    Field<Uuid, "10+ ignorable"> topic_id;
    Field<list<Partition>> partitions;
  };

  Field<Millis, "3+ ignorable"> throttle_time_ms;
  Field<list<Topic>> topics;
};

}  // namespace barnabas::protocol
