#include "barnabas/client/statistics/otlp.hpp"

#include <bit>

namespace barnabas::client {
namespace {

// Field numbers of opentelemetry/proto/metrics/v1/metrics.proto, common/v1 and resource/v1.
namespace field {
constexpr int metrics_data_resource_metrics = 1;
constexpr int resource_metrics_resource = 1, resource_metrics_scope_metrics = 2;
constexpr int resource_attributes = 1;
constexpr int scope_metrics_scope = 1, scope_metrics_metrics = 2;
constexpr int scope_name = 1;
constexpr int metric_name = 1, metric_gauge = 5, metric_sum = 7;
constexpr int data_points = 1, sum_temporality = 2, sum_is_monotonic = 3;
constexpr int point_start = 2, point_time = 3, point_as_double = 4, point_attributes = 7;
constexpr int key_value_key = 1, key_value_value = 2, any_value_string = 1;
}  // namespace field
constexpr std::uint64_t temporality_delta = 1, temporality_cumulative = 2;

enum class Wire : unsigned char { varint = 0, fixed64 = 1, bytes = 2 };

void append_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}

void append_tag(std::string& out, int number, Wire wire) {
  append_varint(out, static_cast<std::uint64_t>(number) << 3 | static_cast<std::uint64_t>(wire));
}

void append_number(std::string& out, int number, std::uint64_t value) {
  append_tag(out, number, Wire::varint);
  append_varint(out, value);
}

void append_fixed(std::string& out, int number, std::uint64_t value) {
  append_tag(out, number, Wire::fixed64);
  for (int shift = 0; shift < 64; shift += 8) out += static_cast<char>(value >> shift);
}

void append_bytes(std::string& out, int number, std::string_view bytes) {
  append_tag(out, number, Wire::bytes);
  append_varint(out, bytes.size());
  out += bytes;
}

using Attributes = std::vector<std::pair<std::string, std::string>>;

void append_attributes(std::string& out, int number, const Attributes& attributes) {
  for (const auto& [key, value] : attributes) {
    std::string any, pair;
    append_bytes(any, field::any_value_string, value);
    append_bytes(pair, field::key_value_key, key);
    append_bytes(pair, field::key_value_value, any);
    append_bytes(out, number, pair);
  }
}

std::uint64_t nanoseconds(std::int64_t unix_ms) { return static_cast<std::uint64_t>(unix_ms) * 1'000'000; }

std::string encode_point(const Metric& metric, const OtlpOptions& options) {
  std::string point;
  if (metric.kind == Metric::Kind::sum) append_fixed(point, field::point_start, nanoseconds(options.start_unix_ms));
  append_fixed(point, field::point_time, nanoseconds(options.now_unix_ms));
  append_fixed(point, field::point_as_double, std::bit_cast<std::uint64_t>(metric.value));
  append_attributes(point, field::point_attributes, metric.labels);
  return point;
}

/// Metrics [first, end) share name and kind.
std::string encode_metric(const Metric* first, const Metric* end, const OtlpOptions& options) {
  std::string data;
  for (const Metric* m = first; m != end; ++m) append_bytes(data, field::data_points, encode_point(*m, options));
  const bool sum = first->kind == Metric::Kind::sum;
  if (sum) {
    append_number(data, field::sum_temporality, options.delta ? temporality_delta : temporality_cumulative);
    append_number(data, field::sum_is_monotonic, 1);
  }
  std::string metric;
  append_bytes(metric, field::metric_name, first->name);
  append_bytes(metric, sum ? field::metric_sum : field::metric_gauge, data);
  return metric;
}

}  // namespace

std::string encode_otlp(const std::vector<Metric>& metrics, const OtlpOptions& options) {
  std::string scope, resource, scope_metrics, resource_metrics, data;
  append_bytes(scope, field::scope_name, "barnabas");
  append_bytes(scope_metrics, field::scope_metrics_scope, scope);
  for (std::size_t i = 0; i < metrics.size();) {
    std::size_t end = i + 1;
    while (end < metrics.size() && metrics[end].name == metrics[i].name && metrics[end].kind == metrics[i].kind) ++end;
    append_bytes(scope_metrics, field::scope_metrics_metrics,
                 encode_metric(&metrics[i], &metrics[i] + (end - i), options));
    i = end;
  }
  append_attributes(resource, field::resource_attributes, options.resource);
  append_bytes(resource_metrics, field::resource_metrics_resource, resource);
  append_bytes(resource_metrics, field::resource_metrics_scope_metrics, scope_metrics);
  append_bytes(data, field::metrics_data_resource_metrics, resource_metrics);
  return data;
}

}  // namespace barnabas::client
