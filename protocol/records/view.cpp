#include "barnabas/protocol/records/view.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace barnabas::records {

RawVarint read_raw_varint(const char* p, const char* end, int bytes_max) {
  uint64 raw = 0;
  for (int i = 0; i < bytes_max && p != end; ++i) {
    const auto byte = static_cast<uint8>(*p++);
    raw |= static_cast<uint64>(byte & 0x7f) << (7 * i);
    if (byte >= 0x80) continue;
    // The last byte has room for what is left of 32 or 64 bits.
    const bool too_long = i == varlong_bytes_max - 1 ? byte > 1 : bytes_max == varint_bytes_max && raw >> 32 != 0;
    return {too_long ? nullptr : p, raw};
  }
  return {nullptr, raw};
}

void HeaderRange::iterator::parse() {
  if (left_ == 0) return;
  int32 size = 0;
  at_ = read_varint(at_, end_, size);
  header_.key = string(at_, static_cast<std::size_t>(size));
  at_ += size;
  at_ = read_varint(at_, end_, size);
  header_.has_value = size >= 0;
  header_.value = size > 0 ? bytes(at_, static_cast<std::size_t>(size)) : bytes();
  at_ += header_.value.size();
}

OwnedRecord RecordView::own() const { return OwnedRecord(*this); }

OwnedRecord::OwnedRecord(const RecordView& record) : record_(record) {
  data_.reserve(record.key.size() + record.value.size() + record.unparsed_headers.size());
  for (bytes part : {record.key, record.value, record.unparsed_headers}) data_.append(part.data(), part.size());
}

RecordView OwnedRecord::view() const {
  RecordView record = record_;
  const bytes all(data_);
  record.key = all.first(record_.key.size());
  record.value = all.subspan(record.key.size(), record_.value.size());
  record.unparsed_headers = all.subspan(record.key.size() + record.value.size());
  return record;
}

RecordCursor::RecordCursor(const BatchHeader& header, bytes decompressed)
    : at_(decompressed.data()),
      end_(decompressed.data() + decompressed.size()),
      base_offset_(header.base_offset),
      base_timestamp_(header.base_timestamp),
      append_time_(header.max_timestamp),
      count_(header.record_count),
      last_offset_delta_(header.last_offset_delta),
      magic_(header.magic),
      log_append_time_(header.log_append_time()) {
  if (header.is_legacy()) {
    begin_messages(header);
  } else if (count_ < 0) {
    count_ = 0;
    fail(fmt::format("the batch's record count is {}", header.record_count));
  }
}

bool RecordCursor::finish() {
  if (failed_) return false;
  if (index_ < count_) return fail("the batch ends before it");
  if (at_ != end_) return fail(fmt::format("{} bytes are left behind the last record", end_ - at_));
  return false;
}

[[gnu::always_inline]] inline bool RecordCursor::take_varint(const char*& p, const char* end, std::string_view field,
                                                             int32& value) {
  const char* const next = read_varint(p, end, value);
  if (next == nullptr) [[unlikely]]
    return fail_varint(field, p, end, varint_bytes_max);
  p = next;
  return true;
}

[[gnu::always_inline]] inline bool RecordCursor::take_length(const char*& p, const char* end, std::string_view field,
                                                             int32 min, int32& length) {
  if (!take_varint(p, end, field, length)) return false;
  if (length < min || length > end - p) [[unlikely]]
    return fail_length(field, length, end - p);
  return true;
}

[[gnu::always_inline]] inline bool RecordCursor::take_data(const char*& p, const char* end, std::string_view field,
                                                           bytes& data, bool& has) {
  int32 length = 0;
  if (!take_length(p, end, field, -1, length)) return false;
  has = length >= 0;
  data = bytes(p, has ? static_cast<std::size_t>(length) : 0);
  p += data.size();
  return true;
}

bool RecordCursor::read(RecordView& out) {
  if (magic_ < 2) [[unlikely]]
    return read_message(out);
  const char* p = at_;
  int32 length = 0;
  if (!take_length(p, end_, "length", 0, length)) return false;
  const char* const end = p + length;

  if (p == end) return fail("its length is 0");
  ++p;  // attributes, of which no bit is in use
  int64 timestamp_delta = 0;
  const char* const after_timestamp = read_varlong(p, end, timestamp_delta);
  if (after_timestamp == nullptr) return fail_varint("timestamp delta", p, end, varlong_bytes_max);
  p = after_timestamp;
  int32 offset_delta = 0, headers = 0;
  if (!take_varint(p, end, "offset delta", offset_delta)) return false;
  if (offset_delta <= previous_delta_ || offset_delta > last_offset_delta_) return fail_offset(offset_delta);
  if (!take_data(p, end, "key length", out.key, out.has_key)) return false;
  if (!take_data(p, end, "value length", out.value, out.has_value)) return false;
  if (!take_varint(p, end, "header count", headers)) return false;
  out.unparsed_headers = bytes(p, static_cast<std::size_t>(end - p));
  if (headers != 0) {
    p = headers_as_before(p, end, headers) ? end : skip_headers(p, end, headers);
    if (p == nullptr) return false;
  }
  if (p != end) return fail_left_over(end - p);

  out.header_count = static_cast<uint32>(headers);
  out.offset = base_offset_ + offset_delta;
  // Unsigned, because a hostile delta may overflow.
  out.timestamp_ms =
      log_append_time_
          ? append_time_
          : static_cast<int64>(static_cast<uint64>(base_timestamp_) + static_cast<uint64>(timestamp_delta));
  previous_delta_ = offset_delta;
  at_ = end;
  ++index_;
  return true;
}

