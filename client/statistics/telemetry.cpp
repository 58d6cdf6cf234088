#include "barnabas/client/statistics/telemetry.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "barnabas/client/statistics/otlp.hpp"
#include "barnabas/protocol/messages/get_telemetry_subscriptions.hpp"
#include "barnabas/protocol/messages/push_telemetry.hpp"
#include "barnabas/protocol/records/compression.hpp"

namespace barnabas::client {

using protocol::ErrorCode;

namespace {

constexpr std::int64_t default_interval_ms = 300'000;
// What a broker may ask for at most often: it is somebody else's number.
constexpr std::int32_t interval_ms_min = 100;
constexpr std::size_t prefixes_max = 1'000;
const std::string prefix = "org.apache.kafka.consumer.";

double rate(double now, double before, double seconds) { return seconds <= 0 ? 0 : (now - before) / seconds; }

std::string key_of(const Metric& metric) {
  std::string key = metric.name;
  for (const auto& [name, value] : metric.labels) key.append(1, '\0').append(name).append(1, '=').append(value);
  return key;
}

std::uint64_t connects(const ClientStatistics& statistics) {
  std::uint64_t sum = 0;
  for (const auto& broker : statistics.brokers) sum += broker.traffic.connects;
  return sum;
}

/// Since `before` was taken; all of it when the broker was not known then.
Latency latency_since(const BrokerStatistics& broker, const ClientStatistics& before, RequestKind kind) {
  const auto index = static_cast<std::size_t>(kind);
  const BrokerStatistics* earlier = before.broker(broker.node_id);
  return earlier ? broker.traffic.latency[index].since(earlier->traffic.latency[index]) : broker.traffic.latency[index];
}

}  // namespace

TelemetryVerdict judge_telemetry(ErrorCode code) {
  switch (code) {
    case ErrorCode::none: return TelemetryVerdict::go_on;
    case ErrorCode::unknown_subscription_id:
    case ErrorCode::unsupported_compression_type: return TelemetryVerdict::ask_again;
    case ErrorCode::invalid_request:
    case ErrorCode::invalid_record:
    case ErrorCode::unsupported_version: return TelemetryVerdict::stop;
    default: return TelemetryVerdict::pause;
  }
}

Telemetry::Telemetry(Client& client, const Sources& sources)
    : client_(client),
      sources_(sources),
      closing_wakeup_(client.runtime().clock()),
      last_(client.statistics()),
      began_unix_ms_(last_.taken_at_unix_ms) {}

void Telemetry::report(const std::string& text, ErrorCode code, std::int64_t bytes) {
  Event event(EventKind::metrics_pushed, Severity::debug, "metrics for the broker: " + text);
  event.code = code;
  event.count = bytes;
  client_.events().on_event(event);
}

std::int64_t Telemetry::jittered(std::int64_t ms) {
  return ms / 2 + static_cast<std::int64_t>(client_.runtime().random().below(static_cast<std::uint64_t>(ms) + 1));
}

asio::awaitable<void> Telemetry::pause(std::int64_t ms) {
  const auto until = client_.deadline_in_ms(ms);
  while (!closing_ && client_.now() < until) co_await closing_wakeup_.wait_until(until);
}

/// The first push comes at any time within half and one and a half intervals, so that a fleet that was started together
/// does not push together.
asio::awaitable<void> Telemetry::run() {
  while (!closing_) {
    auto verdict = co_await subscribe();
    if (verdict == TelemetryVerdict::stop) co_return;
    const std::int64_t interval_ms = subscribed_ ? subscription_.interval_ms : default_interval_ms;
    if (verdict == TelemetryVerdict::ask_again) verdict = TelemetryVerdict::pause;  // nothing to ask at once for
    if (verdict == TelemetryVerdict::go_on) co_await pause(jittered(interval_ms));
    while (!closing_ && verdict == TelemetryVerdict::go_on) {
      if (subscription_.prefixes.empty()) {
        verdict = TelemetryVerdict::ask_again;  // nothing is wanted; maybe next time
        break;
      }
      const auto deadline = client_.deadline_in_ms(client_.options().request_timeout_ms);
      verdict = co_await push(false, deadline);
      if (verdict == TelemetryVerdict::go_on) co_await pause(interval_ms);
    }
    if (verdict == TelemetryVerdict::stop) {
      subscribed_ = false;
      co_return;
    }
    if (verdict == TelemetryVerdict::pause) co_await pause(jittered(interval_ms));
  }
}

asio::awaitable<TelemetryVerdict> Telemetry::subscribe() {
  protocol::GetTelemetrySubscriptionsRequest request;
  request.client_instance_id = instance_id_;
  Target target = Target::any();
  target.connection_class = ConnectionClass::telemetry;
  const auto deadline = client_.deadline_in_ms(client_.options().request_timeout_ms);
  std::unique_ptr<Error> failure;
  Decoded<protocol::GetTelemetrySubscriptionsResponse> answer;
  try {
    answer = co_await client_.call(request, target, deadline);
  } catch (const Error& error) {
    failure = std::make_unique<Error>(error);
  }
  if (failure) {
    report(failure->what(), failure->code());
    co_return TelemetryVerdict::pause;
  }
  const auto code = static_cast<ErrorCode>(*answer->error_code);
  if (code != ErrorCode::none) {
    report(fmt::format("GetTelemetrySubscriptions was refused with {}", protocol::error_name(code)), code);
    co_return judge_telemetry(code);
  }
  instance_id_ = answer->client_instance_id;
  Subscription wanted;
  wanted.id = answer->subscription_id;
  for (const std::int8_t codec : *answer->accepted_compression_types) wanted.codecs.push_back(codec);
  wanted.interval_ms = std::max(interval_ms_min, static_cast<std::int32_t>(answer->push_interval_ms));
  wanted.bytes_max = answer->telemetry_max_bytes;
  wanted.delta = answer->delta_temporality;
  for (const auto& name : *answer->requested_metrics) {
    if (wanted.prefixes.size() < prefixes_max) wanted.prefixes.emplace_back(name);
  }
  subscription_ = std::move(wanted);
  subscribed_ = true;
  co_return TelemetryVerdict::go_on;
}

asio::awaitable<TelemetryVerdict> Telemetry::push(bool terminating, runtime::TimePoint deadline) {
  std::vector<Metric> metrics = collect();
  const ClientStatistics now = client_.statistics();
  std::int8_t codec = 0;
  const std::string plain = encode(metrics);
  const std::string body = compress(plain, codec);
  if (subscription_.bytes_max > 0 && static_cast<std::int64_t>(body.size()) > subscription_.bytes_max) {
    report(fmt::format("{} bytes are more than the {} that it takes", body.size(), subscription_.bytes_max),
           ErrorCode::telemetry_too_large, static_cast<std::int64_t>(body.size()));
    co_return TelemetryVerdict::pause;
  }
  protocol::PushTelemetryRequest request;
  request.client_instance_id = instance_id_;
  request.subscription_id = subscription_.id;
  request.terminating = terminating;
  request.compression_type = codec;
  request.metrics = protocol::bytes(body);
  Target target = Target::any();
  target.connection_class = ConnectionClass::telemetry;
  std::unique_ptr<Error> failure;
  ErrorCode code = ErrorCode::none;
  try {
    const auto answer = co_await client_.call(request, target, deadline);
    code = static_cast<ErrorCode>(*answer->error_code);
  } catch (const Error& error) {
    failure = std::make_unique<Error>(error);
  }
  if (failure) {
    report(failure->what(), failure->code());
    co_return TelemetryVerdict::pause;
  }
  if (code == ErrorCode::unsupported_compression_type) refused_codecs_.push_back(codec);
  if (code != ErrorCode::none) {
    report(fmt::format("PushTelemetry was refused with {}", protocol::error_name(code)), code);
    co_return judge_telemetry(code);
  }
  last_ = now;
  last_sums_ = std::move(pending_sums_);
  report(fmt::format("{} figures in {} bytes were taken", metrics.size(), body.size()), code,
         static_cast<std::int64_t>(body.size()));
  co_return TelemetryVerdict::go_on;
}

asio::awaitable<void> Telemetry::close(runtime::TimePoint deadline) {
  if (closing_) co_return;
  closing_ = true;
  closing_wakeup_.set();
  if (!subscribed_ || subscription_.prefixes.empty()) co_return;
  const auto brief = std::min(deadline, client_.deadline_in_ms(1'000));
  co_await push(true, brief);
}

bool Telemetry::wanted(const std::string& name) const {
  return std::any_of(subscription_.prefixes.begin(), subscription_.prefixes.end(),
                     [&](const std::string& wanted_prefix) { return name.starts_with(wanted_prefix); });
}

std::vector<Metric> Telemetry::collect() {
  std::vector<Metric> metrics;
  add_own(metrics);
  for (MetricsSource* source : sources_) source->collect(metrics);
  std::erase_if(metrics, [&](const Metric& metric) { return !wanted(metric.name); });
  std::stable_sort(metrics.begin(), metrics.end(), [](const Metric& a, const Metric& b) { return a.name < b.name; });
  make_deltas(metrics);
  return metrics;
}

/// Rates and latencies are those since the last push that was taken.
void Telemetry::add_own(std::vector<Metric>& metrics) {
  const ClientStatistics now = client_.statistics();
  const double seconds = std::chrono::duration<double>(now.taken_at - last_.taken_at).count();
  // Brokers that are no longer known take their counts with them.
  const auto made = static_cast<double>(std::max(connects(now), connects(last_)));
  using Kind = Metric::Kind;
  metrics.emplace_back(prefix + "connection.creation.total", Kind::sum, made);
  metrics.emplace_back(prefix + "connection.creation.rate", Kind::gauge,
                       rate(made, static_cast<double>(connects(last_)), seconds));
  Latency polls;
  for (const BrokerStatistics& broker : now.brokers) {
    polls += latency_since(broker, last_, RequestKind::fetch);
    if (broker.node_id < 0) continue;
    Latency all = latency_since(broker, last_, RequestKind::prompt);
    all += latency_since(broker, last_, RequestKind::fetch);
    if (all.count() == 0) continue;
    const std::pair<std::string, std::string> node("node_id", std::to_string(broker.node_id));
    metrics.emplace_back(prefix + "node.request.latency.avg", Kind::gauge, static_cast<double>(all.average_us()) / 1e3)
        .labels.push_back(node);
    metrics.emplace_back(prefix + "node.request.latency.max", Kind::gauge, static_cast<double>(all.largest_us()) / 1e3)
        .labels.push_back(node);
  }
  if (polls.count() == 0) return;
  metrics.emplace_back(prefix + "fetch.manager.fetch.latency.avg", Kind::gauge,
                       static_cast<double>(polls.average_us()) / 1e3);
  metrics.emplace_back(prefix + "fetch.manager.fetch.latency.max", Kind::gauge,
                       static_cast<double>(polls.largest_us()) / 1e3);
}

void Telemetry::make_deltas(std::vector<Metric>& metrics) {
  pending_sums_.clear();
  for (Metric& metric : metrics) {
    if (metric.kind != Metric::Kind::sum) continue;
    const std::string key = key_of(metric);
    pending_sums_[key] = metric.value;
    if (!subscription_.delta) continue;
    const auto before = last_sums_.find(key);
    if (before != last_sums_.end()) metric.value -= before->second;
  }
}

std::string Telemetry::encode(const std::vector<Metric>& metrics) const {
  OtlpOptions options;
  options.delta = subscription_.delta;
  options.now_unix_ms = client_.runtime().clock().unix_ms();
  options.start_unix_ms = subscription_.delta ? last_.taken_at_unix_ms : began_unix_ms_;
  return encode_otlp(metrics, options);
}

/// The first codec of the broker's list that is known here and was not refused; as it is when there is none.
std::string Telemetry::compress(std::string plain, std::int8_t& codec) const {
  codec = 0;
  for (const std::int8_t accepted : subscription_.codecs) {
    const bool refused = std::count(refused_codecs_.begin(), refused_codecs_.end(), accepted) > 0;
    if (refused || accepted < 0 || accepted > static_cast<std::int8_t>(records::Codec::zstd)) continue;
    if (accepted == 0) break;
    records::Buffer buffer;
    const auto size = records::compress(static_cast<records::Codec>(accepted), protocol::bytes(plain), buffer);
    if (!size) continue;
    codec = accepted;
    return std::string(buffer.data(), *size);
  }
  return plain;
}

}  // namespace barnabas::client
