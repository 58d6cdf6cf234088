// Pauses that double, with jitter, so that a thousand clients do not come back in the same instant (KIP-580).
#pragma once

#include <algorithm>
#include <cstdint>

#include "barnabas/client/runtime/random.hpp"

namespace barnabas::client {

/// Pauses that double up to a limit. No state is shared: each user has its own.
class Backoff {
 public:
  Backoff(std::int32_t first_ms, std::int32_t max_ms) : first_ms_(first_ms), max_ms_(max_ms) {}

  /// The pause before the next attempt, ±20 %, and one step up.
  runtime::Duration next(runtime::Random& random) {
    const std::int64_t doubled = static_cast<std::int64_t>(first_ms_) << std::min(failures_, 20);
    ++failures_;
    return random.jitter(std::chrono::milliseconds(std::min<std::int64_t>(doubled, max_ms_)), 0.2);
  }
  void reset() { failures_ = 0; }
  int failures() const { return failures_; }

 private:
  std::int32_t first_ms_, max_ms_;
  int failures_ = 0;
};

}  // namespace barnabas::client
