// LeaveGroup (key 13): goodbye.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct LeaveGroupResponse;

/// Leaves a group at once instead of by silence. Until version 2 one member, from 3 on several, also static ones by
/// instance id (KIP-345).
struct LeaveGroupRequest {
  using Response = LeaveGroupResponse;
  static constexpr Api api{.key = 13, .versions = "0-5", .flexible = "4+"};

  struct Member {
    /// Empty when an instance id is enough.
    Field<string> member_id;
    Field<nullable<string>> group_instance_id;
    Field<nullable<string>, "5+ ignorable"> reason;
  };

  Field<string> group_id;
  Field<string, "0-2"> member_id;
  Field<list<Member>, "3+"> members;
};

/// Since version 3 one result a member.
struct LeaveGroupResponse {
  static constexpr Api api{.key = 13, .versions = "0-5", .flexible = "4+"};

  struct Member {
    Field<string> member_id;
    Field<nullable<string>> group_instance_id{string{}};
    Field<int16> error_code;
  };

  Field<Millis, "1+ ignorable"> throttle_time_ms;
  Field<int16> error_code;
  Field<list<Member>, "3+"> members;
};

}  // namespace barnabas::protocol
