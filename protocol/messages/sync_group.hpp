// SyncGroup (key 14): the second half of a classic rebalance.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct SyncGroupResponse;

/// The leader brings everyone's assignment, the others bring none; all of them get their own back.
struct SyncGroupRequest {
  using Response = SyncGroupResponse;
  static constexpr Api api{.key = 14, .versions = "0-5", .flexible = "4+"};

  struct Assignment {
    Field<string> member_id;
    /// Opaque to the broker; for consumers a versioned ConsumerProtocolAssignment.
    Field<bytes> assignment;
  };

  Field<string> group_id;
  Field<int32> generation_id;
  Field<string> member_id;
  Field<nullable<string>, "3+"> group_instance_id;
  /// What the member believes was agreed; the coordinator checks it (KIP-559).
  Field<nullable<string>, "5+ ignorable"> protocol_type;
  Field<nullable<string>, "5+ ignorable"> protocol_name;
  Field<list<Assignment>> assignments;
};

/// The member's own part of the assignment.
struct SyncGroupResponse {
  static constexpr Api api{.key = 14, .versions = "0-5", .flexible = "4+"};

  Field<Millis, "1+ ignorable"> throttle_time_ms;
  Field<int16> error_code;
  Field<nullable<string>, "5+ ignorable"> protocol_type;
  Field<nullable<string>, "5+ ignorable"> protocol_name;
  /// No bytes at all = nothing is assigned.
  Field<bytes> assignment;
};

}  // namespace barnabas::protocol
