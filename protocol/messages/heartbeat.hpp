// Heartbeat (key 12): still here.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct HeartbeatResponse;

/// Keeps a member of a classic group alive, and brings it the news that a rebalance has begun (error
/// REBALANCE_IN_PROGRESS).
struct HeartbeatRequest {
  using Response = HeartbeatResponse;
  static constexpr Api api{.key = 12, .versions = "0-4", .flexible = "4+"};

  Field<string> group_id;
  Field<int32> generation_id;
  Field<string> member_id;
  Field<nullable<string>, "3+"> group_instance_id;
};

/// The error says whether to go on, to join again, or to begin anew.
struct HeartbeatResponse {
  static constexpr Api api{.key = 12, .versions = "0-4", .flexible = "4+"};

  Field<Millis, "1+ ignorable"> throttle_time_ms;
  Field<int16> error_code;
};

}  // namespace barnabas::protocol
