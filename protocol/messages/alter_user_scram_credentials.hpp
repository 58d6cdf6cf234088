// AlterUserScramCredentials (key 51): SCRAM users come and go.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct AlterUserScramCredentialsResponse;

/// The client salts the password itself, so that it never travels (KIP-554). Goes to the controller (a broker with
/// KRaft passes it on).
struct AlterUserScramCredentialsRequest {
  using Response = AlterUserScramCredentialsResponse;
  static constexpr Api api{.key = 51, .versions = "0", .flexible = "0+"};

  struct Deletion {
    Field<string> name;
    /// 1 = SCRAM-SHA-256, 2 = SCRAM-SHA-512.
    Field<int8> mechanism;
  };
  struct Upsertion {
    Field<string> name;
    Field<int8> mechanism;
    /// 4096 at least, 16384 at most.
    Field<int32> iterations;
    Field<bytes> salt;
    /// Hi(password, salt, iterations) of RFC 5802.
    Field<Secret<bytes>> salted_password;
  };

  Field<list<Deletion>> deletions;
  Field<list<Upsertion>> upsertions;
};

/// One result a user.
struct AlterUserScramCredentialsResponse {
  static constexpr Api api{.key = 51, .versions = "0", .flexible = "0+"};

  struct Result {
    Field<string> user;
    Field<int16> error_code;
    Field<nullable<string>> error_message{string{}};
  };

  Field<Millis> throttle_time_ms;
  Field<list<Result>> results;
};

}  // namespace barnabas::protocol
