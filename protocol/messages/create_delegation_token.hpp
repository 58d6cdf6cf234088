// CreateDelegationToken (key 38): a token that stands for a principal.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct CreateDelegationTokenResponse;

/// Delegation tokens (KIP-48) let workers authenticate with SCRAM instead of the credentials of their owner.
struct CreateDelegationTokenRequest {
  using Response = CreateDelegationTokenResponse;
  static constexpr Api api{.key = 38, .versions = "0-3", .flexible = "2+"};

  struct Renewer {
    Field<string> principal_type;
    Field<string> principal_name;
  };

  /// Whose token it shall be (KIP-373); null = the requester's own.
  Field<nullable<string>, "3+"> owner_principal_type{string{}};
  Field<nullable<string>, "3+"> owner_principal_name{string{}};
  Field<list<Renewer>> renewers;
  /// -1 = as long as the broker's delegation.token.max.lifetime.ms says.
  Field<int64> max_lifetime_ms;
};

/// The token; its secret part is never shown again but to those who may describe it.
struct CreateDelegationTokenResponse {
  static constexpr Api api{.key = 38, .versions = "0-3", .flexible = "2+"};

  Field<int16> error_code;
  Field<string> principal_type;
  Field<string> principal_name;
  Field<string, "3+"> token_requester_principal_type;
  Field<string, "3+"> token_requester_principal_name;
  Field<TimestampMs> issue_timestamp_ms;
  Field<TimestampMs> expiry_timestamp_ms;
  Field<TimestampMs> max_timestamp_ms;
  Field<string> token_id;
  /// The secret part: the password with which the token id logs in.
  Field<Secret<bytes>> hmac;
  Field<Millis> throttle_time_ms;
};

}  // namespace barnabas::protocol
