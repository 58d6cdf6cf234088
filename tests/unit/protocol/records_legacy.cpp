// Message sets of magic 0 and 1: reading what was made apart from this code, everything hostile, and the builder.
#include "barnabas/protocol/records/legacy.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

#include "barnabas/protocol/records/aborted.hpp"
#include "barnabas/protocol/records/message_set.hpp"
#include "records_support.hpp"

namespace barnabas::records {
namespace {

using namespace testing;
using Step = BatchWalker::Step;

// Computed apart from this code. Offsets 5 {"key": "value"} and 6 {null: ""}.
const std::string golden_v0 = unhex(
    "0000000000000005 00000016 2356c137 00 00 00000003 6b6579 00000005 76616c7565"
    "0000000000000006 0000000e 795748e0 00 00 ffffffff 00000000");
// Offsets 7 {"key": "value"} and 8 {"": null}, the second with log append time.
const std::string golden_v1 = unhex(
    "0000000000000007 0000001e 6ad05db8 01 00 0000018bcfe56800 00000003 6b6579 00000005 76616c7565"
    "0000000000000008 00000016 dda3b1bb 01 08 0000018bcfe56864 00000000 ffffffff");
// A gzip wrapper at offset 103 around relative offsets 0, 1 and 3.
const std::string golden_v1_gzip = unhex(
    "0000000000000067000000988a4ec30701010000018bcfe56805ffffffff000000821f8b0800000000000403016b0094ff0000000000000000"
    "0000"
    "001870057b6601000000018bcfe56800000000016100000001310000000000000001000000181ecff43001000000018bcfe568050000000162"
    "0000"
    "0001320000000000000003000000172ce624d901000000018bcfe56803ffffffff0000000133552671346b000000");
// The same with log append time on the wrapper.
const std::string golden_v1_appended = unhex(
    "000000000000006700000098b835adfc0109000001a3185c5000ffffffff000000821f8b0800000000000403016b0094ff0000000000000000"
    "0000"
    "001870057b6601000000018bcfe56800000000016100000001310000000000000001000000181ecff43001000000018bcfe568050000000162"
    "0000"
    "0001320000000000000003000000172ce624d901000000018bcfe56803ffffffff0000000133552671346b000000");
// lz4 wrappers at offset 41 around offsets 40 and 41, the frame's header checksum as clients of magic 0 took it (1a),
// and as the format has it (82).
const std::string golden_v0_lz4 = unhex(
    "00000000000000290000005501ed12750003ffffffff0000004704224d1860401a3800008000000000000000280000001056cf205f00000000"
    "0001"
    "6100000001310000000000000029000000104952034b00000000000162000000013200000000");
const std::string golden_v0_lz4_right = unhex(
    "000000000000002900000055142386040003ffffffff0000004704224d186040823800008000000000000000280000001056cf205f00000000"
    "0001"
    "6100000001310000000000000029000000104952034b00000000000162000000013200000000");
const std::string golden_v1_lz4 = unhex(
    "00000000000000290000005d943eec8801030000000000000005ffffffff0000004704224d1860401a38000080000000000000002800000010"
    "5"
    "6cf205f0000000000016100000001310000000000000029000000104952034b00000000000162000000013200000000");

struct Read {
  std::vector<OwnedRecord> records;
  std::string why;  // of the walker, the checksum, decompression or the cursor
};

Read read_set(bytes set, std::size_t bytes_max = 1 << 20) {
  Read all;
  Buffer buffer;
  BatchWalker walker(set);
  BatchView batch;
  Step step = walker.next(batch);
  for (; step == Step::batch; step = walker.next(batch)) {
    if (!batch.crc_ok()) return {std::move(all.records), "checksum"};
    const auto body = decompress(batch, buffer, bytes_max);
    if (!body) return {std::move(all.records), body.error().what};
    RecordCursor cursor(batch.header(), *body);
    RecordView record;
    while (cursor.next(record)) all.records.push_back(record.own());
    if (cursor.failed()) return {std::move(all.records), std::string(cursor.why())};
    CHECK(cursor.index() == cursor.count());
  }
  if (step != Step::end) all.why = walker.why();
  return all;
}

// "5 -1 key=value, 6 -1 null="
std::string told(const Read& read) {
  std::string out;
  for (const OwnedRecord& owned : read.records) {
    const RecordView record = owned.view();
    if (!out.empty()) out += ", ";
    out += std::to_string(record.offset) + " " + std::to_string(record.timestamp_ms) + " ";
    out += record.has_key ? record.key_text() : "null";
    out += "=";
    out += record.has_value ? record.value_text() : "null";
  }
  return out + (read.why.empty() ? "" : "; " + read.why);
}

std::string message(int8 magic, int64 offset, int attributes, int64 timestamp_ms, std::optional<std::string> key,
                    std::optional<std::string> value) {
  const auto nullable = [](const std::optional<std::string>& text) {
    return text ? be(static_cast<int32>(text->size())) + *text : be<int32>(-1);
  };
  std::string out = be(offset) + be<int32>(0) + be<uint32>(0) + be(magic) + be(static_cast<int8>(attributes));
  if (magic != 0) out += be(timestamp_ms);
  out += nullable(key) + nullable(value);
  seal_message(std::span<char>(out));
  return out;
}

std::string wrapper(int8 magic, int64 offset, Codec codec, const std::string& inside, int attributes = 0) {
  Buffer packed;
  REQUIRE(compress(codec, inside, packed).has_value());
  return message(magic, offset, static_cast<int>(codec) | attributes, 77, std::nullopt, text_of(packed.view()));
}

TEST_CASE("legacy: messages of magic 0 and 1, computed apart from this code") {
  CHECK(told(read_set(bytes(golden_v0))) == "5 -1 key=value, 6 -1 null=");
  CHECK(told(read_set(bytes(golden_v1))) == "7 1700000000000 key=value, 8 1700000000100 =null");
  CHECK(told(read_set(bytes(golden_v0 + golden_v1))) ==
        "5 -1 key=value, 6 -1 null=, 7 1700000000000 key=value, 8 1700000000100 =null");
}

TEST_CASE("legacy: wrappers, computed apart from this code") {
  CHECK(told(read_set(bytes(golden_v1_gzip))) ==
        "100 1700000000000 a=1, 101 1700000000005 b=2, 103 1700000000003 null=3");
  CHECK(told(read_set(bytes(golden_v1_appended))) ==
        "100 1800000000000 a=1, 101 1800000000000 b=2, 103 1800000000000 null=3");
  CHECK(told(read_set(bytes(golden_v0_lz4))) == "40 -1 a=1, 41 -1 b=2");
  CHECK(told(read_set(bytes(golden_v0_lz4_right))) == "40 -1 a=1, 41 -1 b=2");
  // The wrong checksum is forgiven in magic 0 alone.
  CHECK(told(read_set(bytes(golden_v1_lz4))).find("headerChecksum") != std::string::npos);
}

TEST_CASE("legacy: the input of the lz4 quirk stays as it was") {
  const std::string before = golden_v0_lz4;
  read_set(bytes(golden_v0_lz4));
  CHECK(golden_v0_lz4 == before);
}

TEST_CASE("legacy: a message as a batch") {
  const BatchView v1{bytes(golden_v1_appended)};
  const BatchHeader& header = v1.header();
  CHECK(header.is_legacy());
  CHECK(header.magic == 1);
  CHECK(header.base_offset == 103);
  CHECK(header.next_offset() == 104);
  CHECK(header.codec() == Codec::gzip);
  CHECK(header.log_append_time());
  CHECK(header.max_timestamp == 1'800'000'000'000);
  CHECK(header.leader_epoch == -1);
  CHECK(header.record_count == -1);
  CHECK(v1.crc_ok());
  CHECK(v1.whole().size() == golden_v1_appended.size());
  // Bits that mean something in magic 2 mean nothing here.
  const std::string odd = message(0, 3, 0xf8, 0, "k", "v");
  const BatchView v0{bytes(odd)};
  CHECK(v0.crc_ok());
  CHECK_FALSE((v0.header().is_control() || v0.header().is_transactional() || v0.header().log_append_time()));
  CHECK(v0.header().record_count == 1);
  CHECK(v0.header().max_timestamp == -1);
  AbortedIndex aborted({{-1, 0}});
  CHECK_FALSE(aborted.aborted(v0));
}

TEST_CASE("legacy: a flipped bit anywhere under the checksum, or in it, is found") {
  for (const std::string& golden : {golden_v0, golden_v1_gzip}) {
    const BatchView good{bytes(golden)};
    BatchWalker walker{bytes(golden)};
    BatchView first;
    REQUIRE(walker.next(first) == Step::batch);
    for (std::size_t at = 12; at < first.whole().size(); ++at) {
      if (at == 16) continue;  // magic decides which checksum it is
      for (int bit = 0; bit < 8; ++bit) {
        std::string damaged(first.whole().data(), first.whole().size());
        damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
        REQUIRE(!BatchView{bytes(damaged)}.crc_ok());
      }
    }
  }
}

TEST_CASE("legacy: a set cut short anywhere") {
  for (const std::string& golden : {golden_v0, golden_v1, golden_v1_gzip}) {
    for (std::size_t size = 0; size < golden.size(); ++size) {
      CAPTURE(size);
      const std::string exact(golden, 0, size);
      const Read read = read_set(bytes(exact));
      const bool between = size == 0 || (golden != golden_v1_gzip && read.records.size() == 1 && read.why.empty());
      CHECK((between || read.why == "the last batch is cut short"));
      CHECK(read.records.size() <= 1);
    }
  }
}

TEST_CASE("legacy: lengths that do not fit are errors of the message, not of what follows") {
  struct Case {
    std::size_t at;
    int32 length;
  };
  // golden_v1's first message: key length at 26, value length at 33.
  for (const Case c : {Case{26, -2}, {26, 4}, {26, 13}, {26, 0x7fffffff}, {33, 6}, {33, 4}, {33, -1}, {33, -9}}) {
    CAPTURE(c.at);
    CAPTURE(c.length);
    std::string set = golden_v1;
    store_be(set.data() + c.at, c.length);
    seal_message(std::span<char>(set).first(42));
    const Read read = read_set(bytes(set));
    CHECK(read.records.empty());
    CHECK(read.why.find("record 0 of 1") != std::string::npos);
    BatchWalker walker{bytes(set)};
    BatchView batch;
    CHECK(walker.next(batch) == Step::batch);
    CHECK(walker.next(batch) == Step::batch);
    CHECK(walker.next(batch) == Step::end);
  }
  for (int32 length : {-1, 0, 13, 21}) {
    std::string set = golden_v1;
    store_be(set.data() + 8, length);
    BatchWalker walker{bytes(set)};
    BatchView batch;
    CHECK(walker.next(batch) == Step::broken);
  }
}

TEST_CASE("legacy: offsets inside a wrapper") {
  const auto inside = [](int8 magic, std::vector<int64> offsets) {
    std::string set;
    for (int64 offset : offsets) set += message(magic, offset, 0, 1, std::nullopt, "v");
    return set;
  };
  const auto offsets_of = [&](int8 magic, int64 offset, std::vector<int64> offsets) {
    const std::string set = wrapper(magic, offset, Codec::gzip, inside(magic, std::move(offsets)));
    const Read read = read_set(bytes(set));
    std::string out;
    for (const OwnedRecord& record : read.records) out += std::to_string(record.offset()) + " ";
    return out + (read.why.empty() ? "" : "!");
  };
  constexpr int64 highest = std::numeric_limits<int64>::max();
  CHECK(offsets_of(0, 12, {10, 11, 12}) == "10 11 12 ");
  CHECK(offsets_of(0, 12, {10, 12}) == "10 12 ");
  CHECK(offsets_of(1, 12, {0, 1, 2}) == "10 11 12 ");
  CHECK(offsets_of(1, 12, {2, 5}) == "9 12 ");
  CHECK(offsets_of(1, highest - 1, {0}) == std::to_string(highest - 1) + " ");
  // Not numbered yet, as librdkafka sends them.
  CHECK(offsets_of(0, 0, {0, 0, 0}) == "0 1 2 ");
  CHECK(offsets_of(1, 0, {0, 1, 2}) == "0 1 2 ");
  CHECK(offsets_of(1, 0, {7, -5}) == "0 1 ");
  // Nonsense.
  CHECK(offsets_of(0, 12, {10, 13}) == "10 !");
  CHECK(offsets_of(0, 12, {11, 11}) == "11 !");
  CHECK(offsets_of(0, 12, {-1}) == "!");
  CHECK(offsets_of(1, 12, {0, 13}) == "!");
  CHECK(offsets_of(1, 12, {5, 4}) == "!");
  CHECK(offsets_of(1, 12, {-3}) == "!");
  CHECK(offsets_of(1, 12, {std::numeric_limits<int64>::min(), 3}) == "!");
  CHECK(offsets_of(1, 12, {highest, 3}) == "!");
}

TEST_CASE("legacy: what a wrapper must not hold") {
  const auto why = [](const std::string& set) { return read_set(bytes(set)).why; };
  const auto has = [](const std::string& text, const char* part) { return text.find(part) != std::string::npos; };
  const std::string sound = message(1, 0, 0, 1, "k", "v");

  CHECK(has(why(wrapper(1, 5, Codec::gzip, "")), "no message inside"));
  CHECK(has(why(wrapper(1, 5, Codec::gzip, message(0, 0, 0, 1, "k", "v"))), "magic 0 inside of magic 1"));
  CHECK(has(why(wrapper(0, 5, Codec::gzip, message(1, 5, 0, 1, "k", "v"))), "magic 1 inside of magic 0"));
  CHECK(has(why(wrapper(1, 5, Codec::snappy, wrapper(1, 0, Codec::gzip, sound))), "compressed inside"));
  CHECK(has(why(wrapper(1, 5, Codec::gzip, sound + sound.substr(0, 20))), "with 20 bytes left"));
  CHECK(has(why(wrapper(1, 5, Codec::gzip, sound + "\1\2\3")), "a message of length -1"));
  CHECK(has(why(message(1, 5, 1, 1, "k", std::nullopt)), "null"));
  CHECK(has(why(message(1, 5, 4, 1, "k", "v")), "does not exist in message format v1"));
  CHECK(has(why(message(0, 5, 7, 1, "k", "v")), "does not exist in message format v0"));
  std::string damaged = sound;
  damaged.back() ^= 1;
  CHECK(has(why(wrapper(1, 5, Codec::gzip, damaged)), "checksum"));
  // A batch of magic 2 inside.
  BatchBuilder builder;
  builder.append(1, "k", "v");
  CHECK_FALSE(why(wrapper(1, 5, Codec::gzip, builder.finish())).empty());
}

TEST_CASE("legacy: wrappers deep inside of wrappers cost one level") {
  std::string set = message(1, 0, 0, 1, "k", "v");
  for (int depth = 0; depth < 1000; ++depth) set = wrapper(1, 0, Codec::gzip, set);
  const Read read = read_set(bytes(set));
  CHECK(read.records.empty());
  CHECK(read.why.find("compressed inside") != std::string::npos);
}

TEST_CASE("legacy: bombs are refused, each codec") {
  const std::string zeros = message(1, 0, 0, 1, "k", std::string(8 << 20, '\0'));
  for (Codec codec : {Codec::gzip, Codec::snappy, Codec::lz4}) {
    CAPTURE(name(codec));
    const std::string set = wrapper(1, 5, codec, zeros);
    const Read read = read_set(bytes(set), 1 << 20);
    CHECK(read.records.empty());
    CHECK(read.why.find("1048576") != std::string::npos);
    CHECK(read_set(bytes(set), 16 << 20).records.size() == 1);
  }
}

TEST_CASE("legacy: random damage under a right checksum never crashes") {
  std::mt19937_64 random(17);
  int read_through = 0, refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string inside;
    for (int i = 0; i < 3; ++i) inside += message(1, i, 0, i, "key", log_text(20));
    for (uint64 i = random() % 3; i > 0; --i) inside[random() % inside.size()] = static_cast<char>(random());
    std::string set = wrapper(1, 50, round % 2 == 0 ? Codec::snappy : Codec::lz4, inside);
    if (round % 4 == 0) set[26 + random() % (set.size() - 26)] = static_cast<char>(random());
    seal_message(std::span<char>(set));
    const Read read = read_set(bytes(set));
    ++(read.why.empty() ? read_through : refused);
    int64 previous = -1;
    for (const OwnedRecord& record : read.records) {
      REQUIRE(record.offset() > previous);
      REQUIRE(record.offset() <= 50);
      previous = record.offset();
    }
  }
  CHECK(read_through > 1000);
  CHECK(refused > 1000);
}

TEST_CASE("message set: the golden ones, byte by byte") {
  MessageSetBuilder v0{MessageSetOptions(0)};
  v0.append(9, "key", "value");
  v0.append(9, std::nullopt, "");
  CHECK(v0.count() == 2);
  CHECK((v0.finish(5) == golden_v0));
  CHECK(v0.empty());
  CHECK(v0.finish().empty());
  MessageSetBuilder v1{MessageSetOptions(1)};
  v1.append(1'700'000'000'000, "key", "value");
  CHECK((v1.finish(7) == golden_v1.substr(0, 42)));
}

TEST_CASE("message set: what it writes comes back, every codec, both magics") {
  for (const int8 magic : {int8{0}, int8{1}}) {
    for (Codec codec : {Codec::none, Codec::gzip, Codec::snappy, Codec::lz4}) {
      CAPTURE(int{magic});
      CAPTURE(name(codec));
      std::mt19937_64 random(static_cast<uint64>(codec) + 3);
      MessageSetBuilder builder{MessageSetOptions(magic, codec)};
      std::vector<std::pair<int64, std::string>> expected;
      int64 offset = 1000;
      for (int i = 0; i < 300; ++i, ++offset) {
        if (i > 0 && random() % 10 == 0) {
          builder.skip(4);
          offset += 4;
        }
        expected.emplace_back(offset, log_text(random() % 200, random()));
        REQUIRE(builder.append(i, i % 3 == 0 ? std::optional<string>("key") : std::nullopt, expected.back().second));
      }
      const std::string set = builder.finish(1000);
      const Read read = read_set(bytes(set));
      REQUIRE(read.why == "");
      REQUIRE(read.records.size() == expected.size());
      for (std::size_t i = 0; i < expected.size(); ++i) {
        const RecordView record = read.records[i].view();
        REQUIRE(record.offset == expected[i].first);
        REQUIRE(record.timestamp_ms == (magic == 0 ? -1 : static_cast<int64>(i)));
        REQUIRE(record.value_text() == expected[i].second);
        REQUIRE(record.has_key == (i % 3 == 0));
      }
      if (codec == Codec::none) continue;
      const BatchView whole{bytes(set)};
      CHECK(whole.header().last_offset() == offset - 1);
      CHECK(whole.header().max_timestamp == (magic == 0 ? -1 : 299));
    }
  }
}

TEST_CASE("message set: lz4 of magic 0 carries the checksum that its readers expect") {
  MessageSetBuilder builder{MessageSetOptions(0, Codec::lz4)};
  builder.append(0, "a", "1");
  const std::string set = builder.finish();
  CHECK((set.substr(26, 7) == golden_v0_lz4.substr(26, 7)));
}

TEST_CASE("message set: log append time, bounds, and what it cannot say") {
  MessageSetOptions options(1, Codec::gzip);
  options.log_append_time_ms = 500;
  MessageSetBuilder appended(options);
  appended.append(1, "a", "1");
  appended.append(2, "b", "2");
  CHECK(told(read_set(bytes(appended.finish()))) == "0 500 a=1, 1 500 b=2");

  MessageSetOptions small(1);
  small.bytes_max = 100;
  MessageSetBuilder bounded(small);
  CHECK(bounded.append(0, std::nullopt, std::string(500, 'v')));  // alone it always fits
  CHECK_FALSE(bounded.append(0, std::nullopt, "v"));
  CHECK(bounded.count() == 1);
  bounded.finish();
  CHECK(bounded.append(0, std::nullopt, std::string(32, 'v')));
  CHECK_FALSE(bounded.append(0, std::nullopt, "v"));  // 66 + 35 = 101
  CHECK(bounded.append(0, std::nullopt, ""));
  CHECK(bounded.size() == 100);

  CHECK_THROWS_AS(MessageSetBuilder(MessageSetOptions(2)), std::invalid_argument);
  CHECK_THROWS_AS(MessageSetBuilder(MessageSetOptions(1, Codec::zstd)), std::invalid_argument);
  CHECK_THROWS_AS(bounded.skip(-1), std::length_error);
  bounded.finish();
  CHECK_THROWS_AS(bounded.append(0, string("x", std::size_t{3} << 30), std::nullopt), std::length_error);
}

TEST_CASE("message set: batches turn into message sets, or say why they cannot") {
  for (Codec codec : {Codec::none, Codec::gzip, Codec::snappy, Codec::lz4}) {
    BatchBuilder builder{BatchOptions(codec)};
    builder.append(70, "a", "1");
    builder.skip(2);
    builder.append(60, std::nullopt, std::nullopt);
    const std::string batch = builder.finish(10);
    const auto v1 = to_message_set(BatchView{bytes(batch)}, 1);
    REQUIRE(v1.has_value());
    CHECK(told(read_set(bytes(*v1))) == "10 70 a=1, 13 60 null=null");
    const auto v0 = to_message_set(BatchView{bytes(batch)}, 0);
    REQUIRE(v0.has_value());
    CHECK(told(read_set(bytes(*v0))) == "10 -1 a=1, 13 -1 null=null");
    CHECK(BatchView{bytes(*v0)}.header().codec() == codec);
    if (codec == Codec::none) continue;
    // And once more, from magic 1 to 0.
    const auto again = to_message_set(BatchView{bytes(*v1)}, 0);
    REQUIRE(again.has_value());
    CHECK((*again == *v0));
  }
  const auto refused = [](const std::string& batch) {
    const auto set = to_message_set(BatchView{bytes(batch)}, 1);
    return set ? std::string() : set.error();
  };
  BatchBuilder headers;
  headers.append(0, "k", "v", {{"h", {}, false}});
  CHECK(refused(headers.finish()).find("headers") != std::string::npos);
  BatchBuilder zstd{BatchOptions(Codec::zstd)};
  zstd.append(0, "k", "v");
  CHECK(refused(zstd.finish()).find("zstd") != std::string::npos);
  CHECK(refused(control_batch(0, 1, 0, ControlType::commit, 0)).find("control") != std::string::npos);
  CHECK(refused(wrapper(1, int64{1} << 40, Codec::gzip,
                        message(1, 0, 0, 1, "k", "v") + message(1, int64{1} << 40, 0, 1, "k", "v")))
            .find("too far apart") != std::string::npos);
  BatchBuilder cut{BatchOptions(Codec::gzip)};
  cut.append(0, "k", "v");
  std::string damaged = cut.finish();
  damaged.resize(damaged.size() - 3);
  CHECK_FALSE(refused(damaged).empty());
}

}  // namespace
}  // namespace barnabas::records
