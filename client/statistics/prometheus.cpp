#include "barnabas/client/statistics/prometheus.hpp"

#include <fmt/core.h>

namespace barnabas::client {
namespace {

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '\\': out += "\\\\"; break;
      case '"': out += "\\\""; break;
      case '\n': out += "\\n"; break;
      default: out += c;
    }
  }
}

std::string labels_text(const PrometheusText::Labels& labels, std::string_view le = {}) {
  if (labels.empty() && le.empty()) return {};
  std::string out = "{";
  for (const auto& [name, value] : labels) {
    if (out.size() > 1) out += ',';
    out.append(name).append("=\"");
    append_escaped(out, value);
    out += '"';
  }
  if (!le.empty()) out += fmt::format("{}le=\"{}\"", out.size() > 1 ? "," : "", le);
  return out + "}";
}

double seconds(std::int64_t us) { return static_cast<double>(us) / 1e6; }

}  // namespace

std::string& PrometheusText::samples(std::string_view name, std::string_view help, std::string_view type) {
  auto found = by_name_.find(name);
  if (found == by_name_.end()) {
    found = by_name_.emplace(name, families_.size()).first;
    std::string head = fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
    families_.push_back({std::string(name), std::move(head), {}});
  }
  return families_[found->second].samples;
}

void PrometheusText::gauge(std::string_view name, std::string_view help, const Labels& labels, double value) {
  samples(name, help, "gauge") += fmt::format("{}{} {}\n", name, labels_text(labels), value);
}

void PrometheusText::counter(std::string_view name, std::string_view help, const Labels& labels, double value) {
  samples(name, help, "counter") += fmt::format("{}{} {}\n", name, labels_text(labels), value);
}

void PrometheusText::histogram(std::string_view name, std::string_view help, const Labels& labels,
                               const Latency& latency) {
  constexpr int first_bound = 6;
  std::string& out = samples(name, help, "histogram");
  for (int doubling = first_bound; doubling < Latency::bounds; doubling += 2) {
    const std::string le = fmt::format("{}", seconds(Latency::bound_us(doubling)));
    out += fmt::format("{}_bucket{} {}\n", name, labels_text(labels, le), latency.count_within(doubling));
  }
  out += fmt::format("{}_bucket{} {}\n", name, labels_text(labels, "+Inf"), latency.count());
  out += fmt::format("{}_sum{} {}\n", name, labels_text(labels), seconds(latency.sum_us()));
  out += fmt::format("{}_count{} {}\n", name, labels_text(labels), latency.count());
}

std::string PrometheusText::text() const {
  std::string out;
  for (const Family& family : families_) out += family.head + family.samples;
  return out;
}

namespace {

void add_broker(PrometheusText& text, const std::string& client, const BrokerStatistics& broker) {
  const std::string id = broker.node_id < 0 ? "bootstrap" : std::to_string(broker.node_id);
  const PrometheusText::Labels labels{{"client", client}, {"broker", id}, {"address", broker.address}};
  const auto counter = [&](std::string_view name, std::string_view help, std::uint64_t value) {
    text.counter(name, help, labels, static_cast<double>(value));
  };
  const Traffic& t = broker.traffic;
  text.gauge("barnabas_broker_up", "Whether a connection to the broker is open.", labels,
             broker.state == BrokerState::connected ? 1 : 0);
  text.gauge("barnabas_broker_connections", "Connections that are open now.", labels,
             static_cast<double>(broker.connections));
  text.gauge("barnabas_broker_requests_outstanding", "Requests that wait for their answers now.", labels,
             static_cast<double>(broker.requests_outstanding));
  counter("barnabas_broker_requests_total", "Requests sent.", t.requests_sent);
  counter("barnabas_broker_responses_total", "Responses received.", t.responses_received);
  counter("barnabas_broker_requests_failed_total", "Requests whose connection ended before the answer came.",
          t.requests_failed);
  counter("barnabas_broker_requests_timed_out_total", "Requests that were not answered in time.", t.requests_timed_out);
  counter("barnabas_broker_sent_bytes_total", "Bytes sent.", t.bytes_sent);
  counter("barnabas_broker_received_bytes_total", "Bytes of responses received.", t.bytes_received);
  counter("barnabas_broker_connect_attempts_total", "Attempts to connect.", t.connect_attempts);
  counter("barnabas_broker_connects_total", "Attempts to connect that succeeded.", t.connects);
  counter("barnabas_broker_disconnects_total", "Connections that ended, for whatever reason.", t.disconnects);
  counter("barnabas_broker_throttles_total", "Responses that asked for a pause (quota).", t.throttles);
  text.counter("barnabas_broker_throttled_seconds_total", "Pauses that the broker asked for (quota).", labels,
               static_cast<double>(t.throttled_ms) / 1e3);
  for (std::size_t kind = 0; kind < request_kinds; ++kind) {
    auto with_kind = labels;
    with_kind.emplace_back("kind", name(static_cast<RequestKind>(kind)));
    text.histogram("barnabas_broker_request_duration_seconds",
                   "From sending a request to its whole answer; fetch and rebalance wait on purpose.", with_kind,
                   t.latency[kind]);
  }
}

}  // namespace

void add_to(PrometheusText& text, const ClientStatistics& s) {
  const PrometheusText::Labels labels{{"client", s.name}};
  const auto gauge = [&](std::string_view name, std::string_view help, double value) {
    text.gauge(name, help, labels, value);
  };
  text.gauge("barnabas_client_info", "1; which client this is.",
             {{"client", s.name}, {"client_id", s.client_id}, {"cluster_id", s.cluster_id}}, 1);
  gauge("barnabas_client_uptime_seconds", "Since the client was made.", static_cast<double>(s.uptime_ms) / 1e3);
  if (s.metadata_age_ms >= 0) {
    gauge("barnabas_metadata_age_seconds", "Since the cluster's metadata was last refreshed.",
          static_cast<double>(s.metadata_age_ms) / 1e3);
  }
  text.counter("barnabas_metadata_refreshes_total", "Metadata responses taken in.", labels,
               static_cast<double>(s.metadata_refreshes));
  gauge("barnabas_metadata_topics", "Topics in the metadata.", static_cast<double>(s.topics));
  gauge("barnabas_memory_budget_bytes", "What received and decompressed bytes may take.",
        static_cast<double>(s.memory.budget_bytes));
  for (const bool decompressed : {false, true}) {
    const std::int64_t bytes =
        decompressed ? s.memory.decompressed_bytes : s.memory.used_bytes - s.memory.decompressed_bytes;
    text.gauge("barnabas_memory_used_bytes", "Memory in use, of the budget.",
               {{"client", s.name}, {"kind", decompressed ? "decompressed" : "received"}}, static_cast<double>(bytes));
  }
  gauge("barnabas_memory_idle_bytes", "Memory kept for reuse, beside the budget.",
        static_cast<double>(s.memory.idle_bytes));
  for (const BrokerStatistics& broker : s.brokers) add_broker(text, s.name, broker);
}

std::string prometheus_text(const ClientStatistics& statistics) {
  PrometheusText text;
  add_to(text, statistics);
  return text.text();
}

}  // namespace barnabas::client
