// WriteTxnMarkers (key 27): the coordinator tells the leaders how transactions ended.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct WriteTxnMarkersResponse;

/// Goes from transaction coordinators to partition leaders, and from admin tools that abort a hanging transaction
/// (KIP-664).
struct WriteTxnMarkersRequest {
  using Response = WriteTxnMarkersResponse;
  static constexpr Api api{.key = 27, .versions = "0-2", .flexible = "1+"};

  struct Topic {
    Field<string> name;
    Field<list<int32>> partition_indexes;
  };
  struct Marker {
    Field<int64> producer_id;
    Field<int16> producer_epoch;
    /// True = commit, false = abort.
    Field<bool> transaction_result;
    Field<list<Topic>> topics;
    /// Fences markers of older coordinators.
    Field<int32> coordinator_epoch;
    /// 2 = each transaction has its own epoch, so the leader can check more strictly.
    Field<int8, "2+ ignorable"> transaction_version;
  };

  Field<list<Marker>> markers;
};

/// One result a partition.
struct WriteTxnMarkersResponse {
  static constexpr Api api{.key = 27, .versions = "0-2", .flexible = "1+"};

  struct Partition {
    Field<int32> partition_index;
    Field<int16> error_code;
  };
  struct Topic {
    Field<string> name;
    Field<list<Partition>> partitions;
  };
  struct Marker {
    Field<int64> producer_id;
    Field<list<Topic>> topics;
  };

  Field<list<Marker>> markers;
};

}  // namespace barnabas::protocol
