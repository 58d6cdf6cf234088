// TxnOffsetCommit (key 28): offsets that count only if the transaction commits.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct TxnOffsetCommitResponse;

/// Goes to the group's coordinator, after AddOffsetsToTxn. Version 5 needs transaction.version at 2 or more, and then
/// no AddOffsetsToTxn. Topics go by name.
struct TxnOffsetCommitRequest {
  using Response = TxnOffsetCommitResponse;
  static constexpr Api api{.key = 28, .versions = "0-5", .flexible = "3+"};

  struct Partition {
    Field<int32> partition_index;
    /// The next offset to read: the last finished one plus 1.
    Field<Offset> committed_offset;
    /// Epoch of the last finished record; -1 = unknown.
    Field<LeaderEpoch, "2+ ignorable"> committed_leader_epoch{-1};
    Field<nullable<string>> committed_metadata{string{}};
  };
  struct Topic {
    Field<string> name;
    Field<list<Partition>> partitions;
  };

  Field<string> transactional_id;
  Field<string> group_id;
  Field<int64> producer_id;
  Field<int16> producer_epoch;
  /// With member id and instance id it fences members of older generations (KIP-447); -1 = do not check.
  Field<int32, "3+"> generation_id{-1};
  Field<string, "3+"> member_id;
  Field<nullable<string>, "3+"> group_instance_id;
  Field<list<Topic>> topics;
};

/// One result a partition.
struct TxnOffsetCommitResponse {
  static constexpr Api api{.key = 28, .versions = "0-5", .flexible = "3+"};

  struct Partition {
    Field<int32> partition_index;
    Field<int16> error_code;
  };
  struct Topic {
    Field<string> name;
    Field<list<Partition>> partitions;
  };

  Field<Millis> throttle_time_ms;
  Field<list<Topic>> topics;
};

}  // namespace barnabas::protocol
