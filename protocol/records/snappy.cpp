// Snappy has no frame of its own. Java's producer wraps blocks in the xerial stream format, librdkafka sends one bare
// block.
#include <snappy.h>

#include "barnabas/protocol/records/codecs.hpp"

namespace barnabas::records {
namespace {

constexpr std::string_view xerial_magic("\x82SNAPPY\0", 8);
constexpr std::size_t xerial_header_size = 16;  // magic, version, oldest compatible version
constexpr std::size_t xerial_block_size = 32 << 10;
constexpr int32 xerial_version = 1;
// The densest element copies 64 bytes and takes 3.
constexpr std::size_t ratio_max = 22;

bool starts_xerial(bytes in) {
  return in.size() >= xerial_header_size && std::memcmp(in.data(), xerial_magic.data(), xerial_magic.size()) == 0;
}

Decompressed block_size(bytes block, std::size_t& size) {
  if (!snappy::GetUncompressedLength(block.data(), block.size(), &size)) return corrupt("snappy", "no length in front");
  if (size / ratio_max > block.size()) return corrupt("snappy", "claims more bytes than its input can hold");
  return block;
}

Decompressed decompress_bare(bytes in, Buffer& out, std::size_t bytes_max) {
  std::size_t size = 0;
  if (auto ok = block_size(in, size); !ok) return ok;
  if (size > bytes_max) return too_large("snappy", bytes_max, size);
  out.resize_uninitialised(size);
  if (size == 0) return in.size() == 1 ? bytes(out.data(), 0) : Decompressed(corrupt("snappy", "trailing bytes"));
  if (!snappy::RawUncompress(in.data(), in.size(), out.data())) return corrupt("snappy", "broken block");
  return bytes(out.data(), size);
}

// Steps over xerial's blocks; concatenated streams have a header in the middle.
class XerialBlocks {
 public:
  explicit XerialBlocks(bytes in) : left_(in) {}

  // False at the end and at an error, which why() tells.
  bool next(bytes& block) {
    while (starts_xerial(left_)) left_ = left_.subspan(xerial_header_size);
    if (left_.empty()) return false;
    if (left_.size() < 4) return fail("cut short in a block's length");
    const int32 size = load_be<int32>(left_.data());
    if (size <= 0) return fail("a block's length is not positive");
    if (static_cast<std::size_t>(size) > left_.size() - 4) return fail("cut short in a block");
    block = left_.subspan(4, static_cast<std::size_t>(size));
    left_ = left_.subspan(4 + block.size());
    return true;
  }
  const char* why() const { return why_; }

 private:
  bool fail(const char* why) {
    why_ = why;
    return false;
  }

  bytes left_;
  const char* why_ = nullptr;
};

Decompressed decompress_xerial(bytes in, Buffer& out, std::size_t bytes_max) {
  std::size_t total = 0, size = 0;
  bytes block;
  XerialBlocks sizes(in);
  while (sizes.next(block)) {
    if (auto ok = block_size(block, size); !ok) return ok;
    total += size;
    if (total > bytes_max) return too_large("snappy (xerial)", bytes_max);
  }
  if (sizes.why() != nullptr) return corrupt("snappy (xerial)", sizes.why());

  out.resize_uninitialised(total);
  std::size_t written = 0;
  for (XerialBlocks blocks(in); blocks.next(block); written += size) {
    snappy::GetUncompressedLength(block.data(), block.size(), &size);
    if (size == 0 && block.size() == 1) continue;
    if (!snappy::RawUncompress(block.data(), block.size(), out.data() + written)) {
      return corrupt("snappy (xerial)", "broken block");
    }
  }
  return bytes(out.data(), total);
}

}  // namespace

Decompressed decompress_snappy(bytes in, Buffer& out, std::size_t bytes_max) {
  return starts_xerial(in) ? decompress_xerial(in, out, bytes_max) : decompress_bare(in, out, bytes_max);
}

Compressed compress_snappy(bytes in, Buffer& out) {
  const std::size_t blocks = in.size() / xerial_block_size + 1;
  out.resize_uninitialised(xerial_header_size + blocks * (4 + snappy::MaxCompressedLength(xerial_block_size)));
  std::memcpy(out.data(), xerial_magic.data(), xerial_magic.size());
  store_be<int32>(out.data() + 8, xerial_version);
  store_be<int32>(out.data() + 12, xerial_version);
  std::size_t written = xerial_header_size;
  for (; !in.empty(); in = in.subspan(std::min(in.size(), xerial_block_size))) {
    std::size_t size = 0;
    snappy::RawCompress(in.data(), std::min(in.size(), xerial_block_size), out.data() + written + 4, &size);
    store_be(out.data() + written, static_cast<int32>(size));
    written += 4 + size;
  }
  out.resize_uninitialised(written);
  return written;
}

}  // namespace barnabas::records
