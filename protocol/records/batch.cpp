#include "barnabas/protocol/records/batch.hpp"

#include <fmt/format.h>

#include "barnabas/protocol/records/crc32c.hpp"
#include "barnabas/protocol/records/legacy.hpp"

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

int64 length_min(int magic) {
  switch (magic) {
    case 0: return message_length_min_v0;
    case 1: return message_length_min_v1;
    default: return batch_header_size - batch_length_end;
  }
}

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

BatchView::BatchView(bytes whole)
    : header_(whole[at_magic] < 2 ? load_message_header(whole) : BatchHeader::load(whole.data())), whole_(whole) {}

bool BatchView::crc_ok() const {
  return (header_.is_legacy() ? message_crc(whole_) : crc32c(whole_.subspan(batch_crc_end))) == header_.crc;
}

bytes BatchView::legacy_body() const {
  if (header_.codec() == Codec::none) return whole_;
  Message message;
  const bool sound = parse_message(whole_, message).empty();
  return sound && message.has_value ? message.value : bytes();
}

std::expected<bytes, CompressionError> decompress(const BatchView& batch, Buffer& out, std::size_t bytes_max) {
  const BatchHeader& header = batch.header();
  if (!header.is_legacy() || header.codec() == Codec::none) {
    return decompress(header.codec(), batch.body(), out, bytes_max);
  }
  if (header.codec() > Codec::lz4) {
    return std::unexpected(CompressionError{CompressionError::Kind::unsupported,
                                            fmt::format("compression codec {} does not exist in message format v{}",
                                                        static_cast<int>(header.codec()), header.magic)});
  }
  Message wrapper;
  std::string_view why = parse_message(batch.whole(), wrapper);
  if (why.empty() && !wrapper.has_value) why = "its value is null";
  if (!why.empty()) {
    return std::unexpected(CompressionError{CompressionError::Kind::corrupt,
                                            fmt::format("the compressed message wraps nothing: {}", why)});
  }
  const Lz4Checksum checksum = header.magic == 0 ? Lz4Checksum::of_magic_0 : Lz4Checksum::standard;
  return decompress(header.codec(), wrapper.value, out, bytes_max, checksum);
}

BatchWalker::Step BatchWalker::truncated(std::size_t size) {
  truncated_size_ = size;
  truncated_ = true;
  return Step::truncated;
}

BatchWalker::Step BatchWalker::broken(std::string why) {
  why_ = fmt::format("not a record batch at byte {} of {}: {}", position_, records_.size(), why);
  return Step::broken;
}

BatchWalker::Step BatchWalker::next(BatchView& out) {
  const bytes left = records_.subspan(position_);
  if (left.empty()) return Step::end;
  if (left.size() < batch_length_end) return truncated(0);
  const int64 length = load_be<int32>(left.data() + at_length);
  if (length < message_length_min_v0) return broken(fmt::format("length {}", length));
  const std::size_t size = batch_length_end + static_cast<std::size_t>(length);
  if (left.size() <= at_magic) return truncated(size);
  const int magic = load_be<int8>(left.data() + at_magic);
  if (magic < 0 || magic > 2) return broken(fmt::format("magic {} is unknown", magic));
  if (length < length_min(magic)) {
    return broken(fmt::format("length {} is less than the {} of magic {}", length, length_min(magic), magic));
  }
  if (left.size() < size) return truncated(size);

  out = BatchView(left.first(size));
  const Step step = check(out.header());
  if (step == Step::batch) position_ += size;
  return step;
}

BatchWalker::Step BatchWalker::check(const BatchHeader& header) {
  if (header.base_offset < 0) return broken(fmt::format("base offset {}", header.base_offset));
  if (header.last_offset_delta < 0 ||
      header.base_offset > std::numeric_limits<int64>::max() - 1 - header.last_offset_delta) {
    return broken(fmt::format("base offset {}, last offset delta {}", header.base_offset, header.last_offset_delta));
  }
  if (header.record_count < 0 && !header.is_legacy()) {
    return broken(fmt::format("base offset {}, record count {}", header.base_offset, header.record_count));
  }
  return Step::batch;
}

}  // namespace barnabas::records
