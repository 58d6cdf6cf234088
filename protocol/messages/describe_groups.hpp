// DescribeGroups (key 15): what classic groups look like from the inside.
#pragma once

#include <limits>

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct DescribeGroupsResponse;

/// Asks the coordinator of the groups. Groups of the next-generation protocol are told by ConsumerGroupDescribe and its
/// sisters.
struct DescribeGroupsRequest {
  using Response = DescribeGroupsResponse;
  static constexpr Api api{.key = 15, .versions = "0-6", .flexible = "5+"};

  Field<list<string>> groups;
  Field<bool, "3+"> include_authorized_operations;
};

/// One answer a group. A group that is not there is in state Dead, and since version 6 has error GROUP_ID_NOT_FOUND.
struct DescribeGroupsResponse {
  static constexpr Api api{.key = 15, .versions = "0-6", .flexible = "5+"};

  struct Member {
    Field<string> member_id;
    Field<nullable<string>, "4+ ignorable"> group_instance_id;
    Field<string> client_id;
    Field<string> client_host;
    /// What the member sent with JoinGroup; for consumers a versioned ConsumerProtocolSubscription.
    Field<bytes> member_metadata;
    /// What it got with SyncGroup; for consumers a versioned ConsumerProtocolAssignment.
    Field<bytes> member_assignment;
  };
  struct Group {
    Field<int16> error_code;
    Field<nullable<string>, "6+"> error_message;
    Field<string> group_id;
    /// PreparingRebalance, CompletingRebalance, Stable, Empty or Dead.
    Field<string> group_state;
    /// "consumer" for consumers; empty while the group has no members.
    Field<string> protocol_type;
    /// The assignor that was picked; empty unless the group is stable.
    Field<string> protocol_data;
    Field<list<Member>> members;
    /// A bit for each AclOperation; the smallest int32 = was not asked.
    Field<int32, "3+"> authorized_operations{std::numeric_limits<int32>::min()};
  };

  Field<Millis, "1+ ignorable"> throttle_time_ms;
  Field<list<Group>> groups;
};

}  // namespace barnabas::protocol
