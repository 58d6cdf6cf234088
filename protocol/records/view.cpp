#include "barnabas/protocol/records/view.hpp"

#include <fmt/format.h>

namespace barnabas::records {

VarintError read_long_varint(const char*& p, const char* end, int bytes_max, uint64 raw, uint64& value) {
  for (int i = 2; i < bytes_max; ++i) {
    if (p == end) return VarintError::cut_short;
    const auto byte = static_cast<uint8>(*p++);
    raw |= static_cast<uint64>(byte & 0x7f) << (7 * i);
    if (byte < 0x80) {
      value = raw;
      // The tenth byte has room for one bit.
      return i == 9 && byte > 1 ? VarintError::too_long : VarintError::none;
    }
  }
  return VarintError::too_long;
}

void HeaderRange::iterator::parse() {
  if (left_ == 0) return;
  int32 size = 0;
  read_varint(at_, end_, size);
  header_.key = string(at_, static_cast<std::size_t>(size));
  at_ += size;
  read_varint(at_, end_, size);
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
      log_append_time_(header.log_append_time()) {
  if (count_ < 0) {
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

bool RecordCursor::read(RecordView& out) {
  const char* p = at_;
  int32 length = 0;
  if (const VarintError error = read_varint(p, end_, length); error != VarintError::none) return fail("length", error);
  if (length < 0 || length > end_ - p) return fail_length("length", length, end_ - p);
  const char* const end = p + length;

  if (p == end) return fail("its length is 0");
  ++p;  // attributes, of which no bit is in use
  int64 timestamp_delta = 0;
  if (const VarintError error = read_varlong(p, end, timestamp_delta); error != VarintError::none) {
    return fail("timestamp delta", error);
  }
  int32 offset_delta = 0;
  if (const VarintError error = read_varint(p, end, offset_delta); error != VarintError::none) {
    return fail("offset delta", error);
  }
  if (offset_delta <= previous_delta_ || offset_delta > last_offset_delta_) {
    return fail(fmt::format("offset delta {} is not between {} and {}", offset_delta, int64{previous_delta_} + 1,
                            last_offset_delta_));
  }

  int32 size = 0;
  if (const VarintError error = read_varint(p, end, size); error != VarintError::none) return fail("key length", error);
  if (size < -1 || size > end - p) return fail_length("key length", size, end - p);
  out.has_key = size >= 0;
  out.key = bytes(p, size > 0 ? static_cast<std::size_t>(size) : 0);
  p += out.key.size();

  if (const VarintError error = read_varint(p, end, size); error != VarintError::none)
    return fail("value length", error);
  if (size < -1 || size > end - p) return fail_length("value length", size, end - p);
  out.has_value = size >= 0;
  out.value = bytes(p, size > 0 ? static_cast<std::size_t>(size) : 0);
  p += out.value.size();

  int32 headers = 0;
  if (const VarintError error = read_varint(p, end, headers); error != VarintError::none)
    return fail("header count", error);
  out.unparsed_headers = bytes(p, static_cast<std::size_t>(end - p));
  if (headers != 0 && !skip_headers(p, end, headers)) return false;
  if (p != end) return fail(fmt::format("{} bytes of it are left over", end - p));

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

bool RecordCursor::skip_headers(const char*& p, const char* end, int32 count) {
  constexpr int header_size_min = 2;  // two lengths
  if (count < 0 || count > (end - p) / header_size_min) return fail_length("header count", count, end - p);
  for (int32 i = 0; i < count; ++i) {
    int32 size = 0;
    if (const VarintError error = read_varint(p, end, size); error != VarintError::none) {
      return fail("header key length", error);
    }
    if (size < 0 || size > end - p) return fail_length("header key length", size, end - p);
    p += size;
    if (const VarintError error = read_varint(p, end, size); error != VarintError::none) {
      return fail("header value length", error);
    }
    if (size < -1 || size > end - p) return fail_length("header value length", size, end - p);
    if (size > 0) p += size;
  }
  return true;
}

bool RecordCursor::fail(std::string_view what) {
  if (!failed_) why_ = fmt::format("record {} of {} in the batch at offset {}: {}", index_, count_, base_offset_, what);
  failed_ = true;
  at_ = end_;
  return false;
}

bool RecordCursor::fail(std::string_view field, VarintError error) {
  return fail(fmt::format("{} is {}", field, error == VarintError::cut_short ? "cut short" : "a varint too long"));
}

bool RecordCursor::fail_length(std::string_view field, int64 length, std::ptrdiff_t left) {
  return fail(fmt::format("{} is {} with {} bytes left", field, length, left));
}

std::optional<int16> control_type(const RecordView& record) {
  if (record.key.size() < 4) return std::nullopt;
  return load_be<int16>(record.key.data() + 2);
}

}  // namespace barnabas::records
