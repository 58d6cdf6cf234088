// Which partition a record goes to.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace barnabas::client {

/// murmur2 with Kafka's seed, as the Java client hashes keys, so that records with equal keys meet in one partition
/// whoever wrote them (org.apache.kafka.common.utils.Utils.murmur2, Kafka 4.3).
std::int32_t murmur2(std::string_view data);

/// Java's default for keyed records.
inline std::int32_t partition_for_key(std::string_view key, std::int32_t partitions) {
  return static_cast<std::int32_t>((static_cast<std::uint32_t>(murmur2(key)) & 0x7fffffffu) %
                                   static_cast<std::uint32_t>(partitions));
}

}  // namespace barnabas::client
