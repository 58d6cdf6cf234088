#include "barnabas/handlers/dispatch/metrics.hpp"

#include <algorithm>

namespace barnabas::handlers {

std::int64_t EngineMetrics::lag() const {
  std::int64_t sum = -1;
  for (const LaneMetrics& lane : lanes) {
    if (lane.lag() >= 0) sum = std::max<std::int64_t>(sum, 0) + lane.lag();
  }
  return sum;
}

HandlerStats EngineMetrics::total() const {
  HandlerStats sum;
  for (const auto& [name, stats] : handlers) {
    sum.records += stats.records;
    sum.bytes += stats.bytes;
    sum.delivered += stats.delivered;
    sum.dropped += stats.dropped;
    sum.retries += stats.retries;
    sum.in_flight += stats.in_flight;
    sum.requests += stats.requests;
  }
  return sum;
}

}  // namespace barnabas::handlers
