// ExpireDelegationToken (key 40): a token shall die sooner.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct ExpireDelegationTokenResponse;

/// For its owner and its renewers.
struct ExpireDelegationTokenRequest {
  using Response = ExpireDelegationTokenResponse;
  static constexpr Api api{.key = 40, .versions = "0-2", .flexible = "2+"};

  /// Which token.
  Field<Secret<bytes>> hmac;
  /// From now; a negative value ends it at once.
  Field<int64> expiry_time_period_ms;
};

/// When the token ends now.
struct ExpireDelegationTokenResponse {
  static constexpr Api api{.key = 40, .versions = "0-2", .flexible = "2+"};

  Field<int16> error_code;
  Field<TimestampMs> expiry_timestamp_ms;
  Field<Millis> throttle_time_ms;
};

}  // namespace barnabas::protocol
