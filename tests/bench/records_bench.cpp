// What a record costs between the socket and the handler: CPU time per record, best of several rounds, data in the
// cache. Decompression stands beside the codec's own library doing the same into memory of the right size, in the same
// run, turn by turn.
#include <fmt/format.h>
#include <libdeflate.h>
#include <lz4frame.h>
#include <snappy.h>
#include <time.h>
#include <zstd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

#include "barnabas/protocol/records/builder.hpp"
#include "barnabas/protocol/records/crc32c.hpp"
#include "barnabas/protocol/records/legacy.hpp"
#include "barnabas/protocol/records/message_set.hpp"

namespace {

using namespace barnabas::records;

constexpr int batches = 20, records_per_batch = 500, rounds = 60;
std::size_t sink = 0;

double cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

template <class F>
double once_ns(F&& once) {
  const double start = cpu_ns();
  once();
  return cpu_ns() - start;
}

std::string row(const std::string& what, double ns, std::size_t bytes_in_all, int records) {
  return fmt::format("{:<44} {:8.2f} ns/record {:8.2f} GB/s", what, ns / records,
                     static_cast<double>(bytes_in_all) / ns);
}

template <class F>
void measure(const std::string& what, std::size_t bytes_in_all, F once, int records = batches * records_per_batch) {
  double best = std::numeric_limits<double>::max();
  for (int round = 0; round < rounds; ++round) best = std::min(best, once_ns(once));
  fmt::print("{}\n", row(what, best, bytes_in_all, records));
}

/// Both in turn, so that what slows the machine down slows both.
template <class Ours, class Theirs>
void compare(const std::string& what, std::size_t bytes_in_all, Ours ours, Theirs theirs) {
  double best = std::numeric_limits<double>::max(), best_of_theirs = best;
  for (int round = 0; round < rounds; ++round) {
    best = std::min(best, once_ns(ours));
    best_of_theirs = std::min(best_of_theirs, once_ns(theirs));
  }
  fmt::print("{}   library {:8.2f} ns/record   x {:.3f}\n", row(what, best, bytes_in_all, batches * records_per_batch),
             best_of_theirs / (batches * records_per_batch), best / best_of_theirs);
}

void append_json(BatchBuilder& builder, int i) {
  const std::string key = fmt::format("key{}", i % 99999);
  const std::string value = fmt::format(
      R"({{"ts":17000{:05},"level":"info","svc":"checkout","ms":{},"msg":"order {} accepted","id":"{:08x}"}})", i,
      i * 7919LL % 997, i * 13, static_cast<unsigned>(i) * 2654435761u);
  builder.append(1'700'000'000'000 + i, key, value);
}

void append_large(BatchBuilder& builder, int i) {
  std::string value;
  for (int line = 0; value.size() < 1000; ++line) {
    value += fmt::format(R"({{"ts":17000{:05},"level":"info","ms":{},"id":"{:08x}"}},)", i, i * 7919LL % 997,
                         static_cast<unsigned>(i * 31 + line) * 2654435761u);
  }
  value.resize(1000);
  builder.append(1'700'000'000'000 + i, std::nullopt, value);
}

void append_headers(BatchBuilder& builder, int i) {
  const string trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  builder.append(i, "key", std::string(100, 'v'),
                 {{"traceparent", bytes(trace), true}, {"tenant", bytes(trace).first(8), true}, {"retry", {}, false}});
}

void append_plain(BatchBuilder& builder, int i) { builder.append(i, std::nullopt, std::string(100, 'v')); }

using Append = void (*)(BatchBuilder&, int);

std::vector<std::string> make(Codec codec, Append append) {
  std::vector<std::string> made;
  BatchBuilder builder{BatchOptions(codec)};
  for (int b = 0; b < batches; ++b) {
    for (int i = 0; i < records_per_batch; ++i) append(builder, b * records_per_batch + i);
    made.push_back(builder.finish(b * records_per_batch));
  }
  return made;
}

std::size_t size_of(const std::vector<std::string>& all) {
  std::size_t size = 0;
  for (const std::string& batch : all) size += batch.size();
  return size;
}

std::size_t iterate_one(const BatchView& view, bytes body) {
  std::size_t seen = 0;
  RecordCursor cursor(view.header(), body);
  for (RecordView record; cursor.next(record);) seen += record.value.size() + static_cast<std::size_t>(record.offset);
  return seen;
}

void iterate(const std::string& what, const std::vector<std::string>& all) {
  measure(what, size_of(all), [&] {
    for (const std::string& batch : all) {
      const BatchView view{bytes(batch)};
      sink += iterate_one(view, view.body());
    }
  });
}

void iterate_cached() {
  const std::string batch = make(Codec::none, append_plain)[0];
  constexpr int again = 20;
  measure(
      "iterate, 100 B values, one batch in the cache", batch.size() * again,
      [&] {
        const BatchView view{bytes(batch)};
        for (int i = 0; i < again; ++i) sink += iterate_one(view, view.body());
      },
      records_per_batch * again);
}

void iterate_messages() {
  std::string set;
  MessageSetBuilder builder;
  for (int b = 0; b < batches * records_per_batch; ++b) {
    if (builder.append(b, std::nullopt, std::string(100, 'v'))) continue;
    set += builder.finish(b);
    builder.append(b, std::nullopt, std::string(100, 'v'));
  }
  set += builder.finish();
  measure("messages of magic 1: walk, CRC-32, iterate", set.size(), [&] {
    BatchWalker walker{bytes(set)};
    for (BatchView view; walker.next(view) == BatchWalker::Step::batch;) {
      if (!view.crc_ok()) std::abort();
      sink += iterate_one(view, view.body());
    }
  });
}

void checksums(const std::vector<std::string>& all) {
  const std::string cached(32 << 10, 'x');
  constexpr int again = 32;
  for (const Crc32cMethod& method : crc32c_methods()) {
    measure(fmt::format("crc32c of batches, {}", method.name), size_of(all), [&] {
      for (const std::string& batch : all) sink += method.update(~0u, batch);
    });
    measure(
        fmt::format("crc32c of 32 KiB in the cache, {}", method.name), cached.size() * again,
        [&] {
          for (int i = 0; i < again; ++i) sink += method.update(~0u, cached);
        },
        again);
  }
}

void walk(const std::vector<std::string>& all) {
  std::string joined;
  for (const std::string& batch : all) joined += batch;
  measure("walk of headers", joined.size(), [&] {
    BatchWalker walker{bytes(joined)};
    for (BatchView batch; walker.next(batch) == BatchWalker::Step::batch;) sink += batch.whole().size();
  });
}

// ---- the libraries by themselves, with memory of the right size at hand ----

void require(bool holds) {
  if (!holds) std::abort();
}

void library_gzip(bytes in, std::string& out) {
  static libdeflate_decompressor* const decompressor = libdeflate_alloc_decompressor();
  std::size_t size = 0;
  require(libdeflate_gzip_decompress(decompressor, in.data(), in.size(), out.data(), out.size(), &size) ==
          LIBDEFLATE_SUCCESS);
}

void library_snappy(bytes in, std::string& out) {
  char* to = out.data();
  for (in = in.subspan(16); !in.empty();) {
    const auto size = static_cast<std::size_t>(load_be<int32>(in.data()));
    std::size_t made = 0;
    require(snappy::GetUncompressedLength(in.data() + 4, size, &made) &&
            snappy::RawUncompress(in.data() + 4, size, to));
    to += made;
    in = in.subspan(4 + size);
  }
}

void library_lz4(bytes in, std::string& out) {
  static LZ4F_dctx* context = nullptr;
  if (context == nullptr) LZ4F_createDecompressionContext(&context, LZ4F_VERSION);
  std::size_t made = out.size(), taken = in.size();
  require(LZ4F_decompress(context, out.data(), &made, in.data(), &taken, nullptr) == 0);
}

void library_zstd(bytes in, std::string& out) {
  static ZSTD_DCtx* const context = ZSTD_createDCtx();
  require(!ZSTD_isError(ZSTD_decompressDCtx(context, out.data(), out.size(), in.data(), in.size())));
}

// Java's producer streams, so its frames do not say how large their contents are.
std::string zstd_without_size(bytes text) {
  ZSTD_CCtx* const context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress2(context, out.data(), out.size(), text.data(), text.size()));
  ZSTD_freeCCtx(context);
  return out;
}

