#include "barnabas/protocol/records/batch_json.hpp"

#include <fmt/format.h>

#include <iterator>

#include "barnabas/protocol/base64.hpp"
#include "barnabas/protocol/json.hpp"
#include "barnabas/protocol/records/view.hpp"

namespace barnabas::records {
namespace {

using protocol::append_json_string;

template <class... A>
void append(std::string& out, fmt::format_string<A...> text, A&&... arguments) {
  fmt::format_to(std::back_inserter(out), text, std::forward<A>(arguments)...);
}

void append_data(std::string& out, bytes data, bool has) {
  if (!has) {
    out += "null";
    return;
  }
  out += '"';
  protocol::append_base64(out, data);
  out += '"';
}

void append_record(std::string& out, const RecordView& record) {
  append(out, R"({{"offset":{},"timestamp":{},"key":)", record.offset, record.timestamp_ms);
  append_data(out, record.key, record.has_key);
  out += ",\"value\":";
  append_data(out, record.value, record.has_value);
  out += ",\"headers\":[";
  const char* comma = "";
  for (const HeaderView& header : record.headers()) {
    out += comma;
    out += "{\"key\":";
    append_json_string(out, header.key);
    out += ",\"value\":";
    append_data(out, header.value, header.has_value);
    out += '}';
    comma = ",";
  }
  out += "]}";
}

string timestamp_type(const BatchHeader& header) {
  if (header.magic == 0) return "NoTimestampType";
  return header.log_append_time() ? "LogAppendTime" : "CreateTime";
}

void append_compression(std::string& out, Codec codec) {
  if (codec <= Codec::zstd) {
    append(out, R"(,"compression":"{}")", name(codec));
  } else {
    append(out, R"(,"compression":"unknown codec {}")", static_cast<int>(codec));
  }
}

/// Opens the object and leaves it open.
void append_header(std::string& out, std::size_t position, const BatchView& batch, int64 first_offset) {
  const BatchHeader& header = batch.header();
  append(out, R"({{"position":{},"base_offset":{},"last_offset":{},"length":{})", position, first_offset,
         header.last_offset(), header.length);
  if (!header.is_legacy()) append(out, R"(,"partition_leader_epoch":{})", header.leader_epoch);
  append(out, R"(,"magic":{},"crc":{},"crc_ok":{})", header.magic, header.crc, batch.crc_ok());
  append_compression(out, header.codec());
  append(out, R"(,"timestamp_type":"{}")", timestamp_type(header));
  if (header.is_legacy()) {
    append(out, R"(,"max_timestamp":{})", header.max_timestamp);
    return;
  }
  append(out, R"(,"is_transactional":{},"is_control":{},"delete_horizon_ms":)", header.is_transactional(),
         header.is_control());
  out += header.has_delete_horizon() ? std::to_string(header.base_timestamp) : "null";
  append(out, R"(,"last_offset_delta":{},"base_timestamp":{},"max_timestamp":{})", header.last_offset_delta,
         header.base_timestamp, header.max_timestamp);
  append(out, R"(,"producer_id":{},"producer_epoch":{},"base_sequence":{},"record_count":{})", header.producer_id,
         header.producer_epoch, header.base_sequence, header.record_count);
}

void append_error(std::string& out, std::string_view why) {
  out += "\"error\":";
  append_json_string(out, why);
}

}  // namespace

bool BatchPrinter::next(std::string& out) {
  if (ended_) return false;
  const std::size_t position = walker_.position();
  BatchView batch;
  const BatchWalker::Step step = walker_.next(batch);
  if (step != BatchWalker::Step::batch) {
    ended_ = true;
    if (step == BatchWalker::Step::end) return false;
    ++refused_;
    out += '{';
    append_error(out, walker_.why());
    append(out, R"(,"position":{}}})", position);
    return true;
  }
  std::string records;
  int64 first_offset = batch.header().base_offset;
  const std::string why = print_records(batch, records, first_offset);
  append_header(out, position, batch, first_offset);
  out += ',';
  if (why.empty()) {
    out += "\"records\":[" + records + "]}";
    return true;
  }
  ++refused_;
  append_error(out, why);
  out += '}';
  return true;
}

/// Empty when all is well. In a message set the first offset is known only now.
std::string BatchPrinter::print_records(const BatchView& batch, std::string& out, int64& first_offset) {
  if (!batch.crc_ok()) return batch.header().is_legacy() ? "the CRC-32 does not match" : "the CRC-32C does not match";
  const auto body = decompress(batch, buffer_, bytes_max_);
  if (!body) return body.error().what;
  RecordCursor cursor(batch.header(), *body);
  for (RecordView record; cursor.next(record);) {
    if (out.empty()) {
      if (batch.header().is_legacy()) first_offset = record.offset;
    } else {
      out += ',';
    }
    append_record(out, record);
  }
  return std::string(cursor.why());
}

}  // namespace barnabas::records
