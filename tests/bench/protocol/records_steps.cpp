// CRC-32C, the walk over records, and decompression against the codec libraries' own functions on the same bytes, data
// in the cache. Prints a line a case, like protocol_bench.
#include <libdeflate.h>
#include <lz4frame.h>
#include <snappy.h>
#include <zlib.h>
#include <zstd.h>

#include "barnabas/protocol/records/builder.hpp"
#include "barnabas/protocol/records/compression.hpp"
#include "barnabas/protocol/records/crc32c.hpp"
#include "barnabas/protocol/records/view.hpp"
#include "measure.hpp"

namespace {

using namespace barnabas::records;
using barnabas::bench::measure;
using barnabas::bench::require;

std::size_t sink = 0;

/// A batch of records whose values look like log lines of `value_bytes`.
std::string batch_of(Codec codec, int records, std::size_t value_bytes) {
  BatchOptions options(codec);
  options.bytes_max = 64 << 20;
  BatchBuilder builder(options);
  for (int i = 0; i < records; ++i) {
    std::string value =
        fmt::format(R"({{"ts":17000{:05},"level":"info","svc":"checkout","ms":{},"id":"{:08x}","msg":")", i,
                    i * 7919LL % 997, static_cast<unsigned>(i) * 2654435761u);
    for (unsigned word = static_cast<unsigned>(i); value.size() < value_bytes; word = word * 1664525 + 1013904223) {
      value += fmt::format("order {} accepted; ", word >> 20);
    }
    value.resize(value_bytes);
    require(builder.append(1'700'000'000'000 + i, std::nullopt, value), "the batch is full");
  }
  return builder.finish();
}

void crc() {
  const std::string data(64 << 10, 'c');
  measure("crc32c_64KiB", "barnabas", [&] { sink += crc32c(bytes(data)); });
}

void walk(int records, std::size_t value_bytes) {
  const std::string whole = batch_of(Codec::none, records, value_bytes);
  const BatchView batch{bytes(whole)};
  measure(
      fmt::format("walk_{}B_per_record", value_bytes), "barnabas",
      [&] {
        RecordCursor cursor(batch.header(), batch.body());
        int seen = 0;
        for (RecordView record; cursor.next(record); ++seen) sink += record.value.size();
        require(seen == records, "records are missing");
      },
      records);
}

void gzip_alone(bytes in, std::string& out) {
  static libdeflate_decompressor* const decompressor = libdeflate_alloc_decompressor();
  std::size_t size = 0;
  require(libdeflate_gzip_decompress(decompressor, in.data(), in.size(), out.data(), out.size(), &size) ==
              LIBDEFLATE_SUCCESS,
          "gzip");
  sink += size;
}

void zlib_alone(bytes in, std::string& out) {
  static z_stream stream = [] {
    z_stream made{};
    inflateInit2(&made, 15 + 16);
    return made;
  }();
  inflateReset(&stream);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  require(inflate(&stream, Z_FINISH) == Z_STREAM_END, "zlib");
}

/// Blocks behind xerial's header of 16 bytes.
void snappy_alone(bytes in, std::string& out) {
  std::size_t at = 16, written = 0;
  while (at + 4 <= in.size()) {
    std::uint32_t size = 0;
    std::memcpy(&size, in.data() + at, 4);
    size = std::byteswap(size);
    std::size_t plain = 0;
    require(snappy::GetUncompressedLength(in.data() + at + 4, size, &plain), "snappy");
    require(snappy::RawUncompress(in.data() + at + 4, size, out.data() + written), "snappy");
    written += plain;
    at += 4 + size;
  }
  sink += written;
}

void lz4_alone(bytes in, std::string& out) {
  static LZ4F_dctx* const context = [] {
    LZ4F_dctx* made = nullptr;
    LZ4F_createDecompressionContext(&made, LZ4F_VERSION);
    return made;
  }();
  std::size_t written = out.size(), read = in.size();
  require(LZ4F_decompress(context, out.data(), &written, in.data(), &read, nullptr) == 0, "lz4");
  sink += written;
}

void zstd_alone(bytes in, std::string& out) {
  static ZSTD_DCtx* const context = ZSTD_createDCtx();
  const std::size_t size = ZSTD_decompressDCtx(context, out.data(), out.size(), in.data(), in.size());
  require(!ZSTD_isError(size), "zstd");
  sink += size;
}

void decompression(int records, std::size_t value_bytes) {
  const std::string plain = batch_of(Codec::none, records, value_bytes);
  const std::size_t size = BatchView{bytes(plain)}.body().size();
  const auto compare = [&](Codec codec, const char* who, auto alone) {
    const std::string whole = batch_of(codec, records, value_bytes);
    const bytes in = BatchView{bytes(whole)}.body();
    const std::string name = fmt::format("{}_{}x{}B", barnabas::records::name(codec), records, value_bytes);
    Buffer buffer;
    measure(name, "barnabas", [&] { require(decompress(codec, in, buffer)->size() == size, "decompress"); });
    std::string out(size, '\0');
    measure(name, who, [&] { alone(in, out); });
  };
  compare(Codec::gzip, "library_libdeflate", gzip_alone);
  compare(Codec::gzip, "library_zlib", zlib_alone);
  compare(Codec::snappy, "library", snappy_alone);
  compare(Codec::lz4, "library", lz4_alone);
  compare(Codec::zstd, "library", zstd_alone);
}

}  // namespace

int main(int argc, char** argv) {
  barnabas::bench::keep_memory();
  if (argc > 1) barnabas::bench::only = argv[1];
  crc();
  walk(500, 100);
  walk(500, 1000);
  decompression(500, 100);
  decompression(500, 1000);
  return sink == 1 ? 1 : 0;
}
