// Chance, seeded in the simulator.
#pragma once

#include <cstdint>

#include "barnabas/client/runtime/clock.hpp"

namespace barnabas::runtime {

/// Loop thread only.
class Random {
 public:
  virtual ~Random() = default;
  virtual std::uint64_t next() = 0;
  /// In [0, bound); bound > 0.
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  /// In [0, 1).
  double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  /// `base` times a factor in [1 - spread, 1 + spread].
  Duration jitter(Duration base, double spread) {
    return Duration(
        static_cast<Duration::rep>(static_cast<double>(base.count()) * (1 - spread + 2 * spread * uniform())));
  }
};

}  // namespace barnabas::runtime
