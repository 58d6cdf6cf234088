// RenewDelegationToken (key 39): a token shall live longer.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct RenewDelegationTokenResponse;

/// For its owner and its renewers.
struct RenewDelegationTokenRequest {
  using Response = RenewDelegationTokenResponse;
  static constexpr Api api{.key = 39, .versions = "0-2", .flexible = "2+"};

  /// Which token.
  Field<Secret<bytes>> hmac;
  /// From now; -1 = the broker's delegation.token.expiry.time.ms.
  Field<int64> renew_period_ms;
};

/// When the token ends now.
struct RenewDelegationTokenResponse {
  static constexpr Api api{.key = 39, .versions = "0-2", .flexible = "2+"};

  Field<int16> error_code;
  Field<TimestampMs> expiry_timestamp_ms;
  Field<Millis> throttle_time_ms;
};

}  // namespace barnabas::protocol
