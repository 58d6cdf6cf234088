// ReadShareGroupState (key 84): what a leader has to know to share a partition.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct ReadShareGroupStateResponse;

/// From partition leaders to share coordinators (KIP-932).
struct ReadShareGroupStateRequest {
  using Response = ReadShareGroupStateResponse;
  static constexpr Api api{.key = 84, .versions = "0", .flexible = "0+"};

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

/// The state of each partition.
struct ReadShareGroupStateResponse {
  static constexpr Api api{.key = 84, .versions = "0", .flexible = "0+"};

  struct StateBatch {
    Field<Offset> first_offset;
    Field<Offset> last_offset;
    /// 0 available, 2 acknowledged, 4 archived.
    Field<int8> delivery_state;
    Field<int16> delivery_count;
  };
  struct Partition {
    Field<int32> partition;
    Field<int16> error_code;
    Field<nullable<string>> error_message;
    Field<int32> state_epoch;
    /// All records before it are done; -1 = not known yet.
    Field<Offset> start_offset;
    Field<list<StateBatch>> state_batches;
  };
  struct Topic {
    Field<Uuid> topic_id;
    Field<list<Partition>> partitions;
  };

  Field<list<Topic>> results;
};

}  // namespace barnabas::protocol
