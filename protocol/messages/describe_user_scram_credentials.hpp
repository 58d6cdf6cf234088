// DescribeUserScramCredentials (key 50): which users have SCRAM credentials.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct DescribeUserScramCredentialsResponse;

/// Tells mechanism and iterations, never the secret (KIP-554).
struct DescribeUserScramCredentialsRequest {
  using Response = DescribeUserScramCredentialsResponse;
  static constexpr Api api{.key = 50, .versions = "0", .flexible = "0+"};

  struct User {
    Field<string> name;
  };

  /// Null or empty = all.
  Field<nullable<list<User>>> users{list<User>{}};
};

/// One result a user.
struct DescribeUserScramCredentialsResponse {
  static constexpr Api api{.key = 50, .versions = "0", .flexible = "0+"};

  struct CredentialInfo {
    /// 1 = SCRAM-SHA-256, 2 = SCRAM-SHA-512.
    Field<int8> mechanism;
    Field<int32> iterations;
  };
  struct Result {
    Field<string> user;
    Field<int16> error_code;
    Field<nullable<string>> error_message{string{}};
    Field<list<CredentialInfo>> credential_infos;
  };

  Field<Millis> throttle_time_ms;
  Field<int16> error_code;
  Field<nullable<string>> error_message{string{}};
  Field<list<Result>> results;
};

}  // namespace barnabas::protocol
