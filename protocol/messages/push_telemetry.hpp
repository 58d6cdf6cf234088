// PushTelemetry (key 72): metrics go to the broker.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct PushTelemetryResponse;

/// The second step of client telemetry (KIP-714).
struct PushTelemetryRequest {
  using Response = PushTelemetryResponse;
  static constexpr Api api{.key = 72, .versions = "0", .flexible = "0+"};

  Field<Uuid> client_instance_id;
  Field<int32> subscription_id;
  /// The client is about to close: the last push.
  Field<bool> terminating;
  Field<int8> compression_type;
  /// OpenTelemetry's MetricsData in protobuf, compressed.
  Field<bytes> metrics;
};

/// Whether the broker took the metrics.
struct PushTelemetryResponse {
  static constexpr Api api{.key = 72, .versions = "0", .flexible = "0+"};

  Field<Millis> throttle_time_ms;
  Field<int16> error_code;
};

}  // namespace barnabas::protocol
