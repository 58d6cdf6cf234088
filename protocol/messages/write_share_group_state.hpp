// WriteShareGroupState (key 85): how far a partition has been shared out.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct WriteShareGroupStateResponse;

/// From partition leaders to share coordinators (KIP-932).
struct WriteShareGroupStateRequest {
  using Response = WriteShareGroupStateResponse;
  static constexpr Api api{.key = 85, .versions = "0-1", .flexible = "0+"};

  struct StateBatch {
    Field<Offset> first_offset;
    Field<Offset> last_offset;
    /// 0 available, 2 acknowledged, 4 archived.
    Field<int8> delivery_state;
    Field<int16> delivery_count;
  };
  struct Partition {
    Field<int32> partition;
    Field<int32> state_epoch;
    Field<LeaderEpoch> leader_epoch;
    /// All records before it are done; -1 = unchanged.
    Field<Offset> start_offset;
    /// Records above the start that need no delivery any more (KIP-1226); -1 = unknown.
    Field<int32, "1+ ignorable"> delivery_complete_count{-1};
    Field<list<StateBatch>> state_batches;
  };
  struct Topic {
    Field<Uuid> topic_id;
    Field<list<Partition>> partitions;
  };

  Field<string> group_id;
  Field<list<Topic>> topics;
};

/// One result a partition.
struct WriteShareGroupStateResponse {
  static constexpr Api api{.key = 85, .versions = "0-1", .flexible = "0+"};

  struct Partition {
    Field<int32> partition;
    Field<int16> error_code;
    Field<nullable<string>> error_message;
  };
  struct Topic {
    Field<Uuid> topic_id;
    Field<list<Partition>> partitions;
  };

  Field<list<Topic>> results;
};

}  // namespace barnabas::protocol
