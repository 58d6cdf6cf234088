// AlterShareGroupOffsets (key 91): share groups begin elsewhere.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct AlterShareGroupOffsetsResponse;

/// Goes to the coordinator; the group must have no members (KIP-932).
struct AlterShareGroupOffsetsRequest {
  using Response = AlterShareGroupOffsetsResponse;
  static constexpr Api api{.key = 91, .versions = "0", .flexible = "0+"};

  struct Partition {
    Field<int32> partition_index;
    Field<Offset> start_offset;
  };
  struct Topic {
    Field<string> topic_name;
    Field<list<Partition>> partitions;
  };

  Field<string> group_id;
  Field<list<Topic>> topics;
};

/// One result a partition.
struct AlterShareGroupOffsetsResponse {
  static constexpr Api api{.key = 91, .versions = "0", .flexible = "0+"};

  struct Partition {
    Field<int32> partition_index;
    Field<int16> error_code;
    Field<nullable<string>> error_message;
  };
  struct Topic {
    Field<string> topic_name;
    Field<Uuid> topic_id;
    Field<list<Partition>> partitions;
  };

  Field<Millis> throttle_time_ms;
  Field<int16> error_code;
  Field<nullable<string>> error_message;
  Field<list<Topic>> responses;
};

}  // namespace barnabas::protocol
