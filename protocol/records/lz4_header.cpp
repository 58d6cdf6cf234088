#include "barnabas/protocol/records/lz4_header.hpp"

#include <algorithm>
#include <bit>
#include <string_view>

namespace barnabas::records {
namespace {

constexpr std::string_view frame_magic = "\x04\x22\x4d\x18";
constexpr std::size_t at_flags = 4, smallest_header = 7;
constexpr uint8 has_content_size = 1 << 3, has_dictionary = 1 << 0;

uint32 load_le32(const char* from) { return std::byteswap(load_be<uint32>(from)); }

/// XXH32 with seed 0 of fewer than 16 bytes, which spares it its main loop (xxHash specification 0.1.1).
uint32 short_xxh32(bytes data) {
  constexpr uint32 prime_1 = 2654435761u, prime_2 = 2246822519u, prime_3 = 3266489917u, prime_4 = 668265263u,
                   prime_5 = 374761393u;
  uint32 hash = prime_5 + static_cast<uint32>(data.size());
  for (; data.size() >= 4; data = data.subspan(4)) {
    hash = std::rotl(hash + load_le32(data.data()) * prime_3, 17) * prime_4;
  }
  for (const char c : data) hash = std::rotl(hash + static_cast<uint8>(c) * prime_5, 11) * prime_1;
  hash = (hash ^ hash >> 15) * prime_2;
  hash = (hash ^ hash >> 13) * prime_3;
  return hash ^ hash >> 16;
}

char checksum(bytes covered) { return static_cast<char>(short_xxh32(covered) >> 8); }

std::size_t header_size(bytes frame) {
  if (frame.size() < smallest_header || !std::equal(frame_magic.begin(), frame_magic.end(), frame.begin())) return 0;
  const auto flags = static_cast<uint8>(frame[at_flags]);
  const std::size_t size =
      smallest_header + ((flags & has_content_size) != 0 ? 8 : 0) + ((flags & has_dictionary) != 0 ? 4 : 0);
  return size <= frame.size() ? size : 0;
}

}  // namespace

Lz4Header corrected_lz4_header(bytes frame) {
  Lz4Header header;
  header.size = header_size(frame);
  if (header.size == 0) return header;
  std::copy_n(frame.begin(), header.size, header.data.begin());
  header.data[header.size - 1] = checksum(header.view().subspan(at_flags, header.size - at_flags - 1));
  return header;
}

void miscompute_lz4_checksum(std::span<char> frame) {
  frame[smallest_header - 1] = checksum(bytes(frame).first(smallest_header - 1));
}

}  // namespace barnabas::records
