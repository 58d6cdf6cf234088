// libdeflate takes the usual case, one member whose size its trailer tells; zlib streams all else within the bound.
#include <libdeflate.h>
#include <zlib.h>

#include <array>
#include <memory>

#include "barnabas/protocol/records/codecs.hpp"

namespace barnabas::records {
namespace {

constexpr std::size_t smallest_member = 18;  // header 10, trailer 8
constexpr std::size_t ratio_max = 1032;      // deflate's densest code: 258 bytes in 2 bits
constexpr int lowest_level = 1, highest_level = 12, usual_level = 6;

struct FreeDecompressor {
  void operator()(libdeflate_decompressor* d) const { libdeflate_free_decompressor(d); }
};

libdeflate_decompressor* decompressor() {
  thread_local std::unique_ptr<libdeflate_decompressor, FreeDecompressor> kept(libdeflate_alloc_decompressor());
  if (kept == nullptr) throw std::bad_alloc();
  return kept.get();
}

class Inflater {
 public:
  Inflater() {
    constexpr int window_bits = 15, gzip_wrapper = 16;
    if (inflateInit2(&stream_, window_bits + gzip_wrapper) != Z_OK) throw std::bad_alloc();
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { inflateEnd(&stream_); }
  z_stream& stream() { return stream_; }

 private:
  z_stream stream_{};
};

Inflater& inflater() {
  thread_local Inflater kept;
  return kept;
}

// The last four bytes are the size of the last member modulo 2^32: a hint, never a promise.
std::size_t hinted_size(bytes in) {
  const uint32 big = load_be<uint32>(in.data() + in.size() - 4);
  return std::byteswap(big);
}

// zlib counts in 32 bits.
uInt piece(std::size_t size) { return static_cast<uInt>(std::min<std::size_t>(size, 1u << 30)); }

// Room for one byte more than allowed tells "just fits" from "too large" without a special case.
Decompressed stream_members(bytes in, Buffer& out, std::size_t bytes_max) {
  z_stream& z = inflater().stream();
  inflateReset(&z);
  out.clear();
  out.resize_uninitialised(first_guess(in, out, bytes_max));
  std::size_t read = 0, written = 0;
  while (true) {
    if (written > bytes_max) return too_large("gzip", bytes_max);
    if (written == out.size()) out.resize_uninitialised(std::min(bytes_max + 1, 2 * written + 1));
    z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data() + read));
    z.avail_in = piece(in.size() - read);
    z.next_out = reinterpret_cast<Bytef*>(out.data() + written);
    z.avail_out = piece(out.size() - written);
    const int result = inflate(&z, Z_NO_FLUSH);
    read = static_cast<std::size_t>(reinterpret_cast<const char*>(z.next_in) - in.data());
    written = static_cast<std::size_t>(reinterpret_cast<char*>(z.next_out) - out.data());
    if (result == Z_STREAM_END) {
      if (read == in.size() && written <= bytes_max) return bytes(out.data(), written);
      inflateReset(&z);
    } else if (result == Z_MEM_ERROR) {
      throw std::bad_alloc();
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
      return corrupt("gzip", z.msg != nullptr ? z.msg : "broken data");
    } else if (read == in.size() && z.avail_out > 0) {
      return corrupt("gzip", "cut short");
    }
  }
}

struct FreeCompressor {
  void operator()(libdeflate_compressor* c) const { libdeflate_free_compressor(c); }
};

libdeflate_compressor* compressor(int level) {
  thread_local std::array<std::unique_ptr<libdeflate_compressor, FreeCompressor>, highest_level + 1> kept;
  auto& slot = kept[static_cast<std::size_t>(level)];
  if (slot == nullptr) slot.reset(libdeflate_alloc_compressor(level));
  if (slot == nullptr) throw std::bad_alloc();
  return slot.get();
}

}  // namespace

Decompressed decompress_gzip(bytes in, Buffer& out, std::size_t bytes_max) {
  if (in.size() < smallest_member) return corrupt("gzip", "shorter than the smallest gzip member");
  const std::size_t hint = hinted_size(in);
  if (hint > bytes_max || hint / ratio_max > in.size()) return stream_members(in, out, bytes_max);
  out.resize_uninitialised(std::max<std::size_t>(hint, 1));
  std::size_t read = 0, written = 0;
  const auto result =
      libdeflate_gzip_decompress_ex(decompressor(), in.data(), in.size(), out.data(), hint, &read, &written);
  if (result == LIBDEFLATE_BAD_DATA) return corrupt("gzip", "broken data, or cut short");
  if (result == LIBDEFLATE_SUCCESS && read == in.size()) return bytes(out.data(), written);
  return stream_members(in, out, bytes_max);
}

Compressed compress_gzip(bytes in, Buffer& out, int level) {
  level = level == default_level ? usual_level : std::clamp(level, lowest_level, highest_level);
  libdeflate_compressor* c = compressor(level);
  out.resize_uninitialised(libdeflate_gzip_compress_bound(c, in.size()));
  const std::size_t size = libdeflate_gzip_compress(c, in.data(), in.size(), out.data(), out.size());
  if (size == 0) {
    return std::unexpected(CompressionError{CompressionError::Kind::failed, "gzip: libdeflate could not compress"});
  }
  out.resize_uninitialised(size);
  return size;
}

}  // namespace barnabas::records
