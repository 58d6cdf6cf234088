#include "barnabas/client/fetch/share.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace barnabas::client {
namespace {

// Decompressing more than this takes over a millisecond or so, which is too long for the loop.
constexpr std::size_t inline_result_bytes_max = 2 << 20;

std::size_t inline_input_bytes_max(records::Codec codec) {
  switch (codec) {
    case records::Codec::gzip: return 64 << 10;
    case records::Codec::zstd: return 128 << 10;
    default: return 512 << 10;
  }
}

}  // namespace

ShareReader::ShareReader(Share share, Limits limits)
    : share_(std::move(share)),
      limits_(limits),
      walker_(share_.records),
      aborted_(std::move(share_.aborted)),
      position_(share_.position),
      covered_(share_.position) {}

ShareReader::~ShareReader() {
  if (!has_buffer_) return;
  share_.block.pool().release(charged_);
  share_.block.pool().give_buffer(std::move(buffer_));
}

/// Finds the next batch that holds records for the reader; false when there is none now.
bool ShareReader::open_batch() {
  if (state_ == State::prepared) {
    state_ = State::reading;
    settle_charge();
    return enter(body_);
  }
  while (state_ == State::reading) {
    const bool held = std::exchange(is_batch_held_, false);
    const auto step = held ? records::BatchWalker::Step::batch : walker_.next(batch_);
    if (step == records::BatchWalker::Step::broken) {
      state_ = State::failed;
      failed_first_ = failed_next_ = position_;  // nothing of its header can be believed
      why_ = fmt::format("behind offset {}: {}", position_ - 1, walker_.why());
      return false;
    }
    if (step != records::BatchWalker::Step::batch) {
      state_ = State::ended;
      return false;
    }
    const records::BatchHeader& header = batch_.header();
    // The checksum comes before any decision that skips data: the fields it rests on lie under it.
    if (!held && !batch_.crc_ok()) {
      return fail(fmt::format("the checksum (CRC-32{}) of the batch does not match", header.is_legacy() ? "" : "C"));
    }
    const bool aborted = aborted_.aborted(batch_) && limits_.isolation == Isolation::read_committed;
    if (limits_.gaps) note_gap(covered_, header.base_offset);
    if (header.next_offset() <= position_) {
      covered_ = std::max(covered_, header.next_offset());
      continue;
    }
    if (!header.is_legacy() && header.base_offset >= share_.end) {
      is_batch_held_ = true;
      return end_here();
    }
    if (header.is_control() || aborted) {
      if (limits_.gaps) note_gap(std::max(covered_, header.base_offset), header.next_offset());
      aborted_batches_ += aborted;
      position_ = std::max(position_, std::min(header.next_offset(), share_.end));
      continue;
    }
    if (header.codec() == records::Codec::none) return enter(batch_.body());
    return decompress_here();
  }
  return false;
}

bool ShareReader::enter(protocol::bytes body) {
  if (limits_.gaps) note_gaps_inside(body);
  cursor_ = records::RecordCursor(batch_.header(), body);
  in_batch_ = true;
  return true;
}

bool ShareReader::close_batch() {
  in_batch_ = false;
  if (cursor_.failed()) return fail(std::string(cursor_.why()));
  position_ = std::max(position_, std::min(batch_.header().next_offset(), share_.end));
  return true;
}

bool ShareReader::end_here() {
  in_batch_ = false;
  position_ = std::max(position_, share_.end);
  state_ = State::ended;
  return false;
}

bool ShareReader::end_at(const records::RecordView& record) {
  held_ = record;
  is_record_held_ = true;
  return end_here();
}

bool ShareReader::next_window(std::int64_t first, std::int64_t end, records::RecordView& record) {
  share_.end = end;
  position_ = std::max(position_, first);
  if (state_ == State::ended && (is_record_held_ || is_batch_held_)) state_ = State::reading;
  if (!is_record_held_) return next(record);
  if (held_.offset >= end) return end_here();
  in_batch_ = true;
  is_record_held_ = false;
  if (held_.offset < position_) return next(record);
  record = held_;
  position_ = record.offset + 1;
  return true;
}

void ShareReader::note_gap(std::int64_t first, std::int64_t next) {
  first = std::max(first, covered_);
  if (first >= next) return;
  covered_ = next;
  if (!gaps_.empty() && gaps_.back().next == first) {
    gaps_.back().next = next;
  } else {
    gaps_.push_back({first, next});
  }
}

/// A batch with as many records as offsets has no gap: only what was compacted is read twice.
void ShareReader::note_gaps_inside(protocol::bytes body) {
  const records::BatchHeader& header = batch_.header();
  if (header.is_legacy() || header.record_count != header.last_offset_delta + 1) {
    records::RecordCursor ahead(header, body);
    records::RecordView record;
    while (ahead.next(record)) {
      note_gap(covered_, record.offset);
      covered_ = std::max(covered_, record.offset + 1);
    }
    if (ahead.failed()) return;
    note_gap(covered_, header.next_offset());
  }
  covered_ = std::max(covered_, header.next_offset());
}

bool ShareReader::decompress_here() {
  if (!has_buffer_) {
    buffer_ = share_.block.pool().take_buffer();
    has_buffer_ = true;
  }
  const auto codec = batch_.header().codec();
  const auto bound = std::min(inline_result_bytes_max, limits_.decompressed_batch_bytes_max);
  if (batch_.body().size() <= inline_input_bytes_max(codec)) {
    auto body = records::decompress(batch_, buffer_, bound);
    settle_charge();
    if (body) return enter(*body);
    if (body.error().kind != records::CompressionError::Kind::too_large ||
        bound == limits_.decompressed_batch_bytes_max) {
      return fail(body.error().what);
    }
  }
  state_ = State::wants_worker;
  return false;
}

void ShareReader::prepare() {
  auto body = records::decompress(batch_, buffer_, limits_.decompressed_batch_bytes_max);
  if (!body) {
    fail(body.error().what);
    return;
  }
  body_ = *body;
  state_ = State::prepared;
}

void ShareReader::settle_charge() {
  const auto capacity = static_cast<std::int64_t>(buffer_.capacity());
  share_.block.pool().charge(capacity - charged_);
  charged_ = capacity;
}

bool ShareReader::fail(std::string why) {
  state_ = State::failed;
  // A compressed message of magic 0 or 1 bears the offset of the last one inside.
  failed_first_ = batch_.header().is_legacy() ? position_ : batch_.header().base_offset;
  failed_next_ = batch_.header().next_offset();
  records::BatchView behind;
  records::BatchWalker ahead = walker_;
  // The end of a damaged batch is its header's word, the start of the next one is not.
  if (ahead.next(behind) == records::BatchWalker::Step::batch && !behind.header().is_legacy() &&
      behind.header().base_offset > failed_first_) {
    failed_next_ = std::min(failed_next_, behind.header().base_offset);
  }
  why_ = fmt::format("batch of offsets {} to {}: {}", failed_first_, failed_next_ - 1, why);
  return false;
}

}  // namespace barnabas::client
