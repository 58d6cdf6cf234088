// DescribeProducers (key 61): who writes to partitions.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct DescribeProducersResponse;

/// Asks the leaders for the state of producers, to find hanging transactions (KIP-664).
struct DescribeProducersRequest {
  using Response = DescribeProducersResponse;
  static constexpr Api api{.key = 61, .versions = "0", .flexible = "0+"};

  struct Topic {
    Field<string> name;
    Field<list<int32>> partition_indexes;
  };

  Field<list<Topic>> topics;
};

/// One result a partition.
struct DescribeProducersResponse {
  static constexpr Api api{.key = 61, .versions = "0", .flexible = "0+"};

  struct Producer {
    Field<int64> producer_id;
    Field<int32> producer_epoch;
    /// -1 = none yet.
    Field<int32> last_sequence{-1};
    Field<TimestampMs> last_timestamp{-1};
    Field<int32> coordinator_epoch;
    /// First offset of the open transaction; -1 = none is open.
    Field<Offset> current_txn_start_offset{-1};
  };
  struct Partition {
    Field<int32> partition_index;
    Field<int16> error_code;
    Field<nullable<string>> error_message;
    Field<list<Producer>> active_producers;
  };
  struct Topic {
    Field<string> name;
    Field<list<Partition>> partitions;
  };

  Field<Millis> throttle_time_ms;
  Field<list<Topic>> topics;
};

}  // namespace barnabas::protocol
