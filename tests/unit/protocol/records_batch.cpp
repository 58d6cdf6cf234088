#include <doctest/doctest.h>

#include "barnabas/protocol/records/batch.hpp"
#include "records_support.hpp"

namespace barnabas::records {
namespace {

using namespace testing;
using Step = BatchWalker::Step;

// Two records at offset 42: {"key": "value"} with headers h=x and n=null, and {null: ""} 100 ms later. Computed apart
// from this code.
const std::string golden = unhex(
    "000000000000002a 0000004f 00000007 02 147926fd 0000 00000001 0000018bcfe56800 0000018bcfe56864"
    "ffffffffffffffff ffff ffffffff 00000002"
    "2a 00 00 00 06 6b6579 0a 76616c7565 04 02 68 02 78 02 6e 01"
    "0e 00 c801 02 01 00 00");

TEST_CASE("batch: the header's fields") {
  const BatchView batch{bytes(golden)};
  const BatchHeader& header = batch.header();
  CHECK(header.base_offset == 42);
  CHECK(header.length == 79);
  CHECK(header.leader_epoch == 7);
  CHECK(header.magic == 2);
  CHECK(header.crc == 0x147926fd);
  CHECK(header.attributes == 0);
  CHECK(header.last_offset_delta == 1);
  CHECK(header.base_timestamp == 1'700'000'000'000);
  CHECK(header.max_timestamp == 1'700'000'000'100);
  CHECK(header.producer_id == -1);
  CHECK(header.producer_epoch == -1);
  CHECK(header.base_sequence == -1);
  CHECK(header.record_count == 2);
  CHECK(header.last_offset() == 43);
  CHECK(header.next_offset() == 44);
  CHECK(batch.crc_ok());
  CHECK(batch.body().size() == golden.size() - 61);
  CHECK(text_of(batch.whole()) == golden);
  std::string stored(61, '\0');
  header.store(stored.data());
  CHECK(stored == golden.substr(0, 61));
}

TEST_CASE("batch: the bits of attributes") {
  BatchHeader header;
  const auto with = [&](int attributes) {
    header.attributes = static_cast<int16>(attributes);
    return header;
  };
  CHECK(with(0).codec() == Codec::none);
  CHECK(with(1).codec() == Codec::gzip);
  CHECK(with(2).codec() == Codec::snappy);
  CHECK(with(3).codec() == Codec::lz4);
  CHECK(with(4).codec() == Codec::zstd);
  CHECK(with(0xfff8).codec() == Codec::none);
  CHECK(with(0x08).log_append_time());
  CHECK(with(0x10).is_transactional());
  CHECK(with(0x20).is_control());
  CHECK(with(0x40).has_delete_horizon());
  const BatchHeader none = with(0x07);
  CHECK(!(none.log_append_time() || none.is_transactional() || none.is_control() || none.has_delete_horizon()));
}

TEST_CASE("batch: a flipped bit anywhere under the checksum, or in it, is found") {
  for (std::size_t at = 17; at < golden.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = golden;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
      REQUIRE(!BatchView{bytes(damaged)}.crc_ok());
    }
  }
  for (std::size_t at = 0; at < 17; ++at) {
    std::string other = golden;
    other[at] ^= 1;
    REQUIRE(BatchView{bytes(other)}.crc_ok());  // offset, length, epoch and magic are outside of it
  }
}

TEST_CASE("walker: batches one after the other, then the end") {
  const std::string second = control_batch(44, 9, 0, ControlType::commit, 5);
  const std::string all = golden + second;
  BatchWalker walker{bytes(all)};
  BatchView batch;
  REQUIRE(walker.next(batch) == Step::batch);
  CHECK(batch.header().base_offset == 42);
  CHECK(walker.position() == golden.size());
  REQUIRE(walker.next(batch) == Step::batch);
  CHECK(batch.header().is_control());
  CHECK(text_of(batch.whole()) == second);
  CHECK(walker.next(batch) == Step::end);
  CHECK(walker.next(batch) == Step::end);
  CHECK(walker.why().empty());
  BatchWalker nothing;
  CHECK(nothing.next(batch) == Step::end);
}

TEST_CASE("walker: a last batch cut short anywhere") {
  const std::string all = golden + golden;
  for (std::size_t size = golden.size() + 1; size < all.size(); ++size) {
    CAPTURE(size);
    BatchWalker walker{bytes(all).first(size)};
    BatchView batch;
    REQUIRE(walker.next(batch) == Step::batch);
    REQUIRE(walker.next(batch) == Step::truncated);
    CHECK(walker.next(batch) == Step::truncated);
    CHECK(walker.position() == golden.size());
    CHECK(walker.truncated_size() == (size < golden.size() + 12 ? 0 : golden.size()));
    CHECK(!walker.why().empty());
  }
}

// What the walker says about the golden batch with `value` written over the bytes from `at` on.
template <class T>
std::pair<Step, std::string> walk_with(std::size_t at, T value, std::string damaged = golden) {
  store_be(damaged.data() + at, value);
  BatchWalker walker{bytes(damaged)};
  BatchView batch;
  const Step step = walker.next(batch);
  return {step, std::string(walker.why())};
}

TEST_CASE("walker: impossible lengths") {
  for (int32 length : {std::numeric_limits<int32>::min(), -1, 0, 13, 14, 48}) {
    CAPTURE(length);
    const auto [step, why] = walk_with<int32>(8, length);
    CHECK(step == Step::broken);
    CHECK(why.find(std::to_string(length)) != std::string::npos);
  }
  CHECK(walk_with<int32>(8, 49).first == Step::batch);
  CHECK(walk_with<int32>(8, 80).first == Step::truncated);
  CHECK(walk_with<int32>(8, std::numeric_limits<int32>::max()).first == Step::truncated);
}

TEST_CASE("walker: a magic that nobody has defined is named") {
  for (int8 magic : {-128, -1, 3, 127}) {
    const auto [step, why] = walk_with<int8>(16, magic);
    CHECK(step == Step::broken);
    CHECK(why.find("magic " + std::to_string(magic)) != std::string::npos);
  }
  // The shortest message of magic 0 is shorter than any batch.
  const std::string v0 =
      be<int64>(5) + be<int32>(14) + be<int32>(0) + std::string(2, '\0') + be<int32>(-1) + be<int32>(-1);
  BatchWalker walker{bytes(v0)};
  BatchView batch;
  CHECK(walker.next(batch) == Step::batch);
  CHECK(batch.header().magic == 0);
  // And as short it is nothing in magic 1.
  CHECK(walk_with<int8>(16, 1, v0).first == Step::broken);
}

TEST_CASE("walker: offsets that are negative, run backwards or overflow") {
  constexpr int64 highest = std::numeric_limits<int64>::max();
  CHECK(walk_with<int64>(0, -1).first == Step::broken);
  CHECK(walk_with<int64>(0, highest).first == Step::broken);
  CHECK(walk_with<int64>(0, highest - 1).first == Step::broken);  // last offset delta is 1
  CHECK(walk_with<int64>(0, highest - 2).first == Step::batch);
  CHECK(walk_with<int64>(0, 0).first == Step::batch);
  CHECK(walk_with<int32>(23, -1).first == Step::broken);
  CHECK(walk_with<int32>(23, std::numeric_limits<int32>::max()).first == Step::batch);
  CHECK(walk_with<int32>(57, -1).first == Step::broken);
  CHECK(walk_with<int32>(57, 0).first == Step::batch);
}

TEST_CASE("walker: after something broken it goes no further") {
  std::string all = golden + golden;
  all[golden.size() + 16] = 9;
  BatchWalker walker{bytes(all)};
  BatchView batch;
  REQUIRE(walker.next(batch) == Step::batch);
  CHECK(walker.next(batch) == Step::broken);
  CHECK(walker.next(batch) == Step::broken);
  CHECK(walker.position() == golden.size());
  CHECK(walker.why().find("byte " + std::to_string(golden.size())) != std::string_view::npos);
}

TEST_CASE("walker: random bytes end somewhere, without harm") {
  std::mt19937_64 random(3);
  for (int round = 0; round < 5000; ++round) {
    std::string data = golden + golden + golden;
    for (uint64 i = 0; i <= random() % 6; ++i) data[random() % data.size()] = static_cast<char>(random());
    BatchWalker walker{bytes(data)};
    BatchView batch;
    std::size_t walked = 0;
    while (walker.next(batch) == Step::batch) {
      walked += batch.whole().size();
      REQUIRE(walker.position() == walked);
      REQUIRE(batch.header().next_offset() > batch.header().base_offset);
    }
    REQUIRE(walked <= data.size());
  }
}

}  // namespace
}  // namespace barnabas::records
