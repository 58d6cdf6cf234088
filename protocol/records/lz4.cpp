#include <lz4frame.h>

#include <memory>

#include "barnabas/protocol/records/codecs.hpp"
#include "barnabas/protocol/records/lz4_header.hpp"

namespace barnabas::records {
namespace {

struct FreeContext {
  void operator()(LZ4F_dctx* context) const { LZ4F_freeDecompressionContext(context); }
};

using Context = std::unique_ptr<LZ4F_dctx, FreeContext>;

// Kept from one success to the next. Whoever fails, or is thrown out, does not bring it back:
// LZ4F_resetDecompressionContext() of 1.9.4 and before leaves a size of the failed frame behind (lz4 issue 1227).
thread_local Context kept_context;

Context take_context() {
  if (kept_context != nullptr) return std::move(kept_context);
  LZ4F_dctx* made = nullptr;
  if (LZ4F_isError(LZ4F_createDecompressionContext(&made, LZ4F_VERSION))) throw std::bad_alloc();
  return Context(made);
}

std::unexpected<CompressionError> refused(std::size_t code) {
  // The codes behind the names are not part of the stable interface.
  if (std::string_view(LZ4F_getErrorName(code)) == "ERROR_allocation_failed") throw std::bad_alloc();
  return corrupt("lz4", LZ4F_getErrorName(code));
}

// The size that the frame in front declares (0: it does not); `read` grows by the header.
Decompressed read_frame_header(LZ4F_dctx* context, bytes in, Lz4Checksum checksum, std::size_t& read,
                               std::size_t& declared) {
  LZ4F_frameInfo_t info{};
  bytes from = in.subspan(read);
  const Lz4Header corrected = checksum == Lz4Checksum::of_magic_0 ? corrected_lz4_header(from) : Lz4Header();
  if (corrected.size != 0) from = corrected.view();
  std::size_t header_size = from.size();
  const std::size_t code = LZ4F_getFrameInfo(context, &info, from.data(), &header_size);
  if (LZ4F_isError(code)) return refused(code);
  read += header_size;
  declared = info.frameType == LZ4F_frame ? info.contentSize : 0;
  return in;
}

// Room for one byte more than allowed tells "just fits" from "too large" without a special case.
Decompressed decompress_frames(LZ4F_dctx* context, bytes in, Buffer& out, std::size_t bytes_max, Lz4Checksum checksum) {
  out.resize_uninitialised(first_guess(in, out, bytes_max));
  std::size_t read = 0, written = 0;
  bool in_frame = false;
  while (read < in.size()) {
    if (!in_frame) {
      std::size_t declared = 0;
      if (auto ok = read_frame_header(context, in, checksum, read, declared); !ok) return ok;
      if (declared > bytes_max - written) return too_large("lz4", bytes_max, declared);
      in_frame = true;
    }
    while (in_frame) {
      if (written == out.size()) out.resize_uninitialised(std::min(bytes_max + 1, 2 * written + 1));
      std::size_t taken = in.size() - read, made = out.size() - written;
      const std::size_t code = LZ4F_decompress(context, out.data() + written, &made, in.data() + read, &taken, nullptr);
      if (LZ4F_isError(code)) return refused(code);
      read += taken;
      written += made;
      if (written > bytes_max) return too_large("lz4", bytes_max);
      if (code == 0) in_frame = false;
      if (in_frame && taken == 0 && made == 0) return corrupt("lz4", "cut short");
    }
  }
  return bytes(out.data(), written);
}

}  // namespace

Decompressed decompress_lz4(bytes in, Buffer& out, std::size_t bytes_max, Lz4Checksum checksum) {
  if (in.empty()) return corrupt("lz4", "no frame");
  Context context = take_context();
  Decompressed result = decompress_frames(context.get(), in, out, bytes_max, checksum);
  if (result) kept_context = std::move(context);
  return result;
}

Compressed compress_lz4(bytes in, Buffer& out, int level, Lz4Checksum checksum) {
  LZ4F_preferences_t preferences{};
  preferences.frameInfo.blockSizeID = LZ4F_max64KB;
  preferences.frameInfo.blockMode = LZ4F_blockIndependent;
  preferences.compressionLevel = level == default_level ? 0 : std::clamp(level, 0, LZ4F_compressionLevel_max());
  out.resize_uninitialised(LZ4F_compressFrameBound(in.size(), &preferences));
  const std::size_t size = LZ4F_compressFrame(out.data(), out.size(), in.data(), in.size(), &preferences);
  if (LZ4F_isError(size)) {
    return std::unexpected(
        CompressionError{CompressionError::Kind::failed, std::string("lz4: ") + LZ4F_getErrorName(size)});
  }
  out.resize_uninitialised(size);
  if (checksum == Lz4Checksum::of_magic_0) miscompute_lz4_checksum({out.data(), size});
  return size;
}

}  // namespace barnabas::records
