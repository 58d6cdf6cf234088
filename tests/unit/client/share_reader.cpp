// The walk over one partition's share of a response: what is given out, what is skipped, where it stands after each
// step.
#include "barnabas/client/fetch/share.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "barnabas/protocol/records/builder.hpp"
#include "barnabas/protocol/records/message_set.hpp"

using namespace barnabas;
using client::BlockPool;
using client::Share;
using client::ShareReader;
using records::Codec;

namespace {

using Offsets = std::vector<std::int64_t>;

struct Written {
  Codec codec = Codec::none;
  std::int64_t producer_id = -1;
  std::size_t value_bytes = 5;
  int holes = 0;  ///< offsets that compaction took from the batch's end
};

std::string batch(std::int64_t base, int count, Written written = Written()) {
  records::BatchOptions options(written.codec);
  options.bytes_max = std::size_t{1} << 30;
  options.producer_id = written.producer_id;
  options.producer_epoch = written.producer_id < 0 ? std::int16_t{-1} : std::int16_t{0};
  options.transactional = written.producer_id >= 0;
  records::BatchBuilder builder(options);
  const std::string value(written.value_bytes, 'v');
  for (int i = 0; i < count; ++i) builder.append(1'700'000'000'000 + i, std::nullopt, protocol::string(value), {});
  if (written.holes > 0) builder.skip(written.holes);
  return builder.finish(base);
}

std::string marker(std::int64_t offset, std::int64_t producer_id, records::ControlType type) {
  return records::control_batch(offset, producer_id, 0, type, 1'700'000'000'000);
}

struct Bench {
  BlockPool pool{std::int64_t{1} << 30};
  ShareReader::Limits limits;
  std::vector<records::AbortedTransaction> aborted;

