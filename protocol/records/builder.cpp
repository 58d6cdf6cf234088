#include "barnabas/protocol/records/builder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "barnabas/protocol/records/crc32c.hpp"
#include "barnabas/protocol/records/varint.hpp"

namespace barnabas::records {
namespace {

constexpr std::size_t size_max = std::numeric_limits<int32>::max();

std::size_t nullable_size(std::optional<string> text) {
  return text ? varint_size(static_cast<int64>(text->size())) + text->size() : varint_size(-1);
}

std::optional<string> value_of(const HeaderView& header) {
  return header.has_value ? std::optional(header.value_text()) : std::nullopt;
}

char* write_nullable(char* to, std::optional<string> text) {
  if (!text) return write_varint(to, -1);
  to = write_varint(to, static_cast<int64>(text->size()));
  return std::copy(text->begin(), text->end(), to);
}

std::size_t headers_size(std::span<const HeaderView> headers) {
  std::size_t size = varint_size(static_cast<int64>(headers.size()));
  for (const HeaderView& header : headers) size += nullable_size(header.key) + nullable_size(value_of(header));
  return size;
}

char* write_headers(char* to, std::span<const HeaderView> headers) {
  to = write_varint(to, static_cast<int64>(headers.size()));
  for (const HeaderView& header : headers) {
    to = write_nullable(to, header.key);
    to = write_nullable(to, value_of(header));
  }
  return to;
}

// Readers add with wrap-around, too.
int64 wrapping_difference(int64 a, int64 b) {
  return static_cast<int64>(static_cast<uint64>(a) - static_cast<uint64>(b));
}

// Sequence numbers begin again at 0 after the highest int32.
int32 sequence_after(int32 sequence, int32 count) {
  return sequence < 0 ? sequence : static_cast<int32>((int64{sequence} + count) & std::numeric_limits<int32>::max());
}

}  // namespace

BatchBuilder::BatchBuilder(BatchOptions options) : options_(options) { reset(); }

void BatchBuilder::reset() {
  records_.clear();
  base_timestamp_ = max_timestamp_ = -1;
  if (options_.base_timestamp_ms) base_timestamp_ = *options_.base_timestamp_ms;
  if (options_.delete_horizon_ms) base_timestamp_ = *options_.delete_horizon_ms;
  next_offset_delta_ = count_ = 0;
}

bool BatchBuilder::full_with(std::size_t records_bytes) const {
  if (batch_header_size + records_bytes > std::min(options_.bytes_max, size_max)) return true;
  if (options_.compressed_bytes_max == 0 || options_.codec == Codec::none) return false;
  return static_cast<double>(records_bytes) * ratio_ + batch_header_size >
         static_cast<double>(options_.compressed_bytes_max);
}

bool BatchBuilder::append(int64 timestamp_ms, std::optional<string> key, std::optional<string> value,
                          std::span<const HeaderView> headers) {
  const bool base_is_given = options_.base_timestamp_ms || options_.delete_horizon_ms;
  const bool is_base = empty() && !base_is_given;
  const int64 timestamp_delta = is_base ? 0 : wrapping_difference(timestamp_ms, base_timestamp_);
  const std::size_t body = 1 + varint_size(timestamp_delta) + varint_size(next_offset_delta_) + nullable_size(key) +
                           nullable_size(value) + headers_size(headers);
  const std::size_t before = records_.size(), after = before + varint_size(static_cast<int64>(body)) + body;
  if (!empty() && full_with(after)) return false;
  if (batch_header_size + after > size_max) {
    throw std::length_error(fmt::format("a record of {} bytes fits into no batch", body));
  }
  if (next_offset_delta_ == std::numeric_limits<int32>::max()) {
    throw std::length_error("no offset is left in the batch");
  }

  records_.resize(after);
  char* to = write_varint(records_.data() + before, static_cast<int64>(body));
  *to++ = 0;
  to = write_varint(to, timestamp_delta);
  to = write_varint(to, next_offset_delta_);
  to = write_nullable(to, key);
  to = write_nullable(to, value);
  write_headers(to, headers);

  max_timestamp_ = empty() ? timestamp_ms : std::max(max_timestamp_, timestamp_ms);
  if (is_base) base_timestamp_ = timestamp_ms;
  ++next_offset_delta_;
  ++count_;
  return true;
}

bool BatchBuilder::append(const RecordView& record) {
  std::vector<HeaderView> headers(record.headers().begin(), record.headers().end());
  return append(record.timestamp_ms, record.has_key ? std::optional(record.key_text()) : std::nullopt,
                record.has_value ? std::optional(record.value_text()) : std::nullopt, headers);
}

void BatchBuilder::skip(int32 offsets) {
  if (offsets < 0 || offsets > std::numeric_limits<int32>::max() - next_offset_delta_) {
    throw std::length_error(fmt::format("a batch cannot span {} more offsets", offsets));
  }
  next_offset_delta_ += offsets;
}

std::string BatchBuilder::finish(int64 base_offset) {
  if (next_offset_delta_ == 0) return {};
  const bytes body = compressed_body();
  std::string done;
  done.reserve(batch_header_size + body.size());
  done.resize(batch_header_size);
  done.append(body.data(), body.size());
  header(base_offset).store(done.data());
  seal_batch(done);
  options_.base_sequence = sequence_after(options_.base_sequence, count_);
  reset();
  return done;
}

bytes BatchBuilder::compressed_body() {
  if (options_.codec == Codec::none || empty()) return records_;
  const auto size = compress(options_.codec, records_, compressed_, options_.level);
  if (!size) throw std::runtime_error(fmt::format("compressing a record batch failed: {}", size.error().what));
  // Worse news counts at once and with a margin, better news by half: too small a batch costs less than one
  // that the broker refuses.
  constexpr double margin = 1.05, trust = 0.5;
  const double seen = static_cast<double>(*size) / static_cast<double>(records_.size()) * margin;
  ratio_ = seen > ratio_ ? seen : ratio_ + (seen - ratio_) * trust;
  return compressed_.view();
}

BatchHeader BatchBuilder::header(int64 base_offset) const {
  BatchHeader header;
  header.base_offset = base_offset;
  header.leader_epoch = options_.leader_epoch;
  header.attributes =
      static_cast<int16>(static_cast<int16>(options_.codec) | (options_.transactional ? transactional_bit : 0) |
                         (options_.control ? control_bit : 0) | (options_.delete_horizon_ms ? delete_horizon_bit : 0));
  header.last_offset_delta = next_offset_delta_ - 1;
  header.base_timestamp = base_timestamp_;
  header.max_timestamp = max_timestamp_;
  header.producer_id = options_.producer_id;
  header.producer_epoch = options_.producer_epoch;
  header.base_sequence = options_.base_sequence;
  header.record_count = count_;
  return header;
}

std::string control_batch(int64 base_offset, int64 producer_id, int16 producer_epoch, ControlType type,
                          int64 timestamp_ms, int32 coordinator_epoch) {
  constexpr int16 version = 0;
  char key[4], value[6];
  store_be(key, version);
  store_be(key + 2, static_cast<int16>(type));
  store_be(value, version);
  store_be(value + 2, coordinator_epoch);

  BatchOptions options;
  options.producer_id = producer_id;
  options.producer_epoch = producer_epoch;
  options.transactional = true;
  options.control = true;
  BatchBuilder builder(options);
  builder.append(timestamp_ms, string(key, sizeof key), string(value, sizeof value));
  return builder.finish(base_offset);
}

void stamp_batch(std::span<char> batch, int64 base_offset, int32 leader_epoch) {
  BatchHeader header = BatchHeader::load(batch.data());
  header.base_offset = base_offset;
  header.leader_epoch = leader_epoch;
  header.store(batch.data());
}

void stamp_log_append_time(std::span<char> batch, int64 timestamp_ms) {
  BatchHeader header = BatchHeader::load(batch.data());
  header.attributes |= log_append_time_bit;
  header.max_timestamp = timestamp_ms;
  header.store(batch.data());
  seal_batch(batch);
}

void seal_batch(std::span<char> batch) {
  BatchHeader header = BatchHeader::load(batch.data());
  header.length = static_cast<int32>(batch.size() - batch_length_end);
  header.store(batch.data());
  header.crc = crc32c(bytes(batch).subspan(batch_crc_end));
  header.store(batch.data());
}

}  // namespace barnabas::records
