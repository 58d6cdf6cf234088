// Compression of record batches: gzip, snappy, lz4 and zstd, bounded in both directions.
#pragma once

#include <expected>
#include <limits>
#include <optional>
#include <string>

#include "barnabas/protocol/records/buffer.hpp"
#include "barnabas/protocol/records/names.hpp"

namespace barnabas::records {

/// Bits 0-2 of a batch's attributes. A batch read from the wire may hold 5, 6 or 7, which no Kafka has given a meaning.
enum class Codec : uint8 { none = 0, gzip = 1, snappy = 2, lz4 = 3, zstd = 4 };

/// Kafka's word ("zstd"); "unknown" for 5, 6 and 7.
string name(Codec codec);
/// The reverse of name(), for the five real ones.
std::optional<Codec> parse_codec(string text);

struct CompressionError {
  enum class Kind {
    corrupt,      ///< the bytes are not what the codec writes, or are cut short
    too_large,    ///< the result would exceed bytes_max
    unsupported,  ///< a codec or a variant of one that nobody here reads
    failed,       ///< the compressor failed
  };
  Kind kind;
  std::string what;
};

/// Lets each codec use its own default: gzip 6, lz4 fast, zstd 3. snappy has no levels.
inline constexpr int default_level = std::numeric_limits<int>::min();

/// What bounds one call of decompress() unless it is told otherwise.
inline constexpr std::size_t decompressed_bytes_max = 256u << 20;

/// What the checksum in an lz4 frame's header was taken over. Clients of message format v0 included the frame's own
/// magic number (KIP-57), which the lz4 library refuses.
enum class Lz4Checksum : uint8 { standard, of_magic_0 };

/// Decompresses all of `in` and returns a view into `out` (for Codec::none: `in` itself). `out` is overwritten, its
/// memory reused, and it never grows beyond `bytes_max` plus a few bytes, whatever the input claims. Several gzip
/// members, or lz4 or zstd frames, in a row are read as one text; snappy may be one bare block or xerial frames. Bytes
/// left over behind the last frame are an error. With Lz4Checksum::of_magic_0 the header checksum of lz4 frames is not
/// looked at, as Java does for magic 0; the message's own checksum covers it. Any thread; contexts are kept per thread.
/// Throws std::bad_alloc only.
std::expected<bytes, CompressionError> decompress(Codec codec, bytes in, Buffer& out,
                                                  std::size_t bytes_max = decompressed_bytes_max,
                                                  Lz4Checksum lz4_checksum = Lz4Checksum::standard);

/// Compresses `in` into the front of `out` and returns the compressed size. Written is what Java's producer writes:
/// gzip; snappy in xerial frames of 32 KiB; one lz4 frame of independent 64 KiB blocks without sizes and checksums; one
/// zstd frame (with its content size). `level`: gzip 1-12, lz4 0 (fast) to 12, zstd -131072 to 22; outside of it the
/// nearest is taken. Any thread.
std::expected<std::size_t, CompressionError> compress(Codec codec, bytes in, Buffer& out, int level = default_level,
                                                      Lz4Checksum lz4_checksum = Lz4Checksum::standard);

}  // namespace barnabas::records
