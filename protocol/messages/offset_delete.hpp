// OffsetDelete (key 47): single offsets of a group vanish.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct OffsetDeleteResponse;

/// Goes to the group's coordinator; the group must not be subscribed to the topics (KIP-496). Never becomes flexible.
struct OffsetDeleteRequest {
  using Response = OffsetDeleteResponse;
  static constexpr Api api{.key = 47, .versions = "0", .flexible = "none"};

  struct Partition {
    Field<int32> partition_index;
  };
  struct Topic {
    Field<string> name;
    Field<list<Partition>> partitions;
  };

  Field<string> group_id;
  Field<list<Topic>> topics;
};

/// One result a partition.
struct OffsetDeleteResponse {
  static constexpr Api api{.key = 47, .versions = "0", .flexible = "none"};

  struct Partition {
    Field<int32> partition_index;
    Field<int16> error_code;
  };
  struct Topic {
    Field<string> name;
    Field<list<Partition>> partitions;
  };

  Field<int16> error_code;
  Field<Millis, "0+ ignorable"> throttle_time_ms;
  Field<list<Topic>> topics;
};

}  // namespace barnabas::protocol
