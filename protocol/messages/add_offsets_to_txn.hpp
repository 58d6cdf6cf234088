// AddOffsetsToTxn (key 25): a transaction takes in a group's offsets.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct AddOffsetsToTxnResponse;

/// Tells the transaction coordinator that TxnOffsetCommit will follow for this group.
struct AddOffsetsToTxnRequest {
  using Response = AddOffsetsToTxnResponse;
  static constexpr Api api{.key = 25, .versions = "0-4", .flexible = "3+"};

  Field<string> transactional_id;
  Field<int64> producer_id;
  Field<int16> producer_epoch;
  Field<string> group_id;
};

/// Whether the group's offsets may follow.
struct AddOffsetsToTxnResponse {
  static constexpr Api api{.key = 25, .versions = "0-4", .flexible = "3+"};

  Field<Millis> throttle_time_ms;
  Field<int16> error_code;
};

}  // namespace barnabas::protocol
