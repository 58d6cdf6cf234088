#include <doctest/doctest.h>

#include <stdexcept>

#include "barnabas/protocol/records/builder.hpp"
#include "records_support.hpp"

namespace barnabas::records {
namespace {

using namespace testing;

TEST_CASE("builder: a batch, byte by byte") {
  BatchOptions options;
  options.leader_epoch = 7;
  BatchBuilder builder(options);
  CHECK(builder.empty());
  CHECK(builder.append(1'700'000'000'000, "key", "value", {{"h", bytes(string("x")), true}, {"n", {}, false}}));
  CHECK(builder.append(1'700'000'000'100, std::nullopt, ""));
  CHECK(builder.count() == 2);
  CHECK(builder.size() == 91);
  CHECK((builder.finish(42) ==
         unhex("000000000000002a 0000004f 00000007 02 147926fd 0000 00000001 0000018bcfe56800 0000018bcfe56864"
               "ffffffffffffffff ffff ffffffff 00000002"
               "2a 00 00 00 06 6b6579 0a 76616c7565 04 02 68 02 78 02 6e 01"
               "0e 00 c801 02 01 00 00")));
  CHECK(builder.empty());
  CHECK(builder.finish().empty());
}

TEST_CASE("builder: a control batch, byte by byte") {
  CHECK((control_batch(1000, 4660, 5, ControlType::abort, 1'700'000'000'000, 9) ==
         unhex("00000000000003e8 00000042 ffffffff 02 40bdef74 0030 00000000 0000018bcfe56800 0000018bcfe56800"
               "0000000000001234 0005 ffffffff 00000001"
               "20 00 00 00 08 00000000 0c 000000000009 00")));
  const std::string commit = control_batch(0, 1, 0, ControlType::commit, 0);
  const Collected all = collect(bytes(commit));
  REQUIRE(all.records.size() == 1);
  CHECK(control_type(all.records[0].view()) == 1);
}

struct Expected {
  int64 offset, timestamp_ms;
  std::optional<std::string> key, value;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;
  bool operator==(const Expected&) const = default;
};

Expected expected_of(const RecordView& record) {
  Expected e{record.offset, record.timestamp_ms, {}, {}, {}};
  if (record.has_key) e.key = std::string(record.key_text());
  if (record.has_value) e.value = std::string(record.value_text());
  for (const HeaderView& h : record.headers()) {
    e.headers.emplace_back(h.key, h.has_value ? std::optional(std::string(h.value_text())) : std::nullopt);
  }
  return e;
}

Expected random_record(std::mt19937_64& random) {
  const auto text = [&](std::size_t size_max) -> std::optional<std::string> {
    if (random() % 8 == 0) return std::nullopt;
    return random() % 2 == 0 ? log_text(random() % size_max, random()) : random_text(random() % size_max, random());
  };
  Expected e{
      0, static_cast<int64>(random() >> (random() % 63)), text(20), text(random() % 50 == 0 ? 100'000 : 300), {}};
  for (uint64 i = random() % 4; i > 0; --i) e.headers.emplace_back(random_text(random() % 10, random()), text(200));
  return e;
}

bool append(BatchBuilder& builder, const Expected& e) {
  std::vector<HeaderView> headers;
  for (const auto& [key, value] : e.headers) {
    headers.push_back({key, value ? bytes(*value) : bytes(), value.has_value()});
  }
  return builder.append(e.timestamp_ms, e.key, e.value, headers);
}

TEST_CASE("builder: random records come back the same, by every codec") {
  for (Codec codec : all_codecs) {
    CAPTURE(name(codec));
    std::mt19937_64 random(static_cast<uint64>(codec) + 21);
    BatchBuilder builder{BatchOptions(codec)};
    for (int round = 0; round < 15; ++round) {
      std::vector<Expected> expected;
      const int64 base = static_cast<int64>(random() % 1'000'000'000'000);
      int64 offset = base, max_timestamp = std::numeric_limits<int64>::min();
      for (uint64 i = random() % 200 + 1; i > 0; --i, ++offset) {
        if (random() % 10 == 0) {
          builder.skip(3);
          offset += 3;
        }
        expected.push_back(random_record(random));
        expected.back().offset = offset;
        max_timestamp = std::max(max_timestamp, expected.back().timestamp_ms);
        if (!append(builder, expected.back())) {
          expected.pop_back();
          break;
        }
      }
      const auto count = builder.count();
      const std::string batch = builder.finish(base);
      const BatchView view{bytes(batch)};
      REQUIRE(view.crc_ok());
      REQUIRE(view.header().codec() == codec);
      REQUIRE(view.header().record_count == count);
      REQUIRE(view.header().length + 12 == static_cast<int32>(batch.size()));
      REQUIRE(view.header().next_offset() >= expected.back().offset + 1);
      const Collected all = collect(bytes(batch));
      REQUIRE(all.why == "");
      REQUIRE(all.records.size() == expected.size());
      for (std::size_t i = 0; i < expected.size(); ++i) REQUIRE((expected_of(all.records[i].view()) == expected[i]));
    }
  }
}

TEST_CASE("builder: the largest timestamp stands in the header, the first one is the base") {
  BatchBuilder builder;
  for (int64 ms : {50, 70, 20}) builder.append(ms, std::nullopt, "v");
  const std::string batch = builder.finish();
  const BatchHeader header = BatchHeader::load(batch.data());
  CHECK(header.base_timestamp == 50);
  CHECK(header.max_timestamp == 70);
  CHECK(collect(bytes(batch)).records.at(2).timestamp_ms() == 20);

  builder.append(std::numeric_limits<int64>::min(), std::nullopt, "v");
  builder.append(std::numeric_limits<int64>::max(), std::nullopt, "v");
  const Collected extremes = collect(bytes(builder.finish()));
  REQUIRE(extremes.records.size() == 2);
  CHECK(extremes.records[0].timestamp_ms() == std::numeric_limits<int64>::min());
  CHECK(extremes.records[1].timestamp_ms() == std::numeric_limits<int64>::max());
}

TEST_CASE("builder: fills a batch up to bytes_max and no further") {
  BatchOptions options;
  options.bytes_max = 1000;
  BatchBuilder builder(options);
  const std::string value(92, 'v');
  int count = 0;
  while (builder.append(0, std::nullopt, value)) ++count;
  CHECK(count == 9);  // 61 + 9 * 101 = 970
  CHECK(builder.size() == 970);
  CHECK(builder.append(0, std::nullopt, std::string(23, 'v')));
  CHECK(builder.size() == 1000);
  CHECK(!builder.append(0, std::nullopt, std::nullopt));
  CHECK(builder.finish().size() == 1000);

  const std::string large(5000, 'v');
  CHECK(builder.append(0, std::nullopt, large));  // alone in its batch
  CHECK(!builder.append(0, std::nullopt, "x"));
  CHECK(collect(bytes(builder.finish())).records.size() == 1);
}

TEST_CASE("builder: a record beyond 2 GiB is refused before it is read") {
  BatchBuilder builder;
  const string impossible("x", std::size_t{3} << 30);  // only its length is looked at
  CHECK_THROWS_AS(builder.append(0, std::nullopt, impossible), std::length_error);
  CHECK(builder.empty());
  CHECK(builder.append(0, std::nullopt, "x"));
  CHECK(!builder.append(0, std::nullopt, impossible));
  CHECK(builder.count() == 1);
}

TEST_CASE("builder: producer id, epoch and sequence numbers, which begin again at 0") {
  BatchOptions options;
  options.producer_id = 77;
  options.producer_epoch = 3;
  options.base_sequence = std::numeric_limits<int32>::max() - 1;
  options.transactional = true;
  BatchBuilder builder(options);
  const auto next_header = [&](int records) {
    for (int i = 0; i < records; ++i) builder.append(0, std::nullopt, "v");
    return BatchHeader::load(builder.finish().data());
  };
  BatchHeader header = next_header(2);
  CHECK(header.producer_id == 77);
  CHECK(header.producer_epoch == 3);
  CHECK(header.is_transactional());
  CHECK(!header.is_control());
  CHECK(header.base_sequence == std::numeric_limits<int32>::max() - 1);
  CHECK(next_header(3).base_sequence == 0);
  CHECK(next_header(1).base_sequence == 3);
  CHECK(next_header(1).base_sequence == 4);

  BatchBuilder plain;
  plain.append(0, std::nullopt, "v");
  plain.finish();
  plain.append(0, std::nullopt, "v");
  CHECK(BatchHeader::load(plain.finish().data()).base_sequence == -1);
}

TEST_CASE("builder: what compaction leaves: gaps, a missing end, nothing at all") {
  BatchBuilder builder;
  builder.skip(2);
  builder.append(0, std::nullopt, "a");
  builder.skip(4);
  const std::string batch = builder.finish(10);
  const BatchHeader header = BatchHeader::load(batch.data());
  CHECK(header.record_count == 1);
  CHECK(header.next_offset() == 17);
  CHECK(collect(bytes(batch)).records.at(0).offset() == 12);

  for (Codec codec : all_codecs) {
    BatchBuilder emptied{BatchOptions(codec)};
    emptied.skip(5);
    const std::string nothing = emptied.finish(20);
    CHECK(nothing.size() == batch_header_size);
    CHECK(BatchView{bytes(nothing)}.crc_ok());
    CHECK(BatchHeader::load(nothing.data()).record_count == 0);
    CHECK(BatchHeader::load(nothing.data()).next_offset() == 25);
  }
  CHECK_THROWS_AS(builder.skip(-1), std::length_error);
  builder.skip(std::numeric_limits<int32>::max());
  CHECK_THROWS_AS(builder.skip(1), std::length_error);
  CHECK_THROWS_AS(builder.append(0, std::nullopt, "a"), std::length_error);
}

TEST_CASE("builder: a record is copied with everything but its offset") {
  BatchBuilder first, second;
  first.append(5, "k", std::nullopt, {{"h", bytes(string("x")), true}, {"n", {}, false}});
  const std::string one = first.finish(100);
  second.append(collect(bytes(one)).records.at(0).view());
  CHECK((second.finish(100) == one));
}

TEST_CASE("stamps: offset and epoch leave the checksum alone, the append's time renews it") {
  BatchBuilder builder{BatchOptions(Codec::lz4)};
  for (int i = 0; i < 3; ++i) builder.append(i, std::nullopt, "v");
  std::string batch = builder.finish();
  const uint32 crc = BatchHeader::load(batch.data()).crc;
  stamp_batch(batch, 500, 12);
  BatchView view{bytes(batch)};
  CHECK(view.crc_ok());
  CHECK(view.header().crc == crc);
  CHECK(view.header().base_offset == 500);
  CHECK(view.header().leader_epoch == 12);
  stamp_log_append_time(batch, 9999);
  view = BatchView{bytes(batch)};
  CHECK(view.crc_ok());
  CHECK(view.header().codec() == Codec::lz4);
  for (const OwnedRecord& record : collect(bytes(batch)).records) CHECK(record.timestamp_ms() == 9999);
}

TEST_CASE("builder: a delete horizon takes the place of the base timestamp") {
  BatchOptions options;
  options.delete_horizon_ms = 9'000;
  BatchBuilder builder(options);
  for (int round = 0; round < 2; ++round) {
    builder.append(5'000, "k", std::nullopt);
    builder.append(5'010, "l", std::nullopt);
    const std::string batch = builder.finish();
    const BatchHeader header = BatchHeader::load(batch.data());
    CHECK(header.has_delete_horizon());
    CHECK(header.base_timestamp == 9'000);
    CHECK(header.max_timestamp == 5'010);
    const Collected all = collect(bytes(batch));
    REQUIRE(all.records.size() == 2);
    CHECK(all.records[0].timestamp_ms() == 5'000);
    CHECK(all.records[1].timestamp_ms() == 5'010);
  }
  BatchOptions given;
  given.base_timestamp_ms = -7;
  BatchBuilder from(given);
  from.append(3, "k", "v");
  const std::string batch = from.finish();
  CHECK(BatchHeader::load(batch.data()).base_timestamp == -7);
  CHECK_FALSE(BatchHeader::load(batch.data()).has_delete_horizon());
  CHECK(collect(bytes(batch)).records.at(0).timestamp_ms() == 3);
}

TEST_CASE("builder: tops compressed batches up to a size by what former ones compressed to") {
  for (Codec codec : real_codecs) {
    CAPTURE(name(codec));
    BatchOptions options(codec);
    options.compressed_bytes_max = 16 << 10;
    options.bytes_max = 4 << 20;
    BatchBuilder builder(options);
    std::vector<std::size_t> sizes;
    for (uint64 i = 0; sizes.size() < 20; ++i) {
      const std::string line = log_text(150, i);
      if (builder.append(0, std::nullopt, line)) continue;
      sizes.push_back(builder.finish().size());
      REQUIRE(builder.append(0, std::nullopt, line));
    }
    CHECK(sizes.front() < 16 << 10);  // nothing is known yet
    for (std::size_t i = 10; i < sizes.size(); ++i) {
      CHECK(sizes[i] > 13 << 10);
      CHECK(sizes[i] <= 16 << 10);
    }
    // Records that do not compress are noticed with the first batch of them.
    for (uint64 i = 0, batches = 0; batches < 2; ++i) {
      const std::string noise = random_text(150, i);
      if (builder.append(0, std::nullopt, noise)) continue;
      const std::size_t size = builder.finish().size();
      if (++batches == 2) CHECK(size <= 16 << 10);
      REQUIRE(builder.append(0, std::nullopt, noise));
    }
  }
}

TEST_CASE("builder: bytes_max holds whatever the estimate says") {
  BatchOptions options(Codec::zstd);
  options.compressed_bytes_max = 1 << 20;
  options.bytes_max = 10'000;
  BatchBuilder builder(options);
  for (int i = 0; i < 5; ++i) {
    while (builder.append(0, std::nullopt, std::string(100, 'v'))) {}
    CHECK(builder.size() <= 10'000);
    CHECK(builder.size() > 9'890);
    builder.finish();
  }
}

}  // namespace
}  // namespace barnabas::records