/// The end of a header whose lengths take one byte each, as nearly all do, -1 for a value that is null included; null
/// when it is another one.
[[gnu::always_inline]] static inline const char* behind_plain_header(const char* p, std::ptrdiff_t left) {
  constexpr unsigned goes_on = 0x80, negative = 0x01, minus_one = 0x01;
  if (left < 2) return nullptr;
  const unsigned key = static_cast<uint8>(p[0]);
  const std::ptrdiff_t value_at = 1 + (key >> 1);
  if (value_at >= left) return nullptr;
  const unsigned value = static_cast<uint8>(p[value_at]);
  const std::ptrdiff_t size = value_at + 1 + (value >> 1);
  const bool other =
      ((key | value) & goes_on) != 0 || (key & negative) != 0 || ((value & negative) != 0 && value != minus_one);
  return other || size > left ? nullptr : p + size;
}

bool RecordCursor::headers_as_before(const char* p, const char* end, int32 count) const {
  if (count != layout_.count || end - p != layout_.size) return false;
  unsigned difference = 0;
  for (int32 i = 0; i < 2 * count; ++i) difference |= static_cast<uint8>(p[layout_.at[i]]) ^ layout_.length[i];
  return difference == 0;
}

const char* RecordCursor::skip_headers(const char* p, const char* end, int32 count) {
  constexpr int header_size_min = 2;  // two lengths
  if (count < 0 || count > (end - p) / header_size_min) {
    fail_length("header count", count, end - p);
    return nullptr;
  }
  const char* const first = p;
  bool plain = count <= HeaderLayout::headers_max;
  layout_.count = 0;
  for (int32 i = 0; i < count; ++i) {
    if (const char* const next = behind_plain_header(p, end - p)) [[likely]] {
      if (plain) note_header(2 * i, p - first, p);
      p = next;
      continue;
    }
    plain = false;
    int32 length = 0;
    if (!take_length(p, end, "header key length", 0, length)) return nullptr;
    p += length;
    if (!take_length(p, end, "header value length", -1, length)) return nullptr;
    if (length > 0) p += length;
  }
  if (plain) {
    layout_.count = count;
    layout_.size = p - first;
  }
  return p;
}

void RecordCursor::note_header(int32 index, std::ptrdiff_t at, const char* p) {
  const std::ptrdiff_t value_at = 1 + (static_cast<uint8>(p[0]) >> 1);
  layout_.at[index] = static_cast<uint16>(at);
  layout_.length[index] = static_cast<uint8>(p[0]);
  layout_.at[index + 1] = static_cast<uint16>(at + value_at);
  layout_.length[index + 1] = static_cast<uint8>(p[value_at]);
}

RecordCursor::Failure RecordCursor::fail(std::string_view what) {
  if (!failed_) why_ = fmt::format("record {} of {} in the batch at offset {}: {}", index_, count_, base_offset_, what);
  failed_ = true;
  at_ = end_;
  return {};
}

RecordCursor::Failure RecordCursor::fail_varint(std::string_view field, const char* p, const char* end, int bytes_max) {
  const bool ends = std::any_of(p, p + std::min<std::ptrdiff_t>(bytes_max, end - p),
                                [](char c) { return static_cast<uint8>(c) < 0x80; });
  const bool cut_short = !ends && end - p < bytes_max;
  return fail(fmt::format("{} is {}", field, cut_short ? "cut short" : "a varint too long"));
}

RecordCursor::Failure RecordCursor::fail_offset(int32 delta) {
  return fail(
      fmt::format("offset delta {} is not between {} and {}", delta, int64{previous_delta_} + 1, last_offset_delta_));
}

RecordCursor::Failure RecordCursor::fail_left_over(std::ptrdiff_t size) {
  return fail(fmt::format("{} bytes of it are left over", size));
}

RecordCursor::Failure RecordCursor::fail_length(std::string_view field, int64 length, std::ptrdiff_t left) {
  return fail(fmt::format("{} is {} with {} bytes left", field, length, left));
}

std::optional<int16> control_type(const RecordView& record) {
  if (record.key.size() < 4) return std::nullopt;
  return load_be<int16>(record.key.data() + 2);
}

}  // namespace barnabas::records
