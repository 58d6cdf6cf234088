// DescribeTopicPartitions (key 75): topics in pages.
#pragma once

#include <limits>

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct DescribeTopicPartitionsResponse;

/// Metadata for topics with very many partitions, with the replicas that may become leader (KIP-966).
struct DescribeTopicPartitionsRequest {
  using Response = DescribeTopicPartitionsResponse;
  static constexpr Api api{.key = 75, .versions = "0", .flexible = "0+"};

  struct Topic {
    Field<string> name;
  };
  struct Cursor {
    Field<string> topic_name;
    Field<int32> partition_index;
  };

  /// Empty = all.
  Field<list<Topic>> topics;
  Field<int32> response_partition_limit{2000};
  /// Where the page begins: next_cursor of the page before; null = at the first.
  Field<nullable<Cursor>> cursor;
};

/// One page of partitions.
struct DescribeTopicPartitionsResponse {
  static constexpr Api api{.key = 75, .versions = "0", .flexible = "0+"};

  struct Partition {
    Field<int16> error_code;
    Field<int32> partition_index;
    /// -1 = none at the moment.
    Field<int32> leader_id;
    Field<LeaderEpoch, "0+ ignorable"> leader_epoch{-1};
    Field<list<int32>> replica_nodes;
    Field<list<int32>> isr_nodes;
    /// Not in sync, yet with all committed records; null = not known.
    Field<nullable<list<int32>>> eligible_leader_replicas;
    /// Null = not known.
    Field<nullable<list<int32>>> last_known_elr;
    Field<list<int32>, "0+ ignorable"> offline_replicas;
  };
  struct Topic {
    Field<int16> error_code;
    Field<nullable<string>> name{string{}};
    Field<Uuid, "0+ ignorable"> topic_id;
    Field<bool, "0+ ignorable"> is_internal;
    Field<list<Partition>> partitions;
    /// A bit for each AclOperation; the smallest int32 = was not asked.
    Field<int32> topic_authorized_operations{std::numeric_limits<int32>::min()};
  };
  struct Cursor {
    Field<string> topic_name;
    Field<int32> partition_index;
  };

  Field<Millis, "0+ ignorable"> throttle_time_ms;
  Field<list<Topic>> topics;
  /// Null = that was the last page.
  Field<nullable<Cursor>> next_cursor;
};

}  // namespace barnabas::protocol
