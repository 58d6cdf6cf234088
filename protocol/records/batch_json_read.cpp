#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <deque>
#include <limits>
#include <optional>
#include <stdexcept>
#include <vector>

#include "barnabas/protocol/base64.hpp"
#include "barnabas/protocol/records/batch_json.hpp"
#include "barnabas/protocol/records/builder.hpp"
#include "barnabas/protocol/records/message_set.hpp"

namespace barnabas::records {
namespace {

namespace dom = simdjson::dom;

/// What is wrong, and where; caught in batches_from_json().
struct Refused : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// One value with its place in the text, for errors.
struct Node {
  dom::element value;
  std::string path;

  [[noreturn]] void refuse(std::string_view what) const {
    throw Refused(path.empty() ? std::string(what) : fmt::format("{}: {}", path, what));
  }
  std::optional<Node> find(const char* name) const {
    dom::element found;
    if (value.get_object().at_key(name).get(found) != simdjson::SUCCESS) return std::nullopt;
    return Node{found, path.empty() ? name : path + "." + name};
  }
  bool is_null() const { return value.is_null(); }
};

template <class Integer>
Integer integer(const Node& from) {
  std::int64_t wide = 0;
  if (from.value.get(wide) != simdjson::SUCCESS || wide < std::numeric_limits<Integer>::min() ||
      wide > std::numeric_limits<Integer>::max()) {
    from.refuse(fmt::format("not an integer of {} bits", 8 * sizeof(Integer)));
  }
  return static_cast<Integer>(wide);
}

template <class Integer>
std::optional<Integer> find_integer(const Node& in, const char* name) {
  const auto found = in.find(name);
  if (!found || found->is_null()) return std::nullopt;
  return integer<Integer>(*found);
}

bool find_flag(const Node& in, const char* name) {
  const auto found = in.find(name);
  bool flag = false;
  if (found && found->value.get(flag) != simdjson::SUCCESS) found->refuse("neither true nor false");
  return flag;
}

string text(const Node& from) {
  std::string_view view;
  if (from.value.get(view) != simdjson::SUCCESS) from.refuse("not a string");
  return view;
}

std::vector<Node> elements(const Node& list) {
  dom::array array;
  if (list.value.get(array) != simdjson::SUCCESS) list.refuse("not an array");
  std::vector<Node> all;
  for (const dom::element element : array) all.push_back({element, fmt::format("{}[{}]", list.path, all.size())});
  return all;
}

std::vector<Node> find_elements(const Node& in, const char* name) {
  const auto found = in.find(name);
  return found && !found->is_null() ? elements(*found) : std::vector<Node>();
}

/// Null when it is null or left out.
std::optional<std::string> find_data(const Node& in, const char* name) {
  const auto found = in.find(name);
  if (!found || found->is_null()) return std::nullopt;
  const string encoded = text(*found);
  const auto size = protocol::base64_decoded_size(encoded);
  std::string data(size.value_or(0), '\0');
  if (!size || !protocol::decode_base64(encoded, data.data())) found->refuse("not base64");
  return data;
}

struct Record {
  std::optional<int64> offset;
  int64 timestamp_ms = -1;
  std::optional<std::string> key, value;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;
  std::string path;

  std::vector<HeaderView> header_views() const {
    std::vector<HeaderView> views;
    for (const auto& [name, data] : headers) views.push_back({name, data ? bytes(*data) : bytes(), data.has_value()});
    return views;
  }
};

Record record_of(const Node& from) {
  if (!from.value.is_object()) from.refuse("not an object");
  Record record;
  record.path = from.path;
  record.offset = find_integer<int64>(from, "offset");
  record.timestamp_ms = find_integer<int64>(from, "timestamp").value_or(-1);
  record.key = find_data(from, "key");
  record.value = find_data(from, "value");
  for (const Node& header : find_elements(from, "headers")) {
    const auto key = header.value.is_object() ? header.find("key") : std::nullopt;
    if (!key) header.refuse("a header without a key");
    record.headers.emplace_back(text(*key), find_data(header, "value"));
  }
  return record;
}

/// One batch being encoded.
class Encoder {
 public:
  explicit Encoder(const Node& batch) : batch_(batch) {
    if (!batch.value.is_object()) batch.refuse("not an object");
    for (const Node& record : find_elements(batch, "records")) records_.push_back(record_of(record));
    if (const auto compression = batch.find("compression")) {
      const auto codec = parse_codec(text(*compression));
      if (!codec) compression->refuse("none of none, gzip, snappy, lz4, zstd");
      codec_ = *codec;
    }
    if (const auto type = batch.find("timestamp_type")) log_append_time_ = text(*type) == "LogAppendTime";
    max_timestamp_ = find_integer<int64>(batch, "max_timestamp");
    const auto first = records_.empty() ? std::nullopt : records_.front().offset;
    base_offset_ = find_integer<int64>(batch, "base_offset").value_or(first.value_or(0));
    if (base_offset_ < 0 || base_offset_ > highest_offset) batch.refuse("base_offset is out of range");
  }

  std::string encode() {
    const auto magic = find_integer<int8>(batch_, "magic").value_or(2);
    if (magic < 0 || magic > 2) batch_.refuse(fmt::format("magic {} is unknown", magic));
    return magic == 2 ? encode_batch() : encode_messages(magic);
  }

 private:
  static constexpr int64 span_max = std::numeric_limits<int32>::max();
  // The next offset must be one as well.
  static constexpr int64 highest_offset = std::numeric_limits<int64>::max() - 1;
  static constexpr std::size_t bytes_max = std::numeric_limits<int32>::max();

