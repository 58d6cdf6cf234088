// Internal to lz4: the header of a frame, whose checksum clients of message format v0 took over the wrong bytes
// (KIP-57).
#pragma once

#include <array>

#include "barnabas/protocol/records/names.hpp"

namespace barnabas::records {

/// Magic number, flags, block descriptor, content size, dictionary id, checksum.
inline constexpr std::size_t lz4_header_bytes_max = 19;

struct Lz4Header {
  std::array<char, lz4_header_bytes_max> data{};
  std::size_t size = 0;

  bytes view() const { return {data.data(), size}; }
};

/// A copy of the frame header that `frame` begins with, with the checksum that the library expects. Of size 0 when no
/// whole header stands there.
Lz4Header corrected_lz4_header(bytes frame);

/// The reverse, in place: what clients of message format v0 wrote. `frame` has neither content size nor dictionary.
void miscompute_lz4_checksum(std::span<char> frame);

}  // namespace barnabas::records
