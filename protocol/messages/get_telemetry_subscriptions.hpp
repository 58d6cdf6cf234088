// GetTelemetrySubscriptions (key 71): which metrics a broker wants of its clients.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct GetTelemetrySubscriptionsResponse;

/// The first step of client telemetry (KIP-714).
struct GetTelemetrySubscriptionsRequest {
  using Response = GetTelemetrySubscriptionsResponse;
  static constexpr Api api{.key = 71, .versions = "0", .flexible = "0+"};

  /// All zero = hand one out.
  Field<Uuid> client_instance_id;
};

/// What to send, how often, and in which form.
struct GetTelemetrySubscriptionsResponse {
  static constexpr Api api{.key = 71, .versions = "0", .flexible = "0+"};

  Field<Millis> throttle_time_ms;
  Field<int16> error_code;
  Field<Uuid> client_instance_id;
  Field<int32> subscription_id;
  /// In order of preference, numbered as in record batches.
  Field<list<int8>> accepted_compression_types;
  Field<Millis> push_interval_ms;
  Field<int32> telemetry_max_bytes;
  /// True = send differences, false = sums.
  Field<bool> delta_temporality;
  /// Prefixes of names; one empty string = all, an empty list = none.
  Field<list<string>> requested_metrics;
};

}  // namespace barnabas::protocol