  /// Offsets to leave out in front of `offset`.
  int32 gap_before(int64 offset, int64 next, const std::string& where) const {
    const int64 highest = base_offset_ > highest_offset - span_max ? highest_offset : base_offset_ + span_max;
    if (offset < next || offset > highest) {
      throw Refused(fmt::format("{}: offset {} is not between {} and {}", where, offset, next, highest));
    }
    return static_cast<int32>(offset - next);
  }

  template <class Builder, class Append>
  int64 add_records(Builder& builder, Append append) {
    int64 next = base_offset_;
    for (const Record& record : records_) {
      const int64 offset = record.offset.value_or(next);
      builder.skip(gap_before(offset, next, record.path));
      if (!append(record)) throw Refused(record.path + ": the batch gets longer than a batch may be");
      next = offset + 1;
    }
    return next;
  }

  std::optional<int64> last_offset() const {
    if (const auto last = find_integer<int64>(batch_, "last_offset")) return last;
    const auto delta = find_integer<int32>(batch_, "last_offset_delta");
    if (!delta) return std::nullopt;
    if (*delta > highest_offset - base_offset_) batch_.refuse("last_offset_delta is out of range");
    return base_offset_ + *delta;
  }

  BatchOptions options() const {
    BatchOptions options(codec_);
    options.bytes_max = bytes_max;
    options.producer_id = find_integer<int64>(batch_, "producer_id").value_or(-1);
    options.producer_epoch = find_integer<int16>(batch_, "producer_epoch").value_or(-1);
    options.base_sequence = find_integer<int32>(batch_, "base_sequence").value_or(-1);
    options.leader_epoch = find_integer<int32>(batch_, "partition_leader_epoch").value_or(-1);
    options.transactional = find_flag(batch_, "is_transactional");
    options.control = find_flag(batch_, "is_control");
    options.delete_horizon_ms = find_integer<int64>(batch_, "delete_horizon_ms");
    options.base_timestamp_ms = find_integer<int64>(batch_, "base_timestamp");
    return options;
  }

  std::string encode_batch() {
    BatchBuilder builder(options());
    const int64 next = add_records(builder, [&](const Record& record) {
      const auto headers = record.header_views();
      return builder.append(record.timestamp_ms, record.key, record.value, headers);
    });
    const int64 last = last_offset().value_or(next - 1);
    builder.skip(gap_before(last, next - 1, "last_offset"));
    std::string done = builder.finish(base_offset_);
    if (done.empty()) batch_.refuse("a batch needs a record, or last_offset");
    if (max_timestamp_ || log_append_time_) {
      BatchHeader header = BatchHeader::load(done.data());
      header.max_timestamp = max_timestamp_.value_or(header.max_timestamp);
      if (log_append_time_) header.attributes |= log_append_time_bit;
      header.store(done.data());
      seal_batch(done);
    }
    return done;
  }

  std::string encode_messages(int8 magic) {
    if (codec_ > Codec::lz4) batch_.refuse("message sets know no zstd");
    MessageSetOptions options(magic, codec_);
    options.bytes_max = bytes_max;
    if (log_append_time_) options.log_append_time_ms = max_timestamp_.value_or(-1);
    MessageSetBuilder builder(options);
    const int64 next = add_records(builder, [&](const Record& record) {
      if (!record.headers.empty()) throw Refused(record.path + ": message sets have no headers");
      return builder.append(record.timestamp_ms, record.key, record.value);
    });
    if (builder.empty()) batch_.refuse("a message set needs a record");
    if (last_offset().value_or(next - 1) != next - 1) batch_.refuse("last_offset is not that of the last record");
    return builder.finish(base_offset_);
  }

  const Node& batch_;
  std::vector<Record> records_;
  Codec codec_ = Codec::none;
  bool log_append_time_ = false;
  std::optional<int64> max_timestamp_;
  int64 base_offset_ = 0;
};

std::string encode_all(const std::vector<Node>& batches) {
  std::string out;
  for (const Node& batch : batches) out += Encoder(batch).encode();
  return out;
}

std::string encode_document(const Node& document) {
  if (document.value.is_array()) return encode_all(elements(document));
  if (!document.value.is_object()) document.refuse("neither a batch nor an array of batches");
  if (const auto batches = document.find("batches")) return encode_all(elements(*batches));
  return Encoder(document).encode();
}

}  // namespace

std::expected<std::string, std::string> batches_from_json(std::string_view json) {
  dom::parser parser;
  const simdjson::padded_string padded(json);
  dom::document_stream documents;
  const std::size_t window = std::max<std::size_t>(json.size() + 1, dom::MINIMAL_BATCH_SIZE);
  if (const auto error = parser.parse_many(padded, window).get(documents)) {
    return std::unexpected(std::string(simdjson::error_message(error)));
  }
  std::string out;
  std::size_t read = 0;
  try {
    for (auto document : documents) {
      dom::element value;
      if (const auto error = document.get(value)) return std::unexpected(std::string(simdjson::error_message(error)));
      out += encode_document({value, read == 0 ? "" : fmt::format("document {}", read)});
      ++read;
    }
  } catch (const std::exception& refused) {
    return std::unexpected(std::string(refused.what()));
  }
  if (read == 0) return std::unexpected("no JSON");
  if (documents.truncated_bytes() > 0) return std::unexpected("the JSON is cut short");
  return out;
}

}  // namespace barnabas::records
