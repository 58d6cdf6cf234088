#include <doctest/doctest.h>

#include "barnabas/protocol/records/builder.hpp"
#include "records_support.hpp"

// Batches as other clients write them, kept as bytes.

namespace barnabas::records {
namespace {

using namespace testing;

struct Sample {
  Codec codec;
  std::string batch;
};

// Apache Kafka 4.3.1's MemoryRecordsBuilder: three records from offset 500 on.
const Sample java_samples[] = {
    {Codec::none,
     unhex("00000000000001f400000079ffffffff02a05504370000000000020000018bcfe568000000018bcfe568c8ffffffffffffff"
           "ffffffffffffff0000000332000000012676616c75652076616c75652076616c75652030004a00c80102086b657931267661"
           "6c75652076616c75652076616c756520310402680278026e010e00900304010100")},
    {Codec::gzip,
     unhex("00000000000001f400000072ffffffff02245ce1660001000000020000018bcfe568000000018bcfe568c8ffffffffffffff"
           "ffffffffffffff000000031f8b08000000000000ff3362606060542b4bcc294d5540260d18bc184e30327164a7561a629136"
           "6461ca60aa60ca63e46398c0ccc2c8c8000016ef372548000000")},
    {Codec::snappy,
     unhex("00000000000001f400000078ffffffff0200935fce0002000000020000018bcfe568000000018bcfe568c8ffffffffffffff"
           "ffffffffffffff0000000382534e4150505900000000010000000100000033482c32000000012676616c7565202e06002c30"
           "004a00c80102086b6579314a1f0040310402680278026e010e00900304010100")},
    {Codec::lz4,
     unhex("00000000000001f400000072ffffffff02f219fda50003000000020000018bcfe568000000018bcfe568c8ffffffffffffff"
           "ffffffffffffff0000000304224d1860408232000000c832000000012676616c7565200600cf30004a00c80102086b657931"
           "1f0000f002310402680278026e010e0090030401010000000000")},
    {Codec::zstd,
     unhex("00000000000001f400000070ffffffff026961ef020004000000020000018bcfe568000000018bcfe568c8ffffffffffffff"
           "ffffffffffffff0000000328b52ffd00589c0100940232000000012676616c75652030004a00c80102086b65793131040268"
           "0278026e010e0090030401010002004225295c4902010000")},
};

// Its MemoryRecords.withEndTransactionMarker: offset 500, leader epoch 3, producer 4660, epoch 5, coordinator epoch 9,
// commit.
const std::string java_marker = unhex(
    "00000000000001f4000000420000000302b483393c0030000000000000018bcfe568000000018bcfe5680000000000000012"
    "340005ffffffff000000012000000008000000010c00000000000900");

// librdkafka 2.0.2's producer, as its mock cluster stored them from offset 0 on. Its snappy is one bare block.
const Sample librdkafka_samples[] = {
    {Codec::none,
     unhex("0000000000000000000000790000000002a05504370000000000020000018bcfe568000000018bcfe568c8ffffffffffffff"
           "ffffffffffffff0000000332000000012676616c75652076616c75652076616c75652030004a00c80102086b657931267661"
           "6c75652076616c75652076616c756520310402680278026e010e00900304010100")},
    {Codec::gzip,
     unhex("0000000000000000000000720000000002bf073b830001000000020000018bcfe568000000018bcfe568c8ffffffffffffff"
           "ffffffffffffff000000031f8b08000000000000033362606060542b4bcc294d5540260d18bc184e30327164a7561a629136"
           "6461ca60aa60ca63e46398c0ccc2c8c8000016ef372548000000")},
    {Codec::snappy,
     unhex("0000000000000000000000640000000002b04d6c4e0002000000020000018bcfe568000000018bcfe568c8ffffffffffffff"
           "ffffffffffffff00000003482c32000000012676616c7565202e06002c30004a00c80102086b6579314a1f00403104026802"
           "78026e010e00900304010100")},
    {Codec::lz4,
     unhex("0000000000000000000000720000000002f219fda50003000000020000018bcfe568000000018bcfe568c8ffffffffffffff"
           "ffffffffffffff0000000304224d1860408232000000c832000000012676616c7565200600cf30004a00c80102086b657931"
           "1f0000f002310402680278026e010e0090030401010000000000")},
    {Codec::zstd,
     unhex("00000000000000000000006d00000000028a2fb4910004000000020000018bcfe568000000018bcfe568c8ffffffffffffff"
           "ffffffffffffff0000000328b52ffd00589d0100940232000000012676616c75652030004a00c80102086b65793131040268"
           "0278026e010e0090030401010002004225295c4902")},
};

void check_records(const Sample& sample, int64 base_offset, int64 base_timestamp) {
  const BatchView batch{bytes(sample.batch)};
  CHECK(batch.crc_ok());
  CHECK(batch.header().codec() == sample.codec);
  CHECK(batch.header().next_offset() == base_offset + 3);
  const Collected all = collect(bytes(sample.batch));
  CHECK(all.why == "");
  REQUIRE(all.records.size() == 3);
  for (int i = 0; i < 3; ++i) {
    const RecordView record = all.records[static_cast<std::size_t>(i)].view();
    CHECK(record.offset == base_offset + i);
    CHECK(record.timestamp_ms == base_timestamp + 100 * i);
    CHECK(record.has_key == (i == 1));
    CHECK(record.key_text() == (i == 1 ? "key1" : ""));
    CHECK(record.has_value == (i != 2));
    CHECK(record.value_text() == (i == 2 ? "" : "value value value " + std::to_string(i)));
    std::vector<HeaderView> headers(record.headers().begin(), record.headers().end());
    REQUIRE(headers.size() == (i == 1 ? 2 : 0));
    if (i != 1) continue;
    CHECK(headers[0].key == "h");
    CHECK(headers[0].value_text() == "x");
    CHECK(headers[1].key == "n");
    CHECK(!headers[1].has_value);
  }
}

TEST_CASE("peers: what Java's client writes is read") {
  for (const Sample& sample : java_samples) {
    CAPTURE(name(sample.codec));
    check_records(sample, 500, 1'700'000'000'000);
  }
}

TEST_CASE("peers: what librdkafka writes is read") {
  for (const Sample& sample : librdkafka_samples) {
    CAPTURE(name(sample.codec));
    check_records(sample, 0, 1'700'000'000'000);
  }
}

TEST_CASE("peers: the same records make the same bytes") {
  BatchBuilder builder;
  for (const OwnedRecord& record : collect(bytes(java_samples[0].batch)).records) builder.append(record.view());
  CHECK((builder.finish(500) == java_samples[0].batch));
  for (const OwnedRecord& record : collect(bytes(librdkafka_samples[0].batch)).records) builder.append(record.view());
  std::string same = builder.finish();
  stamp_batch(same, 0, BatchHeader::load(librdkafka_samples[0].batch.data()).leader_epoch);
  CHECK((same == librdkafka_samples[0].batch));

  std::string marker = control_batch(500, 4660, 5, ControlType::commit, 1'700'000'000'000, 9);
  stamp_batch(marker, 500, 3);
  CHECK((marker == java_marker));
}

}  // namespace
}  // namespace barnabas::records
