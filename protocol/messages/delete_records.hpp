// DeleteRecords (key 21): cutting off the beginning of logs.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct DeleteRecordsResponse;

/// Asks the leaders to move the start of their partitions' logs. Topics go by name in all versions.
struct DeleteRecordsRequest {
  using Response = DeleteRecordsResponse;
  static constexpr Api api{.key = 21, .versions = "0-2", .flexible = "2+"};

  struct Partition {
    Field<int32> partition_index;
    /// The first offset to stay; -1 = the high watermark, so that nothing stays.
    Field<Offset> offset;
  };
  struct Topic {
    Field<string> name;
    Field<list<Partition>> partitions;
  };

  Field<list<Topic>> topics;
  Field<Millis> timeout_ms;
};

/// One result a partition.
struct DeleteRecordsResponse {
  static constexpr Api api{.key = 21, .versions = "0-2", .flexible = "2+"};

  struct Partition {
    Field<int32> partition_index;
    /// The greatest start of the log among the replicas that are alive; -1 with an error.
    Field<Offset> low_watermark;
    Field<int16> error_code;
  };
  struct Topic {
    Field<string> name;
    Field<list<Partition>> partitions;
  };

  Field<Millis> throttle_time_ms;
  Field<list<Topic>> topics;
};

}  // namespace barnabas::protocol
