// SaslHandshake (key 17): which SASL mechanism it will be.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct SaslHandshakeResponse;

/// The first step of authentication. After version 0 the tokens go bare, as an int32 size and bytes; after version 1
/// inside SaslAuthenticate. Never becomes flexible.
struct SaslHandshakeRequest {
  using Response = SaslHandshakeResponse;
  static constexpr Api api{.key = 17, .versions = "0-1", .flexible = "none"};

  Field<string> mechanism;
};

/// With error UNSUPPORTED_SASL_MECHANISM the list says what the broker would take.
struct SaslHandshakeResponse {
  static constexpr Api api{.key = 17, .versions = "0-1", .flexible = "none"};

  Field<int16> error_code;
  Field<list<string>> mechanisms;
};

}  // namespace barnabas::protocol
