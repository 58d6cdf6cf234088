// Envelope (key 58): a client's request, passed on by a broker.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

/// Who sent the request that an Envelope carries; behind an int16 version, as bytes.
struct DefaultPrincipalData {
  static constexpr Api api{.versions = "0", .flexible = "0+"};

  /// "User".
  Field<string> type;
  Field<string> name;
  /// Logged in with a delegation token.
  Field<bool> token_authenticated;
};

struct EnvelopeResponse;

/// Carries a whole request with header to the controller, and who sent it (KIP-590).
struct EnvelopeRequest {
  using Response = EnvelopeResponse;
  static constexpr Api api{.key = 58, .versions = "0", .flexible = "0+"};

  Field<bytes> request_data;
  /// A DefaultPrincipalData with its version in front, unless the brokers have another principal builder.
  Field<nullable<bytes>> request_principal{bytes{}};
  /// 4 or 16 bytes.
  Field<bytes> client_host_address;
};

/// The answer to the request inside.
struct EnvelopeResponse {
  static constexpr Api api{.key = 58, .versions = "0", .flexible = "0+"};

  /// The whole response with header; null with an error.
  Field<nullable<bytes>> response_data;
  Field<int16> error_code;
};

}  // namespace barnabas::protocol
