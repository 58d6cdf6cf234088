// Figures of one client, copied at one moment. Counters only grow: what happened between two copies is their
// difference.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "barnabas/client/statistics/latency.hpp"

namespace barnabas::client {

/// Requests by how long a broker may take to answer them.
enum class RequestKind : std::uint8_t {
  prompt,     ///< answered at once
  fetch,      ///< long polls: up to fetch.max.wait.ms
  rebalance,  ///< JoinGroup and SyncGroup: up to the rebalance timeout
};
inline constexpr std::size_t request_kinds = 3;

RequestKind kind_of(std::int16_t api_key);
/// "prompt", "fetch", "rebalance".
std::string_view name(RequestKind kind);

/// What went to and came from one broker, over all of its connections. Loop thread only.
struct Traffic {
  Traffic() = default;
  void sent(std::int16_t api_key) {
    ++requests_sent;
    ++requests_by_api[api_key];
  }
  void throttled(std::int64_t ms) {
    ++throttles;
    throttled_ms += static_cast<std::uint64_t>(ms);
  }
  void answered(std::int16_t api_key, runtime::Duration took, std::size_t bytes);

  std::uint64_t requests_sent = 0;
  std::uint64_t responses_received = 0;
  std::uint64_t requests_failed = 0;     ///< sent, and the connection ended before the answer came
  std::uint64_t requests_timed_out = 0;  ///< of those: ended because the answer did not come in time
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t connect_attempts = 0;
  std::uint64_t connects = 0;     ///< attempts that ended in a usable connection
  std::uint64_t disconnects = 0;  ///< usable connections that ended, for whatever reason
  std::uint64_t throttles = 0;    ///< answers that asked for a pause
  std::uint64_t throttled_ms = 0;
  std::map<std::int16_t, std::uint64_t> requests_by_api;
  std::array<Latency, request_kinds> latency;  ///< from sending a request to its whole answer, by RequestKind
};

enum class BrokerState : std::uint8_t {
  idle,        ///< nobody has needed it, or its connections were closed since
  connecting,  ///< the first connection is being made
  connected,
  backing_off,  ///< the last attempt failed; the next one waits
};
std::string_view name(BrokerState state);

struct BrokerStatistics {
  BrokerStatistics() = default;
  std::int32_t node_id = -1;  ///< negative: a bootstrap server
  std::string address;        ///< host:port
  BrokerState state = BrokerState::idle;
  std::size_t connections = 0;           ///< open now
  std::size_t requests_outstanding = 0;  ///< wait for their answers now
  Traffic traffic;
};

struct MemoryStatistics {
  MemoryStatistics() = default;
  std::int64_t budget_bytes = 0;
  std::int64_t used_bytes = 0;          ///< received and decompressed
  std::int64_t decompressed_bytes = 0;  ///< of those
  std::int64_t idle_bytes = 0;          ///< kept for reuse
};

struct ClientStatistics {
  ClientStatistics() = default;
  std::string name;  ///< tells several clients of one process apart; the client id unless somebody sets it
  std::string client_id;
  std::string cluster_id;  ///< empty while unknown
  runtime::TimePoint taken_at{};
  std::int64_t taken_at_unix_ms = 0;
  std::int64_t uptime_ms = 0;
  std::int64_t metadata_age_ms = -1;  ///< -1: there is none yet
  std::uint64_t metadata_refreshes = 0;
  std::size_t topics = 0;  ///< in the metadata
  MemoryStatistics memory;
  std::vector<BrokerStatistics> brokers;  ///< bootstrap servers first

  /// Null when `node_id` is not among them.
  const BrokerStatistics* broker(std::int32_t node_id) const;
};

}  // namespace barnabas::client
