// DeleteGroups (key 42): groups and their offsets vanish.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct DeleteGroupsResponse;

/// Goes to the coordinator of the groups, which must have no members.
struct DeleteGroupsRequest {
  using Response = DeleteGroupsResponse;
  static constexpr Api api{.key = 42, .versions = "0-2", .flexible = "2+"};

  Field<list<string>> groups_names;
};

/// One result a group.
struct DeleteGroupsResponse {
  static constexpr Api api{.key = 42, .versions = "0-2", .flexible = "2+"};

  struct Result {
    Field<string> group_id;
    Field<int16> error_code;
  };

  Field<Millis> throttle_time_ms;
  Field<list<Result>> results;
};

}  // namespace barnabas::protocol
