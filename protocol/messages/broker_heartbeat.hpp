// BrokerHeartbeat (key 63): a broker is still there.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct BrokerHeartbeatResponse;

/// Also how it asks to be unfenced, fenced or shut down (KIP-631).
struct BrokerHeartbeatRequest {
  using Response = BrokerHeartbeatResponse;
  static constexpr Api api{.key = 63, .versions = "0-2", .flexible = "0+"};

  Field<int32> broker_id;
  Field<int64> broker_epoch{-1};
  /// How far it has read the metadata log.
  Field<Offset> current_metadata_offset;
  Field<bool> want_fence;
  /// It moves its leaderships away first.
  Field<bool> want_shut_down;
  Field<list<Uuid>, "1+ tag 0"> offline_log_dirs;
  /// Take no new replicas (KIP-1066); null = this broker does not say.
  Field<nullable<list<Uuid>>, "2+ tag 1"> cordoned_log_dirs;
};

/// What the controller has decided about the broker.
struct BrokerHeartbeatResponse {
  static constexpr Api api{.key = 63, .versions = "0-2", .flexible = "0+"};

  Field<Millis> throttle_time_ms;
  Field<int16> error_code;
  Field<bool> is_caught_up;
  Field<bool> is_fenced{true};
  Field<bool> should_shut_down;
};

}  // namespace barnabas::protocol
