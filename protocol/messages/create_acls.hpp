// CreateAcls (key 30): adding ACLs.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct CreateAclsResponse;

/// What the numbers mean: see DescribeAcls. Goes to the controller (a broker with KRaft passes it on).
struct CreateAclsRequest {
  using Response = CreateAclsResponse;
  static constexpr Api api{.key = 30, .versions = "0-3", .flexible = "2+"};

  struct Creation {
    Field<int8> resource_type;
    Field<string> resource_name;
    /// 3 = literal, 4 = prefixed.
    Field<int8, "1+"> resource_pattern_type{3};
    Field<string> principal;
    Field<string> host;
    Field<int8> operation;
    Field<int8> permission_type;
  };

  Field<list<Creation>> creations;
};

/// One result a creation, in the same order.
struct CreateAclsResponse {
  static constexpr Api api{.key = 30, .versions = "0-3", .flexible = "2+"};

  struct Result {
    Field<int16> error_code;
    Field<nullable<string>> error_message{string{}};
  };

  Field<Millis> throttle_time_ms;
  Field<list<Result>> results;
};

}  // namespace barnabas::protocol
