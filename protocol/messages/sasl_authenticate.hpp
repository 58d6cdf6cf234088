// SaslAuthenticate (key 36): the tokens of a SASL mechanism.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct SaslAuthenticateResponse;

/// Carries one token of the client. Follows SaslHandshake version 1.
struct SaslAuthenticateRequest {
  using Response = SaslAuthenticateResponse;
  static constexpr Api api{.key = 36, .versions = "0-2", .flexible = "2+"};

  /// As the mechanism defines; for PLAIN it holds the password.
  Field<Secret<bytes>> auth_bytes;
};

/// The broker's token; with an error, the connection is about to be closed.
struct SaslAuthenticateResponse {
  static constexpr Api api{.key = 36, .versions = "0-2", .flexible = "2+"};

  Field<int16> error_code;
  Field<nullable<string>> error_message{string{}};
  /// The broker's answer; empty when the mechanism has nothing to say.
  Field<bytes> auth_bytes;
  /// Until then the client has to authenticate anew (KIP-368); 0 = no limit.
  Field<int64, "1+ ignorable"> session_lifetime_ms;
};

}  // namespace barnabas::protocol
