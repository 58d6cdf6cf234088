#include <doctest/doctest.h>

#include "barnabas/protocol/records/view.hpp"
#include "records_support.hpp"

namespace barnabas::records {
namespace {

using namespace testing;

static_assert(std::input_iterator<HeaderRange::iterator>);
static_assert(std::is_trivially_copyable_v<RecordView>);
static_assert(sizeof(RecordView) <= 72);

constexpr int64 int32_max = std::numeric_limits<int32>::max();

Collected read_one(const RawRecord& record) { return collect(header_for(1), record.bytes_with_length()); }

// The reason why a single record is refused; "" when it is not.
std::string refusal(const RawRecord& record) { return read_one(record).why; }

bool mentions(const std::string& why, std::string_view word) { return why.find(word) != std::string::npos; }

TEST_CASE("cursor: the records of a batch made by hand") {
  const std::string body = unhex(
      "2a 00 00 00 06 6b6579 0a 76616c7565 04 02 68 02 78 02 6e 01"
      "0e 00 c801 02 01 00 00");
  RecordCursor cursor(header_for(2, 42), body);
  RecordView record;
  REQUIRE(cursor.next(record));
  CHECK(record.offset == 42);
  CHECK(record.timestamp_ms == 1000);
  CHECK(record.has_key);
  CHECK(record.key_text() == "key");
  CHECK(record.has_value);
  CHECK(record.value_text() == "value");
  REQUIRE(record.headers().size() == 2);
  auto header = record.headers().begin();
  CHECK(header->key == "h");
  CHECK(header->has_value);
  CHECK(header->value_text() == "x");
  ++header;
  CHECK(header->key == "n");
  CHECK(!header->has_value);
  CHECK(++header == record.headers().end());

  REQUIRE(cursor.next(record));
  CHECK(record.offset == 43);
  CHECK(record.timestamp_ms == 1100);
  CHECK(!record.has_key);
  CHECK(record.has_value);
  CHECK(record.value.empty());
  CHECK(record.headers().empty());
  CHECK(record.headers().begin() == record.headers().end());

  CHECK(!cursor.next(record));
  CHECK(!cursor.failed());
  CHECK(cursor.index() == 2);
}

TEST_CASE("cursor: null and empty are not the same, for key, value and a header's value") {
  RawRecord raw;
  raw.key_length = varint(-1), raw.key = "";
  raw.value_length = varint(0), raw.value = "";
  raw.headers = varint(2) + varint(0) + varint(-1) + varint(1) + "k" + varint(0);
  RecordCursor cursor(header_for(1), raw.bytes_with_length());
  const std::string body = raw.bytes_with_length();
  cursor = RecordCursor(header_for(1), body);
  RecordView record;
  REQUIRE(cursor.next(record));
  CHECK(!record.has_key);
  CHECK(record.has_value);
  std::vector<HeaderView> headers(record.headers().begin(), record.headers().end());
  REQUIRE(headers.size() == 2);
  CHECK(headers[0].key.empty());
  CHECK(!headers[0].has_value);
  CHECK(headers[1].key == "k");
  CHECK(headers[1].has_value);
  CHECK(headers[1].value.empty());
}

TEST_CASE("cursor: timestamps come from the delta, from the append, or count from the delete horizon") {
  RawRecord raw;
  raw.timestamp_delta = varint(-7);
  BatchHeader header = header_for(1);
  const std::string body = raw.bytes_with_length();
  CHECK(collect(header, body).records.at(0).timestamp_ms() == 993);
  header.attributes = log_append_time_bit;
  CHECK(collect(header, body).records.at(0).timestamp_ms() == 5000);
  header.attributes = delete_horizon_bit;
  header.base_timestamp = 3000;
  CHECK(collect(header, body).records.at(0).timestamp_ms() == 2993);
}

TEST_CASE("cursor: the largest timestamps wrap around instead of trapping") {
  RawRecord raw;
  raw.timestamp_delta = varint(std::numeric_limits<int64>::max());
  BatchHeader header = header_for(1);
  header.base_timestamp = std::numeric_limits<int64>::max();
  CHECK(collect(header, raw.bytes_with_length()).records.at(0).timestamp_ms() == -2);
  raw.timestamp_delta = varint(std::numeric_limits<int64>::min());
  header.base_timestamp = 0;
  CHECK(collect(header, raw.bytes_with_length()).records.at(0).timestamp_ms() == std::numeric_limits<int64>::min());
}

TEST_CASE("cursor: an empty batch, as compaction leaves it") {
  BatchHeader header = header_for(0);
  header.last_offset_delta = 9;
  const Collected all = collect(header, bytes());
  CHECK(all.records.empty());
  CHECK(all.why.empty());
  CHECK(mentions(collect(header, string("x")).why, "1 bytes are left"));
}

TEST_CASE("cursor: a cursor of nothing") {
  RecordCursor cursor;
  RecordView record;
  CHECK(!cursor.next(record));
  CHECK(!cursor.failed());
}

TEST_CASE("cursor: the record count must hold") {
  RawRecord first, second;
  second.offset_delta = varint(1);
  const std::string body = first.bytes_with_length() + second.bytes_with_length();
  BatchHeader header = header_for(2);
  CHECK(collect(header, body).why.empty());
  header.record_count = 3;
  Collected all = collect(header, body);
  CHECK(all.records.size() == 2);
  CHECK(mentions(all.why, "record 2 of 3"));
  header.record_count = 1;
  all = collect(header, body);
  CHECK(all.records.size() == 1);
  CHECK(mentions(all.why, "left behind the last record"));
  for (int32 count : {-1, std::numeric_limits<int32>::min()}) {
    header.record_count = count;
    CHECK(collect(header, body).records.empty());
    CHECK(mentions(collect(header, body).why, std::to_string(count)));
  }
}

TEST_CASE("cursor: a record must use its length up") {
  RawRecord raw;
  raw.headers = varint(0) + "extra";
  CHECK(mentions(refusal(raw), "5 bytes of it are left over"));
  const std::string body = RawRecord().body();
  for (int64 length : {int64{-1}, int64{0}, int64{1}, int64{5}, static_cast<int64>(body.size()) - 1,
                       static_cast<int64>(body.size()) + 1, int32_max, -int32_max - 1}) {
    CAPTURE(length);
    const Collected all = collect(header_for(1), varint(length) + body);
    CHECK(all.records.empty());
    CHECK(mentions(all.why, "record 0 of 1 in the batch at offset 100"));
  }
}

TEST_CASE("cursor: key, value and header lengths at their edges") {
  const std::vector<int64> wrong = {
      -2, 6, 100, int32_max, -int32_max - 1, int32_max + 1, std::numeric_limits<int64>::max()};
  for (int64 length : wrong) {
    CAPTURE(length);
    RawRecord raw;
    raw.value_length = varint(length);
    // "value" and the header count are 6 bytes; a length of 6 leaves none for the count.
    CHECK(!refusal(raw).empty());
    raw = RawRecord();
    raw.key_length = varint(length == 6 ? 10 : length);
    CHECK(!refusal(raw).empty());
    raw = RawRecord();
    raw.headers = varint(1) + varint(length) + "h" + varint(1) + "x";
    CHECK(mentions(refusal(raw), "header key length"));
    raw.headers = varint(1) + varint(1) + "h" + varint(length) + "x";
    CHECK(mentions(refusal(raw), "header value length"));
  }
}

TEST_CASE("cursor: a header's key is never null") {
  RawRecord raw;
  raw.headers = varint(1) + varint(-1) + varint(1) + "x";
  CHECK(mentions(refusal(raw), "header key length is -1"));
}

TEST_CASE("cursor: header counts that are negative, too small or too large") {
  for (int64 count : {int64{-1}, int64{0}, int64{2}, int64{1000}, int32_max, -int32_max - 1}) {
    CAPTURE(count);
    RawRecord raw;
    raw.headers = varint(count) + varint(1) + "h" + varint(1) + "x";
    CHECK(!refusal(raw).empty());
    raw.headers = varint(1) + varint(1) + "h" + varint(1) + "x";
    CHECK(refusal(raw).empty());
  }
}

TEST_CASE("cursor: headers are checked as strictly when they look like those of the record before") {
  const auto with_headers = [](int delta, const std::string& headers) {
    RawRecord raw;
    raw.offset_delta = varint(delta);
    raw.headers = headers;
    return raw.bytes_with_length();
  };
  const std::string usual = varint(2) + varint(2) + "id" + varint(3) + "abc" + varint(1) + "k" + varint(-1);
  const std::string plain = varint(2) + varint(2) + "id" + varint(3) + "abc" + varint(1) + "k" + varint(2) + "xy";
  // Of the same size, and the same count: other lengths, a length that leads behind the end, a key that is null.
  const std::string others[] = {
      varint(2) + varint(1) + "i" + varint(4) + "abcd" + varint(1) + "k" + varint(2) + "xy",
      varint(2) + varint(2) + "id" + varint(3) + "abc" + varint(1) + "k" + varint(3) + "xy",
      varint(2) + varint(2) + "id" + varint(60) + "abc" + varint(1) + "k" + varint(2) + "xy",
      varint(2) + varint(-1) + "id" + varint(3) + "abc" + varint(1) + "k" + varint(2) + "xy",
      varint(2) + varint(2) + "id" + varint(3) + "abc" + varint(1) + "k" + varint(-1) + "xy",
      usual,
  };
  for (const std::string& first : {plain, usual}) {
    for (const std::string& other : others) {
      const Collected alone = collect(header_for(1), with_headers(0, other));
      std::string body;
      for (int i = 0; i < 4; ++i) body += with_headers(i, i == 2 ? other : first);
      const Collected all = collect(header_for(4), body);
      CHECK(all.records.size() == (alone.why.empty() ? 4 : 2));
      CHECK(all.why.empty() == alone.why.empty());
      if (!alone.why.empty()) continue;
      const auto expected = alone.records[0].view().headers();
      const auto found = all.records[2].view().headers();
      CHECK(std::ranges::equal(expected, found, {}, &HeaderView::key, &HeaderView::key));
      CHECK(std::ranges::equal(expected, found, {}, &HeaderView::value_text, &HeaderView::value_text));
    }
  }
}

TEST_CASE("cursor: offsets must rise and stay within the batch") {
  const auto with_deltas = [](int64 a, int64 b, int32 last) {
    RawRecord first, second;
    first.offset_delta = varint(a);
    second.offset_delta = varint(b);
    BatchHeader header = header_for(2);
    header.last_offset_delta = last;
    return collect(header, first.bytes_with_length() + second.bytes_with_length());
  };
  CHECK(with_deltas(0, 1, 1).why.empty());
  CHECK(with_deltas(3, 7, 9).why.empty());  // compaction leaves gaps
  CHECK(with_deltas(3, 7, 9).records.at(1).offset() == 107);
  CHECK(mentions(with_deltas(0, 2, 1).why, "offset delta 2"));
  CHECK(mentions(with_deltas(1, 1, 1).why, "offset delta 1"));
  CHECK(mentions(with_deltas(1, 0, 1).why, "offset delta 0"));
  CHECK(mentions(with_deltas(-1, 0, 1).why, "offset delta -1"));
  CHECK(with_deltas(0, int32_max, int32_max).why.empty());
}

TEST_CASE("varints: the longest that are read, and those that are too long") {
  RawRecord raw;
  const std::string padded_zero_5 = unhex("8080808000"), padded_zero_6 = unhex("808080808000");
  raw.offset_delta = padded_zero_5;
  CHECK(refusal(raw).empty());
  raw.offset_delta = padded_zero_6;
  CHECK(mentions(refusal(raw), "offset delta is a varint too long"));
  raw.offset_delta = unhex("ffffffff1f");  // 33 bits
  CHECK(mentions(refusal(raw), "too long"));

  raw = RawRecord();
  raw.timestamp_delta = unhex("80808080808080808000");
  CHECK(refusal(raw).empty());
  raw.timestamp_delta = unhex("8080808080808080808000");  // eleven bytes
  CHECK(mentions(refusal(raw), "timestamp delta is a varint too long"));
  raw.timestamp_delta = unhex("80808080808080808002");  // 65 bits
  CHECK(mentions(refusal(raw), "too long"));
  raw.timestamp_delta = std::string(64, '\x80');
  CHECK(mentions(refusal(raw), "too long"));
}

TEST_CASE("varints: every size round-trips, and none is read beyond its end") {
  std::mt19937_64 random(5);
  for (int round = 0; round < 20'000; ++round) {
    const int64 value = static_cast<int64>(random()) >> (random() % 64);
    const std::string text = varint(value);
    REQUIRE(text.size() == varint_size(value));
    const char* const end = text.data() + text.size();
    int64 read = 0;
    REQUIRE(read_varlong(text.data(), end, read) == end);
    REQUIRE(read == value);
    for (const char* cut = text.data(); cut < end; ++cut) REQUIRE(read_varlong(text.data(), cut, read) == nullptr);
    const bool fits = value >= -int32_max - 1 && value <= int32_max;
    int32 narrow = 0;
    REQUIRE(read_varint(text.data(), end, narrow) == (fits ? end : nullptr));
    if (fits) REQUIRE(narrow == value);
  }
}

TEST_CASE("cursor: a body cut short anywhere never comes to a clean end") {
  BatchBuilder builder;
  for (int i = 0; i < 4; ++i) {
    builder.append(i * 1000, "key", std::string(150, 'v'), {{"h", bytes(string("x")), true}, {"null", {}, false}});
  }
  const std::string batch = builder.finish();
  const BatchView view{bytes(batch)};
  for (std::size_t size = 0; size < view.body().size(); ++size) {
    const std::string cut = text_of(view.body().first(size));
    const Collected all = collect(view.header(), cut);
    REQUIRE(!all.why.empty());
    REQUIRE(all.records.size() < 4);
  }
  CHECK(collect(view.header(), view.body()).records.size() == 4);
}

TEST_CASE("cursor: damaged bodies do no harm") {
  BatchBuilder builder;
  for (int i = 0; i < 5; ++i) {
    builder.append(i, "key", "some value", {{"a", bytes(string("1")), true}, {"b", bytes(string("2")), true}});
  }
  const std::string batch = builder.finish();
  std::mt19937_64 random(11);
  for (int round = 0; round < 20'000; ++round) {
    std::string damaged = batch;
    for (uint64 i = 0; i <= random() % 3; ++i) {
      damaged[batch_header_size + random() % (damaged.size() - batch_header_size)] = static_cast<char>(random());
    }
    const BatchView view{bytes(damaged)};
    const std::string body = text_of(view.body());  // its own allocation, so that a read beyond it is seen
    REQUIRE(collect(view.header(), body).records.size() <= 5);
  }
}

TEST_CASE("owned record: outlives the batch, survives copies and moves") {
  OwnedRecord owned;
  {
    RawRecord raw;
    raw.headers = varint(1) + varint(1) + "h" + varint(-1);
    owned = read_one(raw).records.at(0);
  }
  OwnedRecord copy = owned;
  OwnedRecord moved = std::move(owned);
  for (const OwnedRecord* record : {&copy, &moved}) {
    const RecordView view = record->view();
    CHECK(view.offset == 100);
    CHECK(view.timestamp_ms == 1000);
    CHECK(view.key_text() == "key");
    CHECK(view.value_text() == "value");
    REQUIRE(view.headers().size() == 1);
    CHECK(view.headers().begin()->key == "h");
    CHECK(!view.headers().begin()->has_value);
  }
  RawRecord tombstone;
  tombstone.value_length = varint(-1), tombstone.value = "";
  CHECK(!read_one(tombstone).records.at(0).view().has_value);
}

TEST_CASE("control records: the type stands behind the version") {
  const std::string abort = be<int16>(0) + be<int16>(0), commit = be<int16>(3) + be<int16>(1) + "more";
  RecordView record;
  CHECK(!control_type(record));
  record.key = abort;
  CHECK(control_type(record) == 0);
  record.key = commit;
  CHECK(control_type(record) == 1);
  record.key = bytes(commit).first(3);
  CHECK(!control_type(record));
}

}  // namespace
}  // namespace barnabas::records
