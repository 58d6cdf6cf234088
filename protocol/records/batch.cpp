#include "barnabas/protocol/records/batch.hpp"

#include <fmt/format.h>

#include "barnabas/protocol/records/crc32c.hpp"

namespace barnabas::records {
namespace {

// Where the fields of the header stand.
enum At : std::size_t {
  at_base_offset = 0,
  at_length = 8,
  at_leader_epoch = 12,
  at_magic = 16,
  at_crc = 17,
  at_attributes = batch_crc_end,
  at_last_offset_delta = 23,
  at_base_timestamp = 27,
  at_max_timestamp = 35,
  at_producer_id = 43,
  at_producer_epoch = 51,
  at_base_sequence = 53,
  at_record_count = 57,
};

constexpr int64 length_min = batch_header_size - batch_length_end;
// A message of magic 0 with neither key nor value is the shortest thing that may stand in a log.
constexpr int64 length_min_of_any_magic = 14;

}  // namespace

BatchHeader BatchHeader::load(const char* from) {
  return {
      .base_offset = load_be<int64>(from + at_base_offset),
      .length = load_be<int32>(from + at_length),
      .leader_epoch = load_be<int32>(from + at_leader_epoch),
      .magic = load_be<int8>(from + at_magic),
      .crc = load_be<uint32>(from + at_crc),
      .attributes = load_be<int16>(from + at_attributes),
      .last_offset_delta = load_be<int32>(from + at_last_offset_delta),
      .base_timestamp = load_be<int64>(from + at_base_timestamp),
      .max_timestamp = load_be<int64>(from + at_max_timestamp),
      .producer_id = load_be<int64>(from + at_producer_id),
      .producer_epoch = load_be<int16>(from + at_producer_epoch),
      .base_sequence = load_be<int32>(from + at_base_sequence),
      .record_count = load_be<int32>(from + at_record_count),
  };
}

void BatchHeader::store(char* to) const {
  store_be(to + at_base_offset, base_offset);
  store_be(to + at_length, length);
  store_be(to + at_leader_epoch, leader_epoch);
  store_be(to + at_magic, magic);
  store_be(to + at_crc, crc);
  store_be(to + at_attributes, attributes);
  store_be(to + at_last_offset_delta, last_offset_delta);
  store_be(to + at_base_timestamp, base_timestamp);
  store_be(to + at_max_timestamp, max_timestamp);
  store_be(to + at_producer_id, producer_id);
  store_be(to + at_producer_epoch, producer_epoch);
  store_be(to + at_base_sequence, base_sequence);
  store_be(to + at_record_count, record_count);
}

bool BatchView::crc_ok() const { return crc32c(whole_.subspan(batch_crc_end)) == header_.crc; }

BatchWalker::Step BatchWalker::truncated(std::size_t size) {
  truncated_size_ = size;
  truncated_ = true;
  return Step::truncated;
}

BatchWalker::Step BatchWalker::broken(std::string why) {
  why_ = fmt::format("not a record batch at byte {} of {}: {}", position_, records_.size(), why);
  return Step::broken;
}

// Magic 0 and 1 share offset, length and the magic's place with batches, so a reader of message sets can start right
// here.
BatchWalker::Step BatchWalker::broken_magic(int magic) {
  if (magic != 0 && magic != 1) return broken(fmt::format("magic {} is unknown", magic));
  return broken(fmt::format("it is in message format v{} (magic {}, written before Kafka 0.11), which is not read yet",
                            magic, magic));
}

BatchWalker::Step BatchWalker::next(BatchView& out) {
  const bytes left = records_.subspan(position_);
  if (left.empty()) return Step::end;
  if (left.size() < batch_length_end) return truncated(0);
  const int64 length = load_be<int32>(left.data() + at_length);
  if (length < length_min_of_any_magic) return broken(fmt::format("length {}", length));
  const std::size_t size = batch_length_end + static_cast<std::size_t>(length);
  if (left.size() <= at_magic) return truncated(size);
  const int magic = load_be<int8>(left.data() + at_magic);
  if (magic != 2) return broken_magic(magic);
  if (length < length_min) return broken(fmt::format("length {} is less than the header's {}", length, length_min));
  if (left.size() < size) return truncated(size);

  out = BatchView(left.first(size));
  const BatchHeader& header = out.header();
  if (header.base_offset < 0) return broken(fmt::format("base offset {}", header.base_offset));
  if (header.last_offset_delta < 0 ||
      header.base_offset > std::numeric_limits<int64>::max() - 1 - header.last_offset_delta) {
    return broken(fmt::format("base offset {}, last offset delta {}", header.base_offset, header.last_offset_delta));
  }
  if (header.record_count < 0) {
    return broken(fmt::format("base offset {}, record count {}", header.base_offset, header.record_count));
  }
  position_ += size;
  return Step::batch;
}

}  // namespace barnabas::records
