// What must not overtake what when several deliveries are under way.
#pragma once

#include <cstdint>

namespace barnabas::handlers {

enum class Ordering : std::uint8_t {
  partition,  ///< records of a partition
  key,        ///< records of a partition with the same key; those without a key count as one key
  none,       ///< nothing
};

}  // namespace barnabas::handlers
