#include "barnabas/protocol/json.hpp"

#include <charconv>
#include <cmath>

#include "barnabas/protocol/memory.hpp"

namespace barnabas::protocol {

namespace {

using namespace detail;

constexpr string replacement = "\xef\xbf\xbd";  // U+FFFD

/// Bytes of the well-formed UTF-8 character that `text` begins with; 0 when it is none.
std::size_t character_size(string text) {
  const auto at = [&](std::size_t i) { return i < text.size() ? static_cast<uint8>(text[i]) : uint8{0}; };
  const auto follows = [&](std::size_t i, uint8 lo = 0x80, uint8 hi = 0xbf) { return lo <= at(i) && at(i) <= hi; };
  const uint8 first = at(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return follows(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    // No overlong forms, no surrogates.
    return follows(1, first == 0xe0 ? 0xa0 : 0x80, first == 0xed ? 0x9f : 0xbf) && follows(2) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    // No overlong forms, nothing above U+10FFFF.
    return follows(1, first == 0xf0 ? 0x90 : 0x80, first == 0xf4 ? 0x8f : 0xbf) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

void append_control(std::string& out, char c) {
  constexpr string hex = "0123456789abcdef";
  switch (c) {
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default:
      out += "\\u00";
      out += hex[static_cast<uint8>(c) >> 4];
      out += hex[static_cast<uint8>(c) & 15];
  }
}

void append_base64(std::string& out, bytes data) {
  constexpr string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < data.size(); i += 3) {
    const std::size_t given = std::min<std::size_t>(3, data.size() - i);
    uint32 group = 0;
    for (std::size_t k = 0; k < 3; ++k) group = group << 8 | (k < given ? static_cast<uint8>(data[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k) out += k <= given ? alphabet[group >> (18 - 6 * k) & 63] : '=';
  }
}

template <class T>
void append_number(std::string& out, T value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  out.append(text, end);
}

class Printer {
 public:
  Printer(int version, std::string& out) : version_(version), out_(out) {}

  void structure(const StructInfo& info, const char* from) {
    char separator = '{';
    for (const FieldInfo& field : info.fields) {
      if (!field.in(version_)) continue;
      out_ += std::exchange(separator, ',');
      append_json_string(out_, field.name);
      out_ += ':';
      value(field.type, from + field.at);
    }
    if (separator == '{') out_ += '{';
    out_ += '}';
  }

 private:
  void value(const TypeInfo& type, const char* from) {
    if (is_null(type, from)) {
      out_ += "null";
    } else if (type.secret) {
      out_ += "\"(secret)\"";
    } else {
      present(type, from);
    }
  }

  void present(const TypeInfo& type, const char* from) {
    switch (type.kind) {
      case Kind::boolean: out_ += get<bool>(from) ? "true" : "false"; return;
      case Kind::int8: return append_number(out_, static_cast<int>(get<int8>(from)));
      case Kind::int16: return append_number(out_, get<int16>(from));
      case Kind::uint16: return append_number(out_, get<uint16>(from));
      case Kind::int32: return append_number(out_, get<int32>(from));
      case Kind::int64: return append_number(out_, get<int64>(from));
      case Kind::float64: return number(get<float64>(from));
      case Kind::uuid: return append_json_string(out_, get<Uuid>(from).to_string());
      case Kind::string: return append_json_string(out_, get<string>(from));
      case Kind::bytes:
        out_ += '"';
        append_base64(out_, get<bytes>(from));
        out_ += '"';
        return;
      case Kind::list: return list(*type.element, get<RawList>(from));
      case Kind::structure: return structure(*type.of, from);
    }
  }

  void number(float64 value) {
    if (std::isfinite(value)) return append_number(out_, value);
    append_json_string(out_, std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
  }

  void list(const TypeInfo& element, RawList items) {
    out_ += '[';
    for (std::size_t i = 0; i < items.count; ++i) {
      if (i > 0) out_ += ',';
      value(element, items.data + i * element.size);
    }
    out_ += ']';
  }

  int version_;
  std::string& out_;
};

}  // namespace

void append_json_string(std::string& out, string text) {
  out += '"';
  while (!text.empty()) {
    const std::size_t size = character_size(text);
    if (size == 0) {
      out += replacement;
      text.remove_prefix(1);
      continue;
    }
    const char c = text.front();
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (size == 1 && (static_cast<uint8>(c) < 0x20 || c == 0x7f)) {
      append_control(out, c);
    } else {
      out += text.substr(0, size);
    }
    text.remove_prefix(size);
  }
  out += '"';
}

std::string to_json(const MessageInfo& info, const void* message, int version) {
  std::string out;
  Printer(version, out).structure(*info.root, static_cast<const char*>(message));
  return out;
}

}  // namespace barnabas::protocol
