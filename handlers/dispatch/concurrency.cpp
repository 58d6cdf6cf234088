#include "barnabas/handlers/dispatch/concurrency.hpp"

#include <functional>

namespace barnabas::handlers {

std::size_t StrandMap::partition_strand(std::string_view topic, std::int32_t partition) const {
  if (strands() == 1) return 0;
  // Neighbouring partitions of one topic get different strands.
  return (std::hash<std::string_view>()(topic) + static_cast<std::uint32_t>(partition)) % thread_;
}

std::size_t StrandMap::key_strand(std::size_t partition_strand, std::span<const char> key) const {
  return (std::hash<std::string_view>()(std::string_view(key.data(), key.size())) + partition_strand) % thread_;
}

}  // namespace barnabas::handlers
