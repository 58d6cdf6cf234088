// ControlledShutdown (key 7): a broker asks to be relieved of its leaderships.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct ControlledShutdownResponse;

/// From ZooKeeper's days. Version 0 is the one request whose header has no client id.
struct ControlledShutdownRequest {
  using Response = ControlledShutdownResponse;
  static constexpr Api api{.key = 7, .versions = "0-3", .flexible = "3+"};

  Field<int32> broker_id;
  Field<int64, "2+ ignorable"> broker_epoch{-1};
};

/// What the broker still leads: it waits and asks again.
struct ControlledShutdownResponse {
  static constexpr Api api{.key = 7, .versions = "0-3", .flexible = "3+"};

  struct Partition {
    Field<string> topic_name;
    Field<int32> partition_index;
  };

  Field<int16> error_code;
  Field<list<Partition>> remaining_partitions;
};

}  // namespace barnabas::protocol
