// JoinGroup (key 11): the first half of a classic rebalance.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct JoinGroupResponse;

/// Enters a group, or its next generation. The coordinator answers when all members have come or the rebalance timeout
/// is over, so this request can take minutes.
struct JoinGroupRequest {
  using Response = JoinGroupResponse;
  static constexpr Api api{.key = 11, .versions = "0-9", .flexible = "6+"};

  struct Protocol {
    Field<string> name;
    /// Opaque to the broker; for consumers a versioned ConsumerProtocolSubscription.
    Field<bytes> metadata;
  };

  Field<string> group_id;
  /// Silence after which the coordinator gives a member up.
  Field<Millis> session_timeout_ms;
  /// How long the coordinator waits for the members to join; version 0 uses the session timeout.
  Field<Millis, "1+ ignorable"> rebalance_timeout_ms{-1};
  /// Empty for a newcomer, who from version 4 on is told MEMBER_ID_REQUIRED and an id to come back with (KIP-394).
  Field<string> member_id;
  /// Static membership (KIP-345): the name that outlives restarts.
  Field<nullable<string>, "5+"> group_instance_id;
  /// "consumer" for consumers.
  Field<string> protocol_type;
  /// Assignors in order of preference; the coordinator picks one that all members have.
  Field<list<Protocol>> protocols;
  Field<nullable<string>, "8+ ignorable"> reason;
};

/// The new generation; its leader gets the members, too.
struct JoinGroupResponse {
  static constexpr Api api{.key = 11, .versions = "0-9", .flexible = "6+"};

  struct Member {
    Field<string> member_id;
    Field<nullable<string>, "5+ ignorable"> group_instance_id;
    Field<bytes> metadata;
  };

  Field<Millis, "2+ ignorable"> throttle_time_ms;
  Field<int16> error_code;
  Field<int32> generation_id{-1};
  Field<nullable<string>, "7+ ignorable"> protocol_type;
  /// The assignor that was picked.
  Field<nullable<string>, "0+ null 7+"> protocol_name{string{}};
  /// Member id of the leader, who computes the assignment.
  Field<string> leader;
  /// The leader must not compute an assignment, the old one stands (KIP-814: a static leader came back).
  Field<bool, "9+"> skip_assignment;
  Field<string> member_id;
  /// Empty for all but the leader.
  Field<list<Member>> members;
};

}  // namespace barnabas::protocol
