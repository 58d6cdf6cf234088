// Internal to compression: what each codec's file supplies. The contracts are those of compression.hpp.
#pragma once

#include <algorithm>
#include <string_view>

#include "barnabas/protocol/records/compression.hpp"

namespace barnabas::records {

using Decompressed = std::expected<bytes, CompressionError>;
using Compressed = std::expected<std::size_t, CompressionError>;

Decompressed decompress_gzip(bytes in, Buffer& out, std::size_t bytes_max);
Decompressed decompress_snappy(bytes in, Buffer& out, std::size_t bytes_max);
Decompressed decompress_lz4(bytes in, Buffer& out, std::size_t bytes_max, Lz4Checksum checksum);
Decompressed decompress_zstd(bytes in, Buffer& out, std::size_t bytes_max);

Compressed compress_gzip(bytes in, Buffer& out, int level);
Compressed compress_snappy(bytes in, Buffer& out);
Compressed compress_lz4(bytes in, Buffer& out, int level, Lz4Checksum checksum);
Compressed compress_zstd(bytes in, Buffer& out, int level);

std::unexpected<CompressionError> corrupt(std::string_view codec, std::string_view what);
std::unexpected<CompressionError> too_large(std::string_view codec, std::size_t bytes_max);
/// The same, when the input itself declares its size.
std::unexpected<CompressionError> too_large(std::string_view codec, std::size_t bytes_max, std::size_t declared);

/// Where to start when the result's size is unknown: what is there already, else a usual ratio; never above the bound.
inline std::size_t first_guess(bytes in, const Buffer& out, std::size_t bytes_max) {
  const std::size_t usual = std::max<std::size_t>(in.size() * 6, 64 << 10);
  return std::min(std::max(out.capacity(), usual), bytes_max);
}

}  // namespace barnabas::records
