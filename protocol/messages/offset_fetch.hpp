// OffsetFetch (key 9): where a group left off.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct OffsetFetchResponse;

/// Asks the coordinator for committed offsets. Until version 7 of one group, from 8 on of several (KIP-709); from 10 on
/// topics go by id. Version 0 read them from ZooKeeper: use 1 and later.
struct OffsetFetchRequest {
  using Response = OffsetFetchResponse;
  static constexpr Api api{.key = 9, .versions = "0-10", .flexible = "6+"};

  struct Topic {
    Field<string> name;
    Field<list<int32>> partition_indexes;
  };
  struct GroupTopic {
    Field<string, "8-9 ignorable"> name;
    Field<Uuid, "10+ ignorable"> topic_id;
    Field<list<int32>> partition_indexes;
  };
  struct Group {
    Field<string> group_id;
    /// Lets a member of a next-generation group be fenced (KIP-848).
    Field<nullable<string>, "9+ ignorable"> member_id;
    Field<int32, "9+ ignorable"> member_epoch{-1};
    /// Null = all topics.
    Field<nullable<list<GroupTopic>>> topics{list<GroupTopic>{}};
  };

  Field<string, "0-7"> group_id;
  /// Null = all topics, from version 2 on.
  Field<nullable<list<Topic>>, "0-7 null 2-7"> topics{list<Topic>{}};
  Field<list<Group>, "8+"> groups;
  /// Answer UNSTABLE_OFFSET_COMMIT while a transaction on the offsets is open, instead of the older offset (KIP-447).
  Field<bool, "7+"> require_stable;
};

/// One result a partition; until version 7 of one group, from 8 on of several.
struct OffsetFetchResponse {
  static constexpr Api api{.key = 9, .versions = "0-10", .flexible = "6+"};

  struct Partition {
    Field<int32> partition_index;
    /// -1 = nothing committed.
    Field<Offset> committed_offset;
    Field<LeaderEpoch, "5-7 ignorable"> committed_leader_epoch{-1};
    Field<nullable<string>> metadata{string{}};
    Field<int16> error_code;
  };
  struct Topic {
    Field<string> name;
    Field<list<Partition>> partitions;
  };
  struct GroupPartition {
    Field<int32> partition_index;
    /// -1 = nothing committed.
    Field<Offset> committed_offset;
    Field<LeaderEpoch, "0+ ignorable"> committed_leader_epoch{-1};
    Field<nullable<string>> metadata{string{}};
    Field<int16> error_code;
  };
  struct GroupTopic {
    Field<string, "8-9 ignorable"> name;
    Field<Uuid, "10+ ignorable"> topic_id;
    Field<list<GroupPartition>> partitions;
  };
  struct Group {
    Field<string> group_id;
    Field<list<GroupTopic>> topics;
    Field<int16> error_code;
  };

  Field<Millis, "3+ ignorable"> throttle_time_ms;
  Field<list<Topic>, "0-7"> topics;
  Field<int16, "2-7 ignorable"> error_code;
  Field<list<Group>, "8+"> groups;
};

}  // namespace barnabas::protocol
