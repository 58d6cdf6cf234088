// FindCoordinator (key 10): which broker looks after a group or a transaction.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct FindCoordinatorResponse;

/// Any broker answers. Until version 3 for one key, from 4 on for several of one type (KIP-699).
struct FindCoordinatorRequest {
  using Response = FindCoordinatorResponse;
  static constexpr Api api{.key = 10, .versions = "0-6", .flexible = "3+"};

  /// Values of key_type.
  static constexpr int8 group = 0;
  static constexpr int8 transaction = 1;
  static constexpr int8 share = 2;  // from version 6

  Field<string, "0-3"> key;
  Field<int8, "1+"> key_type;
  Field<list<string>, "4+"> coordinator_keys;
};

/// Who it is, or an error that is worth a retry.
struct FindCoordinatorResponse {
  static constexpr Api api{.key = 10, .versions = "0-6", .flexible = "3+"};

  struct Coordinator {
    Field<string> key;
    Field<int32> node_id;
    Field<string> host;
    Field<int32> port;
    Field<int16> error_code;
    Field<nullable<string>, "0+ ignorable"> error_message{string{}};
  };

  Field<Millis, "1+ ignorable"> throttle_time_ms;
  Field<int16, "0-3"> error_code;
  Field<nullable<string>, "1-3 ignorable"> error_message{string{}};
  Field<int32, "0-3"> node_id;
  Field<string, "0-3"> host;
  Field<int32, "0-3"> port;
  Field<list<Coordinator>, "4+"> coordinators;
};

}  // namespace barnabas::protocol
