// What a record costs between the socket and the handler: CPU time per record, best of several rounds, data in the
// cache.
#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <limits>
#include <string>
#include <vector>

#include "barnabas/protocol/records/aborted.hpp"
#include "barnabas/protocol/records/builder.hpp"
#include "barnabas/protocol/records/crc32c.hpp"

namespace {

using namespace barnabas::records;

constexpr int batches = 20, records_per_batch = 500, rounds = 40;
std::size_t sink = 0;

double cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

template <class F>
void measure(const std::string& what, std::size_t bytes_in_all, F once) {
  double best = std::numeric_limits<double>::max();
  for (int round = 0; round < rounds; ++round) {
    const double start = cpu_ns();
    once();
    best = std::min(best, cpu_ns() - start);
  }
  fmt::print("{:<44} {:8.2f} ns/record {:8.2f} GB/s\n", what, best / (batches * records_per_batch),
             static_cast<double>(bytes_in_all) / best);
}

void append_json(BatchBuilder& builder, int i) {
  const std::string key = fmt::format("key{}", i % 99999);
  const std::string value = fmt::format(
      R"({{"ts":17000{:05},"level":"info","svc":"checkout","ms":{},"msg":"order {} accepted","id":"{:08x}"}})", i,
      i * 7919LL % 997, i * 13, static_cast<unsigned>(i) * 2654435761u);
  builder.append(1'700'000'000'000 + i, key, value);
}

void append_headers(BatchBuilder& builder, int i) {
  const string trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  builder.append(i, "key", std::string(100, 'v'),
                 {{"traceparent", bytes(trace), true}, {"tenant", bytes(trace).first(8), true}, {"retry", {}, false}});
}

void append_plain(BatchBuilder& builder, int i) { builder.append(i, std::nullopt, std::string(100, 'v')); }

std::vector<std::string> make(Codec codec, void (*append)(BatchBuilder&, int)) {
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

void iterate(const std::string& what, const std::vector<std::string>& all) {
  measure(what, size_of(all), [&] {
    for (const std::string& batch : all) {
      const BatchView view{bytes(batch)};
      RecordCursor cursor(view.header(), view.body());
      for (RecordView record; cursor.next(record);)
        sink += record.value.size() + static_cast<std::size_t>(record.offset);
    }
  });
}

void checksums(const std::vector<std::string>& all) {
  for (const Crc32cMethod& method : crc32c_methods()) {
    measure(fmt::format("crc32c, {}", method.name), size_of(all), [&] {
      for (const std::string& batch : all) sink += method.update(~0u, batch);
    });
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

void codecs() {
  const std::size_t plain = size_of(make(Codec::none, append_json));
  Buffer buffer;
  for (Codec codec : {Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd}) {
    const std::vector<std::string> all = make(codec, append_json);
    const double ratio = static_cast<double>(plain) / static_cast<double>(size_of(all));
    measure(fmt::format("decompress {} (ratio {:.1f})", name(codec), ratio), plain, [&] {
      for (const std::string& batch : all) {
        const auto body = decompress(codec, BatchView{bytes(batch)}.body(), buffer, 64 << 20);
        sink += body ? body->size() : 0;
      }
    });
    measure(fmt::format("build with {}", name(codec)), plain, [&] { sink += make(codec, append_json).size(); });
  }
}

}  // namespace

int main() {
  const std::vector<std::string> json = make(Codec::none, append_json), plain = make(Codec::none, append_plain);
  fmt::print("{} batches of {} records; JSON: {} B a record\n", batches, records_per_batch,
             size_of(json) / (batches * records_per_batch));
  checksums(json);
  walk(json);
  iterate("iterate, 100 B values", plain);
  iterate("iterate, JSON with keys", json);
  iterate("iterate, 100 B values and 3 headers", make(Codec::none, append_headers));
  measure("build uncompressed (with making the text)", size_of(json),
          [] { sink += make(Codec::none, append_json).size(); });
  codecs();
  return sink == 1 ? 1 : 0;
}
