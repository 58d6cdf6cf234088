// ConsumerGroupDescribe (key 69): what next-generation groups look like from the inside.
#pragma once

#include <limits>

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct ConsumerGroupDescribeResponse;

/// Asks the coordinator of the groups (KIP-848).
struct ConsumerGroupDescribeRequest {
  using Response = ConsumerGroupDescribeResponse;
  static constexpr Api api{.key = 69, .versions = "0-1", .flexible = "0+"};

  Field<list<string>> group_ids;
  Field<bool> include_authorized_operations;
};

/// One answer a group.
struct ConsumerGroupDescribeResponse {
  static constexpr Api api{.key = 69, .versions = "0-1", .flexible = "0+"};

  struct TopicPartitions {
    Field<Uuid> topic_id;
    Field<string> topic_name;
    Field<list<int32>> partitions;
  };
  struct Assignment {
    Field<list<TopicPartitions>> topic_partitions;
  };
  struct Member {
    Field<string> member_id;
    Field<nullable<string>> instance_id;
    Field<nullable<string>> rack_id;
    Field<int32> member_epoch;
    Field<string> client_id;
    Field<string> client_host;
    Field<list<string>> subscribed_topic_names;
    Field<nullable<string>> subscribed_topic_regex;
    Field<Assignment> assignment;
    /// Where the member shall get to; assignment is where it is.
    Field<Assignment> target_assignment;
    /// 0 = classic, 1 = consumer; -1 = unknown.
    Field<int8, "1+ ignorable"> member_type{-1};
  };
  struct Group {
    Field<int16> error_code;
    Field<nullable<string>> error_message;
    Field<string> group_id;
    /// Empty, Assigning, Reconciling, Stable or Dead.
    Field<string> group_state;
    Field<int32> group_epoch;
    /// Of the group when the assignment was computed; behind group_epoch = a new one is being computed.
    Field<int32> assignment_epoch;
    Field<string> assignor_name;
    Field<list<Member>> members;
    /// A bit for each AclOperation; the smallest int32 = was not asked.
    Field<int32> authorized_operations{std::numeric_limits<int32>::min()};
  };

  Field<Millis> throttle_time_ms;
  Field<list<Group>> groups;
};

}  // namespace barnabas::protocol
