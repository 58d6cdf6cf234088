// Metrics that the broker asks for: GetTelemetrySubscriptions, then PushTelemetry again and again (KIP-714).
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "barnabas/client/client.hpp"
#include "barnabas/client/runtime/wakeup.hpp"
#include "barnabas/client/statistics/metrics_source.hpp"
#include "barnabas/client/statistics/statistics.hpp"

namespace barnabas::client {

/// What to do after an answer of KIP-714's two requests.
enum class TelemetryVerdict : std::uint8_t {
  go_on,      ///< taken; or not, and the next push may be
  ask_again,  ///< the subscription is another one by now: ask for it at once
  pause,      ///< ask again after a push interval
  stop,       ///< this client and this broker do not understand each other
};
TelemetryVerdict judge_telemetry(protocol::ErrorCode code);

/// Runs beside the client, on a connection of its own, and can fail nothing else: what goes wrong is an event of
/// severity debug. Loop thread only.
class Telemetry {
 public:
  using Sources = std::vector<MetricsSource*>;
  /// `sources` may change while it runs.
  Telemetry(Client& client, const Sources& sources);

  /// Follows the broker's wishes until close().
  asio::awaitable<void> run();
  /// Sends what is known one last time, if anything was wanted. Returns by `deadline`; run() ends soon after.
  asio::awaitable<void> close(runtime::TimePoint deadline);

 private:
  struct Subscription {
    std::int32_t id = 0;
    std::vector<std::int8_t> codecs;  ///< in the broker's order of preference
    std::int32_t interval_ms = 0;
    std::int64_t bytes_max = 0;
    bool delta = false;
    std::vector<std::string> prefixes;
  };

  asio::awaitable<TelemetryVerdict> subscribe();
  asio::awaitable<TelemetryVerdict> push(bool terminating, runtime::TimePoint deadline);
  asio::awaitable<void> pause(std::int64_t ms);
  std::int64_t jittered(std::int64_t ms);
  std::vector<Metric> collect();
  void add_own(std::vector<Metric>& metrics);
  bool wanted(const std::string& name) const;
  void make_deltas(std::vector<Metric>& metrics);
  std::string encode(const std::vector<Metric>& metrics) const;
  std::string compress(std::string plain, std::int8_t& codec) const;
  void report(const std::string& text, protocol::ErrorCode code = protocol::ErrorCode::none, std::int64_t bytes = 0);

  Client& client_;
  const Sources& sources_;
  runtime::Wakeup closing_wakeup_;
  bool closing_ = false;
  protocol::Uuid instance_id_{};
  bool subscribed_ = false;
  Subscription subscription_;
  std::vector<std::int8_t> refused_codecs_;
  ClientStatistics last_;  ///< of the push before
  std::int64_t began_unix_ms_ = 0;
  std::map<std::string, double> last_sums_, pending_sums_;
};

}  // namespace barnabas::client
