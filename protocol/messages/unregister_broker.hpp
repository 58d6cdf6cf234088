// UnregisterBroker (key 64): a broker that will not come back.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct UnregisterBrokerResponse;

/// Makes the controller forget a KRaft broker.
struct UnregisterBrokerRequest {
  using Response = UnregisterBrokerResponse;
  static constexpr Api api{.key = 64, .versions = "0", .flexible = "0+"};

  Field<int32> broker_id;
};

/// Whether the controller has forgotten it.
struct UnregisterBrokerResponse {
  static constexpr Api api{.key = 64, .versions = "0", .flexible = "0+"};

  Field<Millis> throttle_time_ms;
  Field<int16> error_code;
  Field<nullable<string>> error_message{string{}};
};

}  // namespace barnabas::protocol
