#include "barnabas/protocol/records/legacy.hpp"

#include <fmt/format.h>
#include <libdeflate.h>

#include "barnabas/protocol/records/view.hpp"

namespace barnabas::records {
namespace {

// Where the fields of a message stand; magic 1 has a timestamp in front of the key.
enum At : std::size_t {
  at_offset = 0,
  at_length = 8,
  at_crc = 12,
  at_magic = message_crc_end,
  at_attributes = 17,
  at_timestamp = 18,
  at_key_v0 = 18,
  at_key_v1 = 26,
};

constexpr uint8 codec_bits = 7;

/// Takes a length and as many bytes; -1 says null.
bool take_data(bytes& from, bytes& data, bool& has) {
  if (from.size() < 4) return false;
  const int32 length = load_be<int32>(from.data());
  from = from.subspan(4);
  if (length < -1 || length > static_cast<int64>(from.size())) return false;
  has = length >= 0;
  data = from.first(has ? static_cast<std::size_t>(length) : 0);
  from = from.subspan(data.size());
  return true;
}

}  // namespace

uint32 message_crc(bytes whole) {
  const bytes covered = whole.subspan(message_crc_end);
  return libdeflate_crc32(0, covered.data(), covered.size());
}

std::string_view parse_message(bytes whole, Message& out) {
  if (whole.size() < batch_length_end + message_length_min_v0) return "it is too short";
  out.offset = load_be<int64>(whole.data() + at_offset);
  out.crc = load_be<uint32>(whole.data() + at_crc);
  out.magic = load_be<int8>(whole.data() + at_magic);
  out.attributes = load_be<uint8>(whole.data() + at_attributes);
  if (out.magic != 0 && out.magic != 1) return "its magic is neither 0 nor 1";
  if (out.magic == 1 && whole.size() < batch_length_end + message_length_min_v1) return "it is too short";
  out.timestamp_ms = out.magic == 0 ? -1 : load_be<int64>(whole.data() + at_timestamp);
  bytes left = whole.subspan(out.magic == 0 ? at_key_v0 : at_key_v1);
  if (!take_data(left, out.key, out.has_key)) return "its key does not fit in";
  if (!take_data(left, out.value, out.has_value)) return "its value does not fit in";
  return left.empty() ? "" : "bytes of it are left over";
}

BatchHeader load_message_header(bytes whole) {
  BatchHeader header;
  header.base_offset = load_be<int64>(whole.data() + at_offset);
  header.length = load_be<int32>(whole.data() + at_length);
  header.magic = load_be<int8>(whole.data() + at_magic);
  header.crc = load_be<uint32>(whole.data() + at_crc);
  // The higher bits mean something in magic 2 alone.
  const uint8 known = header.magic == 0 ? codec_bits : codec_bits | log_append_time_bit;
  header.attributes = load_be<uint8>(whole.data() + at_attributes) & known;
  if (header.magic == 1) header.base_timestamp = header.max_timestamp = load_be<int64>(whole.data() + at_timestamp);
  header.record_count = header.codec() == Codec::none ? 1 : -1;
  return header;
}

// Counts the messages, and finds out what their offsets count from.
void RecordCursor::begin_messages(const BatchHeader& header) {
  wrapped_ = header.codec() != Codec::none;
  count_ = 0;
  int64 last_inside = 0;
  for (const char* p = at_; p != end_; ++count_) {
    const bytes left(p, end_);
    const int64 length = left.size() < batch_length_end ? -1 : load_be<int32>(p + at_length);
    if (length < message_length_min_v0 || length > static_cast<int64>(left.size() - batch_length_end)) {
      // Java's reader takes a message set that is cut short for one that has ended.
      fail(fmt::format("a message of length {} inside, with {} bytes left", length, left.size()));
      return;
    }
    last_inside = load_be<int64>(p + at_offset);
    p += batch_length_end + static_cast<std::size_t>(length);
  }
  if (count_ == 0) {
    fail("there is no message inside");
    return;
  }
  numbered_ = !wrapped_ || header.base_offset != 0;
  if (!wrapped_ || header.magic == 0 || !numbered_) return;
  if (last_inside < 0 || last_inside > header.base_offset) {
    fail(fmt::format("the last message inside is number {}, which is beyond the wrapper's offset", last_inside));
    return;
  }
  first_offset_ = header.base_offset - last_inside;
}

bool RecordCursor::read_message(RecordView& out) {
  const auto size = batch_length_end + static_cast<std::size_t>(load_be<int32>(at_ + at_length));
  const bytes whole(at_, size);
  Message message;
  if (const std::string_view why = parse_message(whole, message); !why.empty()) return fail(why);
  if (wrapped_) {
    if (message.magic != magic_) return fail(fmt::format("it has magic {} inside of magic {}", message.magic, magic_));
    if (message.codec() != Codec::none) return fail("it is compressed inside of a compressed message");
    if (message_crc(whole) != message.crc) return fail("its checksum (CRC-32) does not match");
  }
  int64 offset = index_;
  if (numbered_) {
    const int64 last = base_offset_ - first_offset_;
    if (message.offset <= previous_offset_ || message.offset > last) {
      return fail(fmt::format("its offset {} is not between {} and {}", message.offset, previous_offset_ + 1, last));
    }
    previous_offset_ = message.offset;
    offset = first_offset_ + message.offset;
  }
  out.offset = offset;
  out.timestamp_ms = log_append_time_ ? append_time_ : message.timestamp_ms;
  out.key = message.key;
  out.value = message.value;
  out.has_key = message.has_key;
  out.has_value = message.has_value;
  out.unparsed_headers = {};
  out.header_count = 0;
  at_ += size;
  ++index_;
  return true;
}

}  // namespace barnabas::records
