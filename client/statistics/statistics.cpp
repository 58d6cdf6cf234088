#include "barnabas/client/statistics/statistics.hpp"

#include <algorithm>

#include "barnabas/protocol/api.hpp"

namespace barnabas::client {

RequestKind kind_of(std::int16_t api_key) {
  switch (static_cast<protocol::ApiKey>(api_key)) {
    case protocol::ApiKey::fetch: return RequestKind::fetch;
    case protocol::ApiKey::join_group:
    case protocol::ApiKey::sync_group: return RequestKind::rebalance;
    default: return RequestKind::prompt;
  }
}

std::string_view name(RequestKind kind) {
  constexpr std::string_view names[] = {"prompt", "fetch", "rebalance"};
  return names[static_cast<std::size_t>(kind)];
}

std::string_view name(BrokerState state) {
  constexpr std::string_view names[] = {"idle", "connecting", "connected", "backing_off"};
  return names[static_cast<std::size_t>(state)];
}

void Traffic::answered(std::int16_t api_key, runtime::Duration took, std::size_t bytes) {
  ++responses_received;
  bytes_received += bytes;
  latency[static_cast<std::size_t>(kind_of(api_key))].add(took);
}

const BrokerStatistics* ClientStatistics::broker(std::int32_t node_id) const {
  const auto found = std::find_if(brokers.begin(), brokers.end(), [&](const auto& b) { return b.node_id == node_id; });
  return found == brokers.end() ? nullptr : &*found;
}

}  // namespace barnabas::client
