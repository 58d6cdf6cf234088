// OpenTelemetry's MetricsData in protobuf, as far as KIP-714 needs it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "barnabas/client/statistics/metrics_source.hpp"

namespace barnabas::client {

struct OtlpOptions {
  OtlpOptions() = default;
  bool delta = false;  ///< sums are differences since `start`, not since the beginning
  std::int64_t start_unix_ms = 0;
  std::int64_t now_unix_ms = 0;
  std::vector<std::pair<std::string, std::string>> resource;  ///< what all metrics have in common
};

/// One MetricsData message: one resource, one scope, each metric with its data points; metrics of the same name stand
/// next to each other in `metrics`. Any thread.
std::string encode_otlp(const std::vector<Metric>& metrics, const OtlpOptions& options);

}  // namespace barnabas::client
