// ListGroups (key 16): the groups of one broker.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct ListGroupsResponse;

/// Each broker lists the groups that it coordinates: ask them all.
struct ListGroupsRequest {
  using Response = ListGroupsResponse;
  static constexpr Api api{.key = 16, .versions = "0-5", .flexible = "3+"};

  /// As in group_state; empty = all (KIP-518).
  Field<list<string>, "4+"> states_filter;
  /// As in group_type; empty = all (KIP-848).
  Field<list<string>, "5+"> types_filter;
};

/// The groups of this broker.
struct ListGroupsResponse {
  static constexpr Api api{.key = 16, .versions = "0-5", .flexible = "3+"};

  struct Group {
    Field<string> group_id;
    /// "consumer" for consumers, empty for groups that only keep offsets.
    Field<string> protocol_type;
    Field<string, "4+ ignorable"> group_state;
    /// "classic", "consumer", "share" or "streams".
    Field<string, "5+ ignorable"> group_type;
  };

  Field<Millis, "1+ ignorable"> throttle_time_ms;
  Field<int16> error_code;
  Field<list<Group>> groups;
};

}  // namespace barnabas::protocol
