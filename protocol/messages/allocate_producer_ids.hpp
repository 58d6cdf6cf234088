// AllocateProducerIds (key 67): a block of producer ids.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct AllocateProducerIdsResponse;

/// Brokers fetch ids from the controller block by block (KIP-730).
struct AllocateProducerIdsRequest {
  using Response = AllocateProducerIdsResponse;
  static constexpr Api api{.key = 67, .versions = "0", .flexible = "0+"};

  Field<int32> broker_id;
  Field<int64> broker_epoch{-1};
};

/// The ids from producer_id_start on, producer_id_len of them, are this broker's.
struct AllocateProducerIdsResponse {
  static constexpr Api api{.key = 67, .versions = "0", .flexible = "0+"};

  Field<Millis> throttle_time_ms;
  Field<int16> error_code;
  Field<int64> producer_id_start;
  Field<int32> producer_id_len;
};

}  // namespace barnabas::protocol
