// DescribeDelegationToken (key 41): which tokens there are.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct DescribeDelegationTokenResponse;

/// Shows the tokens that the requester may see.
struct DescribeDelegationTokenRequest {
  using Response = DescribeDelegationTokenResponse;
  static constexpr Api api{.key = 41, .versions = "0-3", .flexible = "2+"};

  struct Owner {
    Field<string> principal_type;
    Field<string> principal_name;
  };

  /// Null = of all owners.
  Field<nullable<list<Owner>>> owners{list<Owner>{}};
};

/// The tokens, with their secret part.
struct DescribeDelegationTokenResponse {
  static constexpr Api api{.key = 41, .versions = "0-3", .flexible = "2+"};

  struct Renewer {
    Field<string> principal_type;
    Field<string> principal_name;
  };
  struct Token {
    Field<string> principal_type;
    Field<string> principal_name;
    Field<string, "3+"> token_requester_principal_type;
    Field<string, "3+"> token_requester_principal_name;
    Field<TimestampMs> issue_timestamp;
    Field<TimestampMs> expiry_timestamp;
    Field<TimestampMs> max_timestamp;
    Field<string> token_id;
    Field<Secret<bytes>> hmac;
    Field<list<Renewer>> renewers;
  };

  Field<int16> error_code;
  Field<list<Token>> tokens;
  Field<Millis> throttle_time_ms;
};

}  // namespace barnabas::protocol
