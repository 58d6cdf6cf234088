// Whole frames go straight into the result, so no window is ever allocated, whatever size a frame's header asks for.
#include <zstd.h>
#include <zstd_errors.h>

#include <memory>

#include "barnabas/protocol/records/codecs.hpp"

namespace barnabas::records {
namespace {

constexpr std::size_t usual_ratio_max = 256;

struct FreeContext {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

ZSTD_DCtx* decompression_context() {
  thread_local const std::unique_ptr<ZSTD_DCtx, FreeContext> kept(ZSTD_createDCtx());
  if (kept == nullptr) throw std::bad_alloc();
  return kept.get();
}

ZSTD_CCtx* compression_context() {
  thread_local const std::unique_ptr<ZSTD_CCtx, FreeContext> kept(ZSTD_createCCtx());
  if (kept == nullptr) throw std::bad_alloc();
  return kept.get();
}

struct Sizes {
  std::size_t declared = 0;  // by the frames that say so
  bool complete = true;      // all of them do
};

// Walks the frames without decompressing them. Stops early when they declare more than `bytes_max`.
std::expected<Sizes, CompressionError> declared_sizes(bytes in, std::size_t bytes_max) {
  Sizes sizes;
  while (!in.empty()) {
    const std::size_t frame_size = ZSTD_findFrameCompressedSize(in.data(), in.size());
    if (ZSTD_isError(frame_size)) return corrupt("zstd", ZSTD_getErrorName(frame_size));
    const unsigned long long content = ZSTD_getFrameContentSize(in.data(), in.size());
    if (content == ZSTD_CONTENTSIZE_ERROR) return corrupt("zstd", "broken frame header");
    if (content == ZSTD_CONTENTSIZE_UNKNOWN) {
      sizes.complete = false;
    } else if (content > bytes_max - sizes.declared) {
      return too_large("zstd", bytes_max, content);
    } else {
      sizes.declared += content;
    }
    in = in.subspan(frame_size);
  }
  return sizes;
}

}  // namespace

Decompressed decompress_zstd(bytes in, Buffer& out, std::size_t bytes_max) {
  if (in.empty()) return corrupt("zstd", "no frame");
  const auto sizes = declared_sizes(in, bytes_max);
  if (!sizes) return std::unexpected(sizes.error());
  // A short input that declares much gets the memory step by step, as one that declares nothing.
  const std::size_t limit = sizes->complete ? sizes->declared : bytes_max;
  const bool usual = sizes->complete && sizes->declared / usual_ratio_max <= in.size();
  std::size_t room = usual ? limit : first_guess(in, out, limit);
  while (true) {
    out.clear();
    out.resize_uninitialised(std::max<std::size_t>(room, 1));
    const std::size_t size = ZSTD_decompressDCtx(decompression_context(), out.data(), room, in.data(), in.size());
    if (!ZSTD_isError(size)) return bytes(out.data(), size);
    switch (ZSTD_getErrorCode(size)) {
      case ZSTD_error_dstSize_tooSmall: break;
      case ZSTD_error_memory_allocation: throw std::bad_alloc();
      default: return corrupt("zstd", ZSTD_getErrorName(size));
    }
    if (room == limit) {
      if (sizes->complete) return corrupt("zstd", "holds more than its header declares");
      return too_large("zstd", bytes_max);
    }
    room = std::min(limit, std::max<std::size_t>(room, 1 << 10) * 4);
  }
}

Compressed compress_zstd(bytes in, Buffer& out, int level) {
  level = level == default_level ? ZSTD_CLEVEL_DEFAULT : std::clamp(level, ZSTD_minCLevel(), ZSTD_maxCLevel());
  out.resize_uninitialised(ZSTD_compressBound(in.size()));
  const std::size_t size =
      ZSTD_compressCCtx(compression_context(), out.data(), out.size(), in.data(), in.size(), level);
  if (ZSTD_isError(size)) {
    return std::unexpected(
        CompressionError{CompressionError::Kind::failed, std::string("zstd: ") + ZSTD_getErrorName(size)});
  }
  out.resize_uninitialised(size);
  return size;
}

}  // namespace barnabas::records
