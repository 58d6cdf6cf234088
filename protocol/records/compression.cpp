#include "barnabas/protocol/records/compression.hpp"

#include <fmt/format.h>

#include <array>

#include "barnabas/protocol/records/codecs.hpp"

namespace barnabas::records {
namespace {

constexpr std::array<string, 5> names{"none", "gzip", "snappy", "lz4", "zstd"};

std::unexpected<CompressionError> unknown_codec(Codec codec) {
  return std::unexpected(CompressionError{
      CompressionError::Kind::unsupported,
      fmt::format("compression codec {} is unknown: it is none of gzip (1), snappy (2), lz4 (3), zstd (4)",
                  static_cast<int>(codec))});
}

Compressed copy(bytes in, Buffer& out) {
  out.clear();
  out.resize_uninitialised(in.size());
  if (!in.empty()) std::memcpy(out.data(), in.data(), in.size());
  return in.size();
}

}  // namespace

string name(Codec codec) {
  const auto index = static_cast<std::size_t>(codec);
  return index < names.size() ? names[index] : "unknown";
}

std::optional<Codec> parse_codec(string text) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == text) return static_cast<Codec>(i);
  }
  return std::nullopt;
}

Decompressed decompress(Codec codec, bytes in, Buffer& out, std::size_t bytes_max, Lz4Checksum lz4_checksum) {
  out.clear();
  bytes_max = std::min<std::size_t>(bytes_max, std::numeric_limits<std::ptrdiff_t>::max() / 2);  // codecs add to it
  switch (codec) {
    case Codec::none:
      if (in.size() > bytes_max) return too_large("uncompressed batch", bytes_max, in.size());
      return in;
    case Codec::gzip: return decompress_gzip(in, out, bytes_max);
    case Codec::snappy: return decompress_snappy(in, out, bytes_max);
    case Codec::lz4: return decompress_lz4(in, out, bytes_max, lz4_checksum);
    case Codec::zstd: return decompress_zstd(in, out, bytes_max);
  }
  return unknown_codec(codec);
}

Compressed compress(Codec codec, bytes in, Buffer& out, int level, Lz4Checksum lz4_checksum) {
  out.clear();
  switch (codec) {
    case Codec::none: return copy(in, out);
    case Codec::gzip: return compress_gzip(in, out, level);
    case Codec::snappy: return compress_snappy(in, out);
    case Codec::lz4: return compress_lz4(in, out, level, lz4_checksum);
    case Codec::zstd: return compress_zstd(in, out, level);
  }
  return unknown_codec(codec);
}

std::unexpected<CompressionError> corrupt(std::string_view codec, std::string_view what) {
  return std::unexpected(CompressionError{CompressionError::Kind::corrupt, fmt::format("{}: {}", codec, what)});
}

std::unexpected<CompressionError> too_large(std::string_view codec, std::size_t bytes_max) {
  return std::unexpected(CompressionError{CompressionError::Kind::too_large,
                                          fmt::format("{}: decompresses to more than {} bytes", codec, bytes_max)});
}

std::unexpected<CompressionError> too_large(std::string_view codec, std::size_t bytes_max, std::size_t declared) {
  return std::unexpected(
      CompressionError{CompressionError::Kind::too_large,
                       fmt::format("{}: holds {} bytes when decompressed, more than {}", codec, declared, bytes_max)});
}

}  // namespace barnabas::records