void zstd_of_java(const std::string& what, Append append) {
  const std::vector<std::string> plain = make(Codec::none, append);
  std::vector<std::string> all;
  for (const std::string& batch : plain) all.push_back(zstd_without_size(BatchView{bytes(batch)}.body()));
  std::string out(size_of(plain), '\0');
  Buffer buffer;
  compare(
      what + ": decompress zstd without content size", size_of(plain),
      [&] {
        for (const std::string& body : all) sink += decompress(Codec::zstd, body, buffer)->size();
      },
      [&] {
        for (const std::string& body : all) library_zstd(body, out);
      });
}

void codecs(const std::string& what, Append append) {
  const std::vector<std::string> plain = make(Codec::none, append);
  Buffer buffer;
  struct Library {
    Codec codec;
    void (*decompress)(bytes, std::string&);
  };
  for (const auto& [codec, theirs] : {Library{Codec::gzip, library_gzip}, Library{Codec::snappy, library_snappy},
                                      Library{Codec::lz4, library_lz4}, Library{Codec::zstd, library_zstd}}) {
    const std::vector<std::string> all = make(codec, append);
    std::size_t largest = 0;
    for (const std::string& batch : plain) largest = std::max(largest, batch.size());
    std::string out(largest, '\0');
    const double ratio = static_cast<double>(size_of(plain)) / static_cast<double>(size_of(all));
    compare(
        fmt::format("{}: decompress {} (ratio {:.1f})", what, name(codec), ratio), size_of(plain),
        [&] {
          for (const std::string& batch : all) {
            const auto body = decompress(BatchView{bytes(batch)}, buffer);
            sink += body ? body->size() : 0;
          }
        },
        [&] {
          for (const std::string& batch : all) theirs(bytes(batch).subspan(batch_header_size), out);
        });
    measure(fmt::format("{}: decompress and iterate, {}", what, name(codec)), size_of(plain), [&] {
      for (const std::string& batch : all) {
        const BatchView view{bytes(batch)};
        sink += iterate_one(view, *decompress(view, buffer));
      }
    });
    measure(fmt::format("{}: build with {}", what, name(codec)), size_of(plain),
            [&] { sink += make(codec, append).size(); });
  }
}

}  // namespace

int main() {
  const std::vector<std::string> json = make(Codec::none, append_json), plain = make(Codec::none, append_plain);
  fmt::print("{} batches of {} records; JSON: {} B a record\n", batches, records_per_batch,
             size_of(json) / (batches * records_per_batch));
  checksums(json);
  walk(json);
  iterate_cached();
  iterate("iterate, 100 B values", plain);
  iterate("iterate, JSON with keys", json);
  iterate("iterate, 100 B values and 3 headers", make(Codec::none, append_headers));
  iterate("iterate, 1 KB values", make(Codec::none, append_large));
  iterate_messages();
  measure("build uncompressed (with making the text)", size_of(json),
          [] { sink += make(Codec::none, append_json).size(); });
  codecs("100 B", append_json);
  zstd_of_java("100 B", append_json);
  codecs("1 KB", append_large);
  zstd_of_java("1 KB", append_large);
  return sink == 1 ? 1 : 0;
}