  /// `next` of -1: the reader is not to reach an end.
  Share share(const std::string& bytes, std::int64_t position) {
    Share share;
    share.block = pool.take(bytes.size());
    std::memcpy(share.block.data(), bytes.data(), bytes.size());
    share.records = protocol::bytes(share.block.data(), bytes.size());
    share.position = position;
    share.aborted = aborted;
    return share;
  }
};

Offsets walk(ShareReader& reader) {
  Offsets offsets;
  records::RecordView record;
  while (reader.next(record)) offsets.push_back(record.offset);
  return offsets;
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("share reader: records below the position are skipped, whole batches of them too") {
  Bench bench;
  ShareReader reader(bench.share(batch(0, 5) + batch(5, 5) + batch(10, 5), 7), bench.limits);
  CHECK(reader.position() == 7);
  records::RecordView record;
  REQUIRE(reader.next(record));
  CHECK(record.offset == 7);
  CHECK(reader.position() == 8);
  CHECK((walk(reader) == Offsets{8, 9, 10, 11, 12, 13, 14}));
  CHECK(reader.position() == 15);
  CHECK_FALSE(reader.failed());
}

TEST_CASE("share reader: offsets that compaction took from a batch's end count as passed") {
  Bench bench;
  Written compacted;
  compacted.holes = 4;
  ShareReader reader(bench.share(batch(0, 2, compacted) + batch(6, 1), 0), bench.limits);
  records::RecordView record;
  REQUIRE(reader.next(record));
  REQUIRE(reader.next(record));
  CHECK(reader.position() == 2);
  REQUIRE(reader.next(record));
  CHECK(record.offset == 6);
  CHECK(reader.position() == 7);
  CHECK_FALSE(reader.next(record));
  CHECK(reader.position() == 7);
}

TEST_CASE("share reader: a batch that compaction emptied moves the position all the same") {
  Bench bench;
  records::BatchBuilder builder;
  builder.skip(8);
  const std::string empty = builder.finish(0);
  ShareReader reader(bench.share(empty, 3), bench.limits);
  records::RecordView record;
  CHECK_FALSE(reader.next(record));
  CHECK_FALSE(reader.failed());
  CHECK(reader.position() == 8);
}

TEST_CASE("share reader: control batches are not records") {
  Bench bench;
  const std::string bytes = batch(0, 2) + marker(2, 9, records::ControlType::commit) + batch(3, 1) +
                            marker(4, 9, records::ControlType::commit);
  ShareReader reader(bench.share(bytes, 0), bench.limits);
  CHECK((walk(reader) == Offsets{0, 1, 3}));
  CHECK(reader.position() == 5);
}

TEST_CASE("share reader: aborted transactions are left out, compressed ones too, and only from their first offset on") {
  Bench bench;
  Written nine, ten;
  nine.producer_id = 9;
  ten.producer_id = 10;
  ten.codec = Codec::zstd;
  const std::string bytes = batch(0, 2, nine) + marker(2, 9, records::ControlType::commit) + batch(3, 2, nine) +
                            batch(5, 1, ten) + marker(6, 9, records::ControlType::abort) + batch(7, 2, nine) +
                            marker(9, 10, records::ControlType::abort) + batch(10, 1);
  bench.aborted = {{10, 5}, {9, 3}};  // in any order
  ShareReader reader(bench.share(bytes, 0), bench.limits);
  CHECK((walk(reader) == Offsets{0, 1, 7, 8, 10}));
  CHECK(reader.aborted_batches() == 2);
  CHECK(reader.position() == 11);

  bench.limits.isolation = client::Isolation::read_uncommitted;
  ShareReader all(bench.share(bytes, 0), bench.limits);
  CHECK((walk(all) == Offsets{0, 1, 3, 4, 5, 7, 8, 10}));
  CHECK(all.aborted_batches() == 0);
}

TEST_CASE("share reader: an abort marker below the position still ends its transaction") {
  Bench bench;
  Written nine;
  nine.producer_id = 9;
  const std::string bytes = batch(0, 2, nine) + marker(2, 9, records::ControlType::abort) + batch(3, 2, nine);
  bench.aborted = {{9, 0}};
  ShareReader reader(bench.share(bytes, 3), bench.limits);
  CHECK((walk(reader) == Offsets{3, 4}));
}

TEST_CASE("share reader: a wrong checksum in the middle stops before anything of that batch is believed") {
  for (const std::size_t byte : {std::size_t{23}, std::size_t{26}, std::size_t{60}, std::size_t{70}}) {
    CAPTURE(byte);
    Bench bench;
    const std::string good = batch(0, 3);
    std::string bad = batch(3, 3);
    bad[byte] = static_cast<char>(bad[byte] ^ 0x40);
    ShareReader reader(bench.share(good + bad + batch(6, 3), 0), bench.limits);
    CHECK((walk(reader) == Offsets{0, 1, 2}));
    REQUIRE(reader.failed());
    CHECK(reader.position() == 3);
    CHECK(reader.failed_first() == 3);
    CHECK(contains(reader.why(), "CRC"));
    records::RecordView record;
    CHECK_FALSE(reader.next(record));
    CHECK(reader.position() == 3);
  }
}

TEST_CASE("share reader: a control bit or a delta that the checksum denies skips nothing") {
  Bench bench;
  std::string bad = batch(0, 3);
  bad[22] = static_cast<char>(bad[22] | 0x20);  // control
  ShareReader reader(bench.share(bad + batch(3, 1), 0), bench.limits);
  CHECK(walk(reader).empty());
  CHECK(reader.failed());
  CHECK(reader.position() == 0);

  std::string below = batch(10, 1);
  below[26] = static_cast<char>(below[26] ^ 0x01);  // last offset delta
  ShareReader second(bench.share(below, 11), bench.limits);
  CHECK(walk(second).empty());
  CHECK(second.failed());
}

TEST_CASE("share reader: a last batch that is cut short is the normal end") {
  Bench bench;
  const std::string first = batch(0, 3), second = batch(3, 3);
  for (std::size_t size = 0; size < second.size(); ++size) {
    ShareReader reader(bench.share(first + second.substr(0, size), 0), bench.limits);
    CHECK((walk(reader) == Offsets{0, 1, 2}));
    CHECK_FALSE(reader.failed());
    CHECK(reader.position() == 3);
  }
}

TEST_CASE("share reader: bytes that are no batch are an error of their own, at the position") {
  Bench bench;
  std::string old = batch(3, 1);
  old[16] = 3;  // magic
  ShareReader reader(bench.share(batch(0, 3) + old, 0), bench.limits);
  CHECK((walk(reader) == Offsets{0, 1, 2}));
  REQUIRE(reader.failed());
  CHECK(contains(reader.why(), "magic 3"));
  CHECK_FALSE(contains(reader.why(), "offsets 0 to 2"));  // the batch before was fine
  CHECK(reader.failed_first() == 3);
  CHECK(reader.failed_next() == 3);
}

TEST_CASE("share reader: a record that lies about its length fails the batch behind the records before it") {
  Bench bench;
  std::string bad = batch(0, 3);
  bad[records::batch_header_size + 2 * ((bad.size() - records::batch_header_size) / 3)] = 0x7e;
  records::seal_batch(std::span<char>(bad));
  ShareReader reader(bench.share(bad, 0), bench.limits);
  CHECK((walk(reader) == Offsets{0, 1}));
  CHECK(reader.failed());
  CHECK(reader.position() == 2);
  CHECK(contains(reader.why(), "offsets 0 to 2"));
}

TEST_CASE("share reader: every codec is read here when small, and on a worker when large") {
  for (const Codec codec : {Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd}) {
    CAPTURE(static_cast<int>(codec));
    Bench bench;
    Written small, large;
    small.codec = large.codec = codec;
    large.value_bytes = 3 << 20;
    {
      ShareReader reader(bench.share(batch(0, 10, small) + batch(10, 1, large) + batch(11, 2, small), 0), bench.limits);
      CHECK(walk(reader).size() == 10);
      CHECK_FALSE(reader.failed());
      REQUIRE(reader.wants_worker());
      CHECK(reader.position() == 10);
      records::RecordView record;
      CHECK_FALSE(reader.next(record));  // still
      CHECK(reader.wants_worker());
      reader.prepare();
      CHECK_FALSE(reader.wants_worker());
      REQUIRE(reader.next(record));
      CHECK(record.offset == 10);
      CHECK(record.value.size() == 3u << 20);
      CHECK(bench.pool.used() > 3 << 20);  // what is decompressed counts
      CHECK((walk(reader) == Offsets{11, 12}));
      CHECK(reader.position() == 13);
    }
    CHECK(bench.pool.used() == 0);
  }
}

TEST_CASE("share reader: a batch that would decompress beyond the bound is an error, here and on a worker") {
  for (const Codec codec : {Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd}) {
    CAPTURE(static_cast<int>(codec));
    Bench bench;
    Written bomb;
    bomb.codec = codec;
    bomb.value_bytes = 8 << 20;
    const std::string bytes = batch(0, 2) + batch(2, 1, bomb) + batch(3, 1);
    for (const std::size_t bound : {std::size_t{64} << 10, std::size_t{4} << 20}) {
      bench.limits.decompressed_batch_bytes_max = bound;
      ShareReader reader(bench.share(bytes, 0), bench.limits);
      CHECK((walk(reader) == Offsets{0, 1}));
      if (reader.wants_worker()) reader.prepare();
      records::RecordView record;
      CHECK_FALSE(reader.next(record));
      REQUIRE(reader.failed());
      CHECK(reader.position() == 2);
      CHECK(reader.failed_first() == 2);
      CHECK(reader.failed_next() == 3);
      CHECK(contains(reader.why(), std::to_string(bound)));
      CHECK(bench.pool.used() < static_cast<std::int64_t>(bytes.size() + 2 * bound + 8192));
    }
    CHECK(bench.pool.used() == 0);
  }
}

TEST_CASE("share reader: compressed bytes that are damaged but rightly sealed are an error") {
  for (const Codec codec : {Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd}) {
    CAPTURE(static_cast<int>(codec));
    Bench bench;
    Written written;
    written.codec = codec;
    std::string bad = batch(0, 20, written);
    bad.resize(bad.size() - 4);
    records::seal_batch(std::span<char>(bad));
    ShareReader reader(bench.share(bad + batch(20, 1), 0), bench.limits);
    CHECK(walk(reader).size() < 20);
    CHECK(reader.failed());
    CHECK_FALSE(reader.why().empty());
  }
}

TEST_CASE("share reader: an unknown codec is an error whatever the size") {
  for (const std::size_t value_bytes : {std::size_t{5}, std::size_t{1} << 20}) {
    Bench bench;
    Written written;
    written.value_bytes = value_bytes;
    std::string bad = batch(0, 1, written);
    bad[22] = static_cast<char>(bad[22] | 0x07);
    records::seal_batch(std::span<char>(bad));
    ShareReader reader(bench.share(bad, 0), bench.limits);
    CHECK(walk(reader).empty());
    if (reader.wants_worker()) reader.prepare();
    CHECK(walk(reader).empty());
    CHECK(reader.failed());
  }
}

TEST_CASE("share reader: dropped in the middle it gives everything back") {
  Bench bench;
  Written written;
  written.codec = Codec::lz4;
  {
    ShareReader reader(bench.share(batch(0, 100, written), 0), bench.limits);
    records::RecordView record;
    REQUIRE(reader.next(record));
    CHECK(bench.pool.used() > 0);
  }
  CHECK(bench.pool.used() == 0);
}

TEST_CASE("share reader: message sets of old take the same way as batches") {
  for (const std::int8_t magic : {std::int8_t{0}, std::int8_t{1}}) {
    for (const Codec codec : {Codec::none, Codec::gzip, Codec::snappy, Codec::lz4}) {
      CAPTURE(int{magic});
      CAPTURE(records::name(codec));
      Bench bench;
      records::MessageSetBuilder builder{records::MessageSetOptions(magic, codec)};
      for (int i = 0; i < 6; ++i) builder.append(1'000 + i, "k", "value");
      const std::string set = builder.finish(10);
      // The broker sends the whole wrapper, whatever lies below the position.
      ShareReader reader(bench.share(set + batch(16, 2), 13), bench.limits);
      CHECK((walk(reader) == Offsets{13, 14, 15, 16, 17}));
      CHECK_FALSE(reader.failed());
      CHECK(reader.position() == 18);

      std::string bad = set;
      bad[bad.size() - 3] = static_cast<char>(bad[bad.size() - 3] ^ 1);
      ShareReader stops(bench.share(bad, 10), bench.limits);
      const Offsets before = walk(stops);
      CHECK(before.size() == (codec == Codec::none ? 5u : 0u));
      REQUIRE(stops.failed());
      CHECK(contains(stops.why(), "CRC-32)"));
      CHECK(stops.failed_first() == stops.position());
      CHECK(stops.failed_next() == 16);
    }
  }
}

TEST_CASE("share reader: offsets that run backwards from batch to batch are given out once") {
  Bench bench;
  ShareReader reader(bench.share(batch(0, 3) + batch(0, 5) + batch(2, 1) + batch(5, 1), 0), bench.limits);
  CHECK((walk(reader) == Offsets{0, 1, 2, 3, 4, 5}));
  CHECK(reader.position() == 6);
}
