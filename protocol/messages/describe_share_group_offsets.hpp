// DescribeShareGroupOffsets (key 90): how far share groups have come.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct DescribeShareGroupOffsetsResponse;

/// Asks the coordinator of the groups (KIP-932).
struct DescribeShareGroupOffsetsRequest {
  using Response = DescribeShareGroupOffsetsResponse;
  static constexpr Api api{.key = 90, .versions = "0-1", .flexible = "0+"};

  struct Topic {
    Field<string> topic_name;
    Field<list<int32>> partitions;
  };
  struct Group {
    Field<string> group_id;
    /// Null = all that have offsets.
    Field<nullable<list<Topic>>> topics{list<Topic>{}};
  };

  Field<list<Group>> groups;
};

/// One answer a group.
struct DescribeShareGroupOffsetsResponse {
  static constexpr Api api{.key = 90, .versions = "0-1", .flexible = "0+"};

  struct Partition {
    Field<int32> partition_index;
    /// All records before it are done; -1 = not known yet.
    Field<Offset> start_offset;
    Field<LeaderEpoch> leader_epoch;
    /// Records that are still to be delivered (KIP-1226); -1 = unknown.
    Field<int64, "1+ ignorable"> lag{-1};
    Field<int16> error_code;
    Field<nullable<string>> error_message;
  };
  struct Topic {
    Field<string> topic_name;
    Field<Uuid> topic_id;
    Field<list<Partition>> partitions;
  };
  struct Group {
    Field<string> group_id;
    Field<list<Topic>> topics;
    Field<int16> error_code;
    Field<nullable<string>> error_message;
  };

  Field<Millis> throttle_time_ms;
  Field<list<Group>> groups;
};

}  // namespace barnabas::protocol
