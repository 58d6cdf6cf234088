// InitializeShareGroupState (key 83): a share group begins with a partition.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct InitializeShareGroupStateResponse;

/// From group coordinators to share coordinators, who keep the state of shared partitions (KIP-932).
struct InitializeShareGroupStateRequest {
  using Response = InitializeShareGroupStateResponse;
  static constexpr Api api{.key = 83, .versions = "0", .flexible = "0+"};

  struct Partition {
    Field<int32> partition;
    /// Grows each time the state is set anew.
    Field<int32> state_epoch;
    /// -1 = not known yet.
    Field<Offset> start_offset;
  };
  struct Topic {
    Field<Uuid> topic_id;
    Field<list<Partition>> partitions;
  };

  Field<string> group_id;
  Field<list<Topic>> topics;
};

/// One result a partition.
struct InitializeShareGroupStateResponse {
  static constexpr Api api{.key = 83, .versions = "0", .flexible = "0+"};

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
