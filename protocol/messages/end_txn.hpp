// EndTxn (key 26): commit or abort.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct EndTxnResponse;

/// Ends a transaction. Version 5 needs the finalized feature transaction.version at 2 or more (KIP-890).
struct EndTxnRequest {
  using Response = EndTxnResponse;
  static constexpr Api api{.key = 26, .versions = "0-5", .flexible = "3+"};

  Field<string> transactional_id;
  Field<int64> producer_id;
  Field<int16> producer_epoch;
  /// True = commit, false = abort.
  Field<bool> committed;
};

/// The markers may still be on their way to the partitions.
struct EndTxnResponse {
  static constexpr Api api{.key = 26, .versions = "0-5", .flexible = "3+"};

  Field<Millis> throttle_time_ms;
  Field<int16> error_code;
  /// Since version 5 each transaction has an epoch of its own: go on with these. -1 = unchanged.
  Field<int64, "5+ ignorable"> producer_id{-1};
  Field<int16, "5+ ignorable"> producer_epoch{-1};
};

}  // namespace barnabas::protocol
