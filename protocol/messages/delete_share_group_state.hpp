// DeleteShareGroupState (key 86): a share group is done with a partition.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct DeleteShareGroupStateResponse;

/// From group coordinators to share coordinators (KIP-932).
struct DeleteShareGroupStateRequest {
  using Response = DeleteShareGroupStateResponse;
  static constexpr Api api{.key = 86, .versions = "0", .flexible = "0+"};

  struct Partition {
    Field<int32> partition;
  };
  struct Topic {
    Field<Uuid> topic_id;
    Field<list<Partition>> partitions;
  };

  Field<string> group_id;
  Field<list<Topic>> topics;
};

/// One result a partition.
struct DeleteShareGroupStateResponse {
  static constexpr Api api{.key = 86, .versions = "0", .flexible = "0+"};

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
