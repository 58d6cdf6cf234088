// What the tests of records share: bytes by hand, sample texts, and a walk that collects what a cursor gives.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "barnabas/protocol/records/batch.hpp"
#include "barnabas/protocol/records/builder.hpp"
#include "barnabas/protocol/records/varint.hpp"
#include "barnabas/protocol/records/view.hpp"

namespace barnabas::records::testing {

inline constexpr Codec all_codecs[] = {Codec::none, Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd};
inline constexpr Codec real_codecs[] = {Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd};

inline std::string unhex(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    if (text[i] == ' ')
      --i;
    else
      out += static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16));
  }
  return out;
}

template <class T>
std::string be(T value) {
  std::string out(sizeof value, '\0');
  store_be(out.data(), value);
  return out;
}

inline std::string varint(int64 value) {
  char out[10];
  return {out, write_varint(out, value)};
}

inline std::string text_of(bytes data) { return {data.data(), data.size()}; }

/// Lines as a service logs them: compress about as well as real telemetry.
inline std::string log_text(std::size_t size, uint64 seed = 1) {
  std::mt19937_64 random(seed);
  std::string out;
  while (out.size() < size) {
    out += "{\"level\":\"info\",\"service\":\"checkout\",\"ms\":" + std::to_string(random() % 1000) +
           ",\"order\":" + std::to_string(random() % 1'000'000) + ",\"message\":\"accepted\"}\n";
  }
  out.resize(size);
  return out;
}

inline std::string random_text(std::size_t size, uint64 seed = 1) {
  std::mt19937_64 random(seed);
  std::string out(size, '\0');
  for (char& c : out) c = static_cast<char>(random());
  return out;
}

/// The parts of a record, each of which a test may replace by something wrong.
struct RawRecord {
  std::string attributes = std::string(1, '\0');
  std::string timestamp_delta = varint(0);
  std::string offset_delta = varint(0);
  std::string key_length = varint(3), key = "key";
  std::string value_length = varint(5), value = "value";
  std::string headers = varint(0);

  std::string body() const {
    return attributes + timestamp_delta + offset_delta + key_length + key + value_length + value + headers;
  }
  std::string bytes_with_length() const { return varint(static_cast<int64>(body().size())) + body(); }
};

inline BatchHeader header_for(int32 record_count, int64 base_offset = 100) {
  BatchHeader header;
  header.base_offset = base_offset;
  header.base_timestamp = 1000;
  header.max_timestamp = 5000;
  header.record_count = record_count;
  header.last_offset_delta = record_count > 0 ? record_count - 1 : 0;
  return header;
}

inline std::string whole_batch(BatchHeader header, std::string_view body) {
  std::string out(batch_header_size, '\0');
  header.store(out.data());
  out += body;
  seal_batch(out);
  return out;
}

/// All records of one batch; `why` is empty when the cursor came to a clean end.
struct Collected {
  std::vector<OwnedRecord> records;
  std::string why;
};

inline Collected collect(const BatchHeader& header, bytes body) {
  Collected all;
  RecordCursor cursor(header, body);
  RecordView record;
  while (cursor.next(record)) {
    for (const HeaderView& h : record.headers()) static_cast<void>(h.key.size() + h.value.size());
    all.records.push_back(record.own());
  }
  if (cursor.failed()) all.why = cursor.why();
  if (cursor.next(record)) all.why = "next() gave a record after its end";
  return all;
}

inline Collected collect(bytes whole) {
  const BatchView batch(whole);
  Buffer buffer;
  auto body = decompress(batch.header().codec(), batch.body(), buffer, 64 << 20);
  if (!body) return {.records = {}, .why = body.error().what};
  return collect(batch.header(), *body);
}

}  // namespace barnabas::records::testing
