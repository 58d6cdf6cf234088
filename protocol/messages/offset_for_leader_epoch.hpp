// OffsetForLeaderEpoch (key 23): has the log been cut since?
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct OffsetForLeaderEpochResponse;

/// Asks a leader where its log of an epoch ends. A client whose position lies beyond that end has read records that
/// were lost in an unclean election (KIP-320). Topics go by name in all versions.
struct OffsetForLeaderEpochRequest {
  using Response = OffsetForLeaderEpochResponse;
  static constexpr Api api{.key = 23, .versions = "0-4", .flexible = "4+"};

  struct Partition {
    Field<int32> partition;
    /// To fence with; -1 = do not check.
    Field<LeaderEpoch, "2+ ignorable"> current_leader_epoch{-1};
    /// The epoch asked about.
    Field<LeaderEpoch> leader_epoch;
  };
  struct Topic {
    Field<string> topic;
    Field<list<Partition>> partitions;
  };

  /// A consumer must set -1: the default -2 stands for a debugger.
  Field<int32, "3+ ignorable"> replica_id{-2};
  Field<list<Topic>> topics;
};

/// One result a partition.
struct OffsetForLeaderEpochResponse {
  static constexpr Api api{.key = 23, .versions = "0-4", .flexible = "4+"};

  struct EpochEndOffset {
    Field<int16> error_code;
    Field<int32> partition;
    /// The greatest epoch of the log that is not above the one asked about.
    Field<LeaderEpoch, "1+ ignorable"> leader_epoch{-1};
    /// Where that epoch ends; -1 = unknown.
    Field<Offset> end_offset{-1};
  };
  struct Topic {
    Field<string> topic;
    Field<list<EpochEndOffset>> partitions;
  };

  Field<Millis, "2+ ignorable"> throttle_time_ms;
  Field<list<Topic>> topics;
};

}  // namespace barnabas::protocol
