// ReadShareGroupStateSummary (key 87): how far a share group has come.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct ReadShareGroupStateSummaryResponse;

/// From group coordinators to share coordinators (KIP-932): ReadShareGroupState without the single batches.
struct ReadShareGroupStateSummaryRequest {
  using Response = ReadShareGroupStateSummaryResponse;
  static constexpr Api api{.key = 87, .versions = "0-1", .flexible = "0+"};

  struct Partition {
    Field<int32> partition;
    Field<LeaderEpoch> leader_epoch;
  };
  struct Topic {
    Field<Uuid> topic_id;
    Field<list<Partition>> partitions;
  };

  Field<string> group_id;
  Field<list<Topic>> topics;
};

/// The state of each partition, in short.
struct ReadShareGroupStateSummaryResponse {
  static constexpr Api api{.key = 87, .versions = "0-1", .flexible = "0+"};

  struct Partition {
    Field<int32> partition;
    Field<int16> error_code;
    Field<nullable<string>> error_message;
    Field<int32> state_epoch;
    Field<LeaderEpoch> leader_epoch;
    /// All records before it are done; -1 = not known yet.
    Field<Offset> start_offset;
    /// Records above the start that need no delivery any more (KIP-1226); -1 = unknown.
    Field<int32, "1+ ignorable"> delivery_complete_count{-1};
  };
  struct Topic {
    Field<Uuid> topic_id;
    Field<list<Partition>> partitions;
  };

  Field<list<Topic>> results;
};

}  // namespace barnabas::protocol
