#include "barnabas/tools/protocol_lines.hpp"

#include <simdjson.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "barnabas/protocol/json.hpp"
#include "barnabas/tools/command.hpp"
#include "barnabas/tools/hex.hpp"
#include "barnabas/tools/line_reader.hpp"
#include "barnabas/tools/terminal.hpp"

namespace barnabas::tools {
namespace {

namespace lazy = simdjson::ondemand;

constexpr std::size_t read_bytes = std::size_t{1} << 18;
constexpr std::size_t line_bytes_max = std::size_t{1} << 30;

void append_refusal(std::string& out, const Refusal& refusal) {
  out += "{\"error\":";
  protocol::append_json_string(out, refusal.what);
  out += ",\"path\":";
  protocol::append_json_string(out, refusal.path);
  if (refusal.offset) out += ",\"offset\":" + std::to_string(*refusal.offset);
  out += '}';
}

Refusal wrong_line(std::string what) { return {std::move(what), {}, {}}; }

bool take_text(lazy::value& value, std::string& text) {
  std::string_view view;
  if (value.get_string().get(view) != simdjson::SUCCESS) return false;
  text = view;
  return true;
}

bool take_object(lazy::value& value, std::string_view& text) {
  lazy::object object;
  return value.get_object().get(object) == simdjson::SUCCESS && object.raw_json().get(text) == simdjson::SUCCESS;
}

/// An API's name or its key.
bool take_api(lazy::value& value, std::string& api) {
  if (take_text(value, api)) return true;
  std::int64_t key = 0;
  if (value.get_int64().get(key) != simdjson::SUCCESS) return false;
  api = std::to_string(key);
  return true;
}

/// True and false, or the header itself.
bool take_header(lazy::value& value, bool& header, std::string_view& json) {
  if (value.get_bool().get(header) == simdjson::SUCCESS) return true;
  header = true;
  return take_object(value, json);
}

}  // namespace

struct LineConverter::Request {
  std::string api, kind, hex;
  std::optional<std::int64_t> version;
  bool header = false;
  bool has_hex = false;
  std::string_view json;                // views into the line
  std::string_view header_json = "{}";  // what is not given has its default
  Subject subject;

  bool take(std::string_view name, lazy::value& value) {
    std::int64_t number = 0;
    if (name == "api") return take_api(value, api);
    if (name == "kind") return take_text(value, kind);
    if (name == "hex") return has_hex = true, take_text(value, hex);
    if (name == "json") return take_object(value, json);
    if (name == "header") return take_header(value, header, header_json);
    if (name != "version") return true;  // whoever made the line may have uses of their own for other names
    if (value.get_int64().get(number) != simdjson::SUCCESS) return false;
    version = number;
    return true;
  }
};

struct LineConverter::Parser {
  lazy::parser parser;
  std::string padded;
  std::string bytes;

  std::optional<Refusal> read(std::string_view line, Request& request) {
    padded.assign(line);
    padded.append(simdjson::SIMDJSON_PADDING, '\0');
    lazy::document document;
    lazy::object object;
    if (parser.iterate(padded.data(), line.size(), padded.size()).get(document) != simdjson::SUCCESS ||
        document.get_object().get(object) != simdjson::SUCCESS) {
      return wrong_line("the line is not a JSON object");
    }
    for (auto item : object) {
      std::string_view name;
      lazy::value value;
      if (item.unescaped_key().get(name) != simdjson::SUCCESS || item.value().get(value) != simdjson::SUCCESS) {
        return wrong_line("the line is not JSON");
      }
      if (!request.take(name, value)) {
        return Refusal{"is not of the type that belongs there", std::string(name.substr(0, 100)), {}};
      }
    }
    if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) {
      return wrong_line("something follows the object on the line");
    }
    return complete(request);
  }

  static std::optional<Refusal> complete(Request& request) {
    if (request.api.empty()) return wrong_line("\"api\" is missing");
    if (!request.version) return wrong_line("\"version\" is missing");
    auto info = find_message_named(request.api, request.kind);
    if (!info) return wrong_line(std::move(info.error()));
    if (*request.version < 0 || *request.version > 0x7fff) return wrong_line("\"version\" is out of range");
    request.subject = {*info, static_cast<int>(*request.version), request.header};
    return std::nullopt;
  }
};

LineConverter::LineConverter(Direction direction) : direction_(direction), parser_(std::make_unique<Parser>()) {}
LineConverter::~LineConverter() = default;

void LineConverter::answer(std::string_view line, std::string& out) {
  const std::size_t begin = out.size();
  if (const auto refusal = convert(line, out)) {
    refused_any_ = true;
    out.resize(begin);
    append_refusal(out, *refusal);
  }
  out += '\n';
}

std::optional<Refusal> LineConverter::convert(std::string_view line, std::string& out) {
  Request request;
  if (auto wrong = parser_->read(line, request)) return wrong;
  return direction_ == Direction::decode ? convert_hex(request, out) : convert_json(request, out);
}

std::optional<Refusal> LineConverter::convert_hex(const Request& request, std::string& out) {
  if (!request.has_hex) return wrong_line("\"hex\" is missing");
  const auto data = parse_hex(request.hex);
  if (!data) return Refusal{"is not hexadecimal", "hex", {}};
  return converter_.decode(request.subject, *data, out);
}

std::optional<Refusal> LineConverter::convert_json(const Request& request, std::string& out) {
  if (request.json.empty()) return wrong_line("\"json\" is missing");
  parser_->bytes.clear();
  if (auto wrong = converter_.encode(request.subject, request.json, request.header_json, parser_->bytes)) return wrong;
  out += "{\"hex\":\"";
  append_hex(out, parser_->bytes);
  out += "\"}";
  return std::nullopt;
}

namespace {

/// What was written so far; false when nobody reads it any more.
bool flush(std::string& out) {
  const bool written = std::fwrite(out.data(), 1, out.size(), stdout) == out.size() && std::fflush(stdout) == 0;
  if (!written && errno != EPIPE) {
    throw std::system_error(errno, std::generic_category(), "could not write to standard output");
  }
  out.clear();
  return written;
}

/// Appends what is there to `to`; false at the end.
bool read_some(std::string& to) {
  const std::size_t before = to.size();
  ssize_t got = 0;
  to.resize_and_overwrite(before + read_bytes, [&](char* data, std::size_t) {
    do {
      got = ::read(STDIN_FILENO, data + before, read_bytes);
    } while (got < 0 && errno == EINTR);
    return before + static_cast<std::size_t>(std::max<ssize_t>(got, 0));
  });
  if (got < 0) throw std::system_error(errno, std::generic_category(), "could not read standard input");
  return got > 0;
}

}  // namespace

int convert_lines(Direction direction) {
  LineConverter converter(direction);
  LineReader lines("\n");
  std::string out;
  std::string_view line;
  while (read_some(lines.buffer())) {
    while (lines.next(line)) {
      converter.answer(line, out);
      if (out.size() >= read_bytes && !flush(out)) return exit_ok;
    }
    if (lines.pending() > line_bytes_max) {
      print_error_line("barnabas: a line of more than 1 GiB");
      return exit_data;
    }
    // Whoever waits for the answer to a line before sending the next one gets it now.
    if (!out.empty() && !flush(out)) return exit_ok;
  }
  if (lines.last(line)) converter.answer(line, out);
  flush(out);
  return converter.refused_any() ? exit_data : exit_ok;
}

}  // namespace barnabas::tools
