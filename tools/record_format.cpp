#include "barnabas/tools/record_format.hpp"

#include <fmt/core.h>
#include <fmt/format.h>

#include <iterator>

#include "barnabas/client/error.hpp"
#include "barnabas/handlers/json_text.hpp"
#include "barnabas/protocol/base64.hpp"
#include "barnabas/tools/escapes.hpp"

namespace barnabas::tools {
namespace {

constexpr std::string_view letters = "tpokKsSRThe";

void append_headers(std::string& out, const records::RecordView& record) {
  bool first = true;
  for (const records::HeaderView& header : record.headers()) {
    if (!first) out += ',';
    first = false;
    out.append(header.key).append("=").append(header.has_value ? header.value_text() : "NULL");
  }
}

void append_console_headers(std::string& out, const records::RecordView& record, std::string_view null_text) {
  if (record.header_count == 0) out += "NO_HEADERS";
  bool first = true;
  for (const records::HeaderView& header : record.headers()) {
    if (!first) out += ',';
    first = false;
    out.append(header.key).append(":").append(header.has_value ? header.value_text() : null_text);
  }
}

bool parse_switch(std::string_view name, std::string_view value) {
  if (value == "true" || value == "false") return value == "true";
  throw Error(Error::Stage::config, fmt::format("take {}={}", name, value), "", "it is true or false");
}

void append_length_bytes(std::string& out, std::size_t length) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(length >> shift & 0xff);
}

void append_bytes_member(std::string& out, std::string_view name, bool present, std::string_view text) {
  out.append(",\"").append(name);
  if (!present) {
    out += "\":null";
  } else if (handlers::is_utf8(text)) {
    out += "\":";
    handlers::append_json_string(out, text);
  } else {
    out += "\":null,\"";
    out.append(name).append("_b64\":\"");
    protocol::append_base64(out, text);
    out += '"';
  }
}

}  // namespace

RecordFormat::RecordFormat(std::string_view format) {
  std::string text;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') {
      text += format[i];
      continue;
    }
    const char letter = i + 1 < format.size() ? format[++i] : '\0';
    if (letter == '%') {
      text += '%';
      continue;
    }
    if (letter == '\0' || letters.find(letter) == letters.npos) {
      Error error(Error::Stage::config, "take the format", "", fmt::format("%{} is not known", letter ? letter : ' '));
      error.hint("letters are t p o k K s S R T h e, and %% for a percent sign");
      throw error;
    }
    if (!text.empty()) pieces_.push_back({'\0', unescape(text)});
    text.clear();
    pieces_.push_back({letter, {}});
  }
  if (!text.empty()) pieces_.push_back({'\0', unescape(text)});
}

RecordFormat RecordFormat::plain(std::string_view key_separator, std::string_view delimiter) {
  RecordFormat format;
  if (!key_separator.empty()) {
    format.pieces_.push_back({'k', {}});
    format.pieces_.push_back({'\0', unescape(key_separator)});
  }
  format.pieces_.push_back({'s', {}});
  format.pieces_.push_back({'\0', unescape(delimiter)});
  return format;
}

bool ConsoleFormat::set(std::string_view pair) {
  const std::size_t equals = pair.find('=');
  const std::string_view name = pair.substr(0, equals);
  const std::string_view value = equals == pair.npos ? std::string_view() : pair.substr(equals + 1);
  const std::pair<std::string_view, bool*> switches[] = {
      {"print.timestamp", &print_timestamp}, {"print.partition", &print_partition}, {"print.offset", &print_offset},
      {"print.epoch", &print_epoch},         {"print.headers", &print_headers},     {"print.key", &print_key},
      {"print.value", &print_value}};
  for (const auto& [known, flag] : switches) {
    if (name == known) return *flag = parse_switch(name, value), true;
  }
  const std::pair<std::string_view, std::string*> texts[] = {
      {"key.separator", &key_separator}, {"line.separator", &line_separator}, {"null.literal", &null_literal}};
  for (const auto& [known, text] : texts) {
    if (name == known) return *text = unescape(value), true;
  }
  return false;
}

RecordFormat RecordFormat::console(const ConsoleFormat& console) {
  RecordFormat format;
  format.null_text_ = console.null_literal;
  const auto add = [&](bool wanted, const char* label, char letter) {
    if (!wanted) return;
    if (!format.pieces_.empty()) format.pieces_.push_back({'\0', console.key_separator});
    if (*label != '\0') format.pieces_.push_back({'\0', label});
    format.pieces_.push_back({letter, {}});
  };
  add(console.print_timestamp, "CreateTime:", 'T');
  add(console.print_partition, "Partition:", 'p');
  add(console.print_offset, "Offset:", 'o');
  add(console.print_epoch, "Epoch:", 'e');
  add(console.print_headers, "", 'H');
  add(console.print_key, "", 'k');
  add(console.print_value, "", 's');
  format.pieces_.push_back({'\0', console.line_separator});
  return format;
}

void RecordFormat::append(std::string& out, const RecordOrigin& origin, const records::RecordView& record,
                          bool show_null) const {
  const auto number = [&out](auto value) { fmt::format_to(std::back_inserter(out), "{}", value); };
  const auto bytes = [&](bool present, std::string_view text) {
    out.append(present ? text : show_null ? std::string_view("NULL") : std::string_view(null_text_));
  };
  for (const Piece& piece : pieces_) {
    switch (piece.letter) {
      case '\0': out += piece.text; break;
      case 't': out += origin.topic; break;
      case 'p': number(origin.partition); break;
      case 'o': number(record.offset); break;
      case 'k': bytes(record.has_key, record.key_text()); break;
      case 'K': number(record.has_key ? static_cast<std::int64_t>(record.key.size()) : -1); break;
      case 's': bytes(record.has_value, record.value_text()); break;
      case 'S': number(record.has_value ? static_cast<std::int64_t>(record.value.size()) : -1); break;
      case 'R': append_length_bytes(out, record.has_value ? record.value.size() : 0xffffffffu); break;
      case 'T': number(record.timestamp_ms); break;
      case 'h': append_headers(out, record); break;
      case 'H': append_console_headers(out, record, null_text_); break;
      case 'e': number(origin.leader_epoch); break;
    }
  }
}

void append_json(std::string& out, const RecordOrigin& origin, const records::RecordView& record) {
  out += "{\"topic\":";
  handlers::append_json_string(out, origin.topic);
  fmt::format_to(std::back_inserter(out), ",\"partition\":{},\"offset\":{},\"ts\":{},\"leader_epoch\":{},",
                 origin.partition, record.offset, record.timestamp_ms, origin.leader_epoch);
  if (origin.delivery_count > 0)
    fmt::format_to(std::back_inserter(out), "\"delivery_count\":{},", origin.delivery_count);
  out += "\"headers\":[";
  bool first = true;
  for (const records::HeaderView& header : record.headers()) {
    out += first ? "{\"k\":" : ",{\"k\":";
    first = false;
    handlers::append_json_string(out, header.key);
    append_bytes_member(out, "v", header.has_value, header.value_text());
    out += '}';
  }
  out += ']';
  append_bytes_member(out, "key", record.has_key, record.key_text());
  append_bytes_member(out, "payload", record.has_value, record.value_text());
  out += "}\n";
}

}  // namespace barnabas::tools
