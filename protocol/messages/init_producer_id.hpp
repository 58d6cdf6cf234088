// InitProducerId (key 22): who a producer is to the brokers.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct InitProducerIdResponse;

/// Gives an idempotent producer its id (any broker), or a transactional one its id and a new epoch that fences the old
/// ones (the transaction coordinator).
struct InitProducerIdRequest {
  using Response = InitProducerIdResponse;
  static constexpr Api api{.key = 22, .versions = "0-6", .flexible = "2+", .unstable = "6"};

  /// Null = idempotent only.
  Field<nullable<string>> transactional_id{string{}};
  Field<Millis> transaction_timeout_ms;
  /// The identity so far, to go on with a higher epoch (KIP-360); -1 = none.
  Field<int64, "3+"> producer_id{-1};
  Field<int16, "3+"> producer_epoch{-1};
  Field<bool, "6+"> enable2_pc;
  Field<bool, "6+"> keep_prepared_txn;
};

/// The identity with which batches are written from now on.
struct InitProducerIdResponse {
  static constexpr Api api{.key = 22, .versions = "0-6", .flexible = "2+", .unstable = "6"};

  Field<Millis, "0+ ignorable"> throttle_time_ms;
  Field<int16> error_code;
  Field<int64> producer_id{-1};
  Field<int16> producer_epoch;
  Field<int64, "6+"> ongoing_txn_producer_id{-1};
  Field<int16, "6+"> ongoing_txn_producer_epoch{-1};
};

}  // namespace barnabas::protocol
