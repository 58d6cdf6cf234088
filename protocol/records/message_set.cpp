#include "barnabas/protocol/records/message_set.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace barnabas::records {
namespace {

constexpr std::size_t size_max = std::numeric_limits<int32>::max();
constexpr std::size_t at_length = 8, at_crc = 12, at_magic = message_crc_end, at_attributes = 17, at_timestamp = 18;

std::size_t message_size_min(int8 magic) {
  const int64 length = magic == 0 ? message_length_min_v0 : message_length_min_v1;
  return batch_length_end + static_cast<std::size_t>(length);
}

char* write_nullable(char* to, std::optional<string> text) {
  store_be(to, text ? static_cast<int32>(text->size()) : -1);
  return text ? std::copy(text->begin(), text->end(), to + 4) : to + 4;
}

/// Appends one message to `set`; offset, attributes, timestamp, key and value stand in it afterwards.
void append_message(std::string& set, int8 magic, int64 offset, int attributes, int64 timestamp_ms,
                    std::optional<string> key, std::optional<string> value) {
  const std::size_t data = (key ? key->size() : 0) + (value ? value->size() : 0);
  const std::size_t before = set.size(), size = message_size_min(magic) + data;
  set.resize(before + size);
  char* const message = set.data() + before;
  store_be(message, offset);
  store_be(message + at_magic, magic);
  store_be(message + at_attributes, static_cast<int8>(attributes));
  if (magic > 0) store_be(message + at_timestamp, timestamp_ms);
  char* const at_key = message + (magic == 0 ? at_timestamp : at_timestamp + 8);
  write_nullable(write_nullable(at_key, key), value);
  seal_message({message, size});
}

}  // namespace

MessageSetBuilder::MessageSetBuilder(MessageSetOptions options) : options_(options) {
  if (options_.magic != 0 && options_.magic != 1) {
    throw std::invalid_argument(fmt::format("message sets have magic 0 or 1, not {}", options_.magic));
  }
  if (options_.codec > Codec::lz4) {
    throw std::invalid_argument(fmt::format("message sets know no codec {}", name(options_.codec)));
  }
}

bool MessageSetBuilder::append(int64 timestamp_ms, std::optional<string> key, std::optional<string> value) {
  const std::size_t size = message_size_min(options_.magic) + (key ? key->size() : 0) + (value ? value->size() : 0);
  const std::size_t room = std::min(options_.bytes_max, size_max);
  if (!empty() && messages_.size() + size > room) return false;
  if (size > size_max) throw std::length_error(fmt::format("a record of {} bytes fits into no message", size));
  const bool appended = options_.log_append_time_ms.has_value();
  if (appended) timestamp_ms = *options_.log_append_time_ms;
  append_message(messages_, options_.magic, next_offset_++, appended && options_.magic > 0 ? log_append_time_bit : 0,
                 timestamp_ms, key, value);
  max_timestamp_ = empty() ? timestamp_ms : std::max(max_timestamp_, timestamp_ms);
  ++count_;
  return true;
}

void MessageSetBuilder::skip(int32 offsets) {
  if (offsets < 0) throw std::length_error(fmt::format("{} offsets cannot be left out", offsets));
  next_offset_ += offsets;
}

std::string MessageSetBuilder::finish(int64 base_offset) {
  std::string done;
  if (count_ > 0) {
    const bool relative = options_.codec != Codec::none && options_.magic == 1;
    for (char* at = messages_.data(); !relative && at != messages_.data() + messages_.size();) {
      store_be(at, load_be<int64>(at) + base_offset);  // not under the checksum
      at += batch_length_end + static_cast<std::size_t>(load_be<int32>(at + at_length));
    }
    done = options_.codec == Codec::none ? std::move(messages_) : wrap(base_offset + next_offset_ - 1);
  }
  messages_.clear();
  next_offset_ = count_ = 0;
  max_timestamp_ = -1;
  return done;
}

std::string MessageSetBuilder::wrap(int64 last_offset) {
  const Lz4Checksum checksum = options_.magic == 0 ? Lz4Checksum::of_magic_0 : Lz4Checksum::standard;
  const auto size = compress(options_.codec, messages_, compressed_, options_.level, checksum);
  if (!size) throw std::runtime_error(fmt::format("compressing a message set failed: {}", size.error().what));
  const bool appended = options_.log_append_time_ms.has_value() && options_.magic > 0;
  const int attributes = static_cast<int>(options_.codec) | (appended ? log_append_time_bit : 0);
  std::string done;
  append_message(done, options_.magic, last_offset, attributes, max_timestamp_, std::nullopt,
                 string(compressed_.data(), *size));
  return done;
}

void seal_message(std::span<char> message) {
  store_be(message.data() + at_length, static_cast<int32>(message.size() - batch_length_end));
  store_be(message.data() + at_crc, message_crc(message));
}

std::expected<std::string, std::string> to_message_set(const BatchView& batch, int8 magic, std::size_t bytes_max) {
  const BatchHeader& header = batch.header();
  if (header.is_control()) return std::unexpected("control records exist since message format v2");
  if (header.codec() > Codec::lz4) {
    return std::unexpected(fmt::format("{} does not exist in message format v{}", name(header.codec()), magic));
  }
  Buffer buffer;
  const auto body = decompress(batch, buffer, bytes_max);
  if (!body) return std::unexpected(body.error().what);
  MessageSetOptions options(magic, header.codec());
  options.bytes_max = size_max;
  if (header.log_append_time()) options.log_append_time_ms = header.max_timestamp;
  MessageSetBuilder builder(options);
  RecordCursor cursor(header, *body);
  int64 next_offset = -1, base_offset = 0;
  for (RecordView record; cursor.next(record); next_offset = record.offset + 1) {
    if (record.header_count > 0) {
      return std::unexpected(
          fmt::format("the record at offset {} has headers, which exist since message format v2", record.offset));
    }
    if (builder.empty()) base_offset = record.offset;
    if (!builder.empty()) {
      const int64 gap = record.offset - next_offset;
      if (gap > std::numeric_limits<int32>::max()) return std::unexpected("its offsets lie too far apart");
      builder.skip(static_cast<int32>(gap));
    }
    const bool added =
        builder.append(record.timestamp_ms, record.has_key ? std::optional(record.key_text()) : std::nullopt,
                       record.has_value ? std::optional(record.value_text()) : std::nullopt);
    if (!added) return std::unexpected("it is longer than a message set may be");
  }
  if (cursor.failed()) return std::unexpected(std::string(cursor.why()));
  return builder.finish(base_offset);
}

}  // namespace barnabas::records
