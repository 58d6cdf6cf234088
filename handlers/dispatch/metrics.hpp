// Figures of a running engine, copied at one moment; may be read on any thread afterwards.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "barnabas/handlers/handler.hpp"

namespace barnabas::handlers {

struct LaneMetrics {
  std::string topic;
  std::int32_t partition = -1;
  std::string handler;
  std::int64_t position = -1;        ///< lowest unfinished offset: what a commit would say; -1 while unknown
  std::int64_t high_watermark = -1;  ///< -1 while unknown
  std::int64_t busy_ms = 0;          ///< how long the handler has been holding the present turn; 0 between turns
  /// Records between position and high watermark, or -1 while unknown.
  std::int64_t lag() const { return position < 0 || high_watermark < 0 ? -1 : high_watermark - position; }
};

struct HandlerMetrics {
  std::string name;
  HandlerStats stats;
};

struct EngineMetrics {
  std::uint64_t turns = 0;
  std::uint64_t stalls = 0;  ///< handler_stalled events
  std::vector<LaneMetrics> lanes;
  std::vector<HandlerMetrics> handlers;
  /// Sum over the lanes whose lag is known; -1 when none is.
  std::int64_t lag() const;
  /// Sums over the handlers.
  HandlerStats total() const;
};

}  // namespace barnabas::handlers
