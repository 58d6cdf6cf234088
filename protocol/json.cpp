#include "barnabas/protocol/json.hpp"

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>

#include "barnabas/protocol/base64.hpp"
#include "barnabas/protocol/memory.hpp"

namespace barnabas::protocol {

namespace {

using namespace detail;

constexpr string hex_digits = "0123456789abcdef";

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

bool needs_no_escape(char c) {
  const auto octet = static_cast<uint8>(c);
  return octet >= 0x20 && octet < 0x7f && c != '"' && c != '\\';
}

void append_hex(std::string& out, uint8 octet) {
  out += hex_digits[octet >> 4];
  out += hex_digits[octet & 15];
}

void append_escape(std::string& out, char c) {
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: out += "\\u00"; return append_hex(out, static_cast<uint8>(c));
  }
}

template <class T>
void append_number(std::string& out, T value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  out.append(text, end);
}

void append_float(std::string& out, float64 value) {
  if (std::isfinite(value)) {
    const std::size_t begin = out.size();
    append_number(out, value);
    // So that it reads as no integer, which has no -0.
    if (string(out).substr(begin).find_first_of(".e") == string::npos) out += ".0";
    return;
  }
  if (!std::isnan(value)) {
    out += value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
    return;
  }
  out += "\"NaN";
  const auto bits = std::bit_cast<uint64>(value);
  if (bits != std::bit_cast<uint64>(std::numeric_limits<float64>::quiet_NaN())) {
    out += ':';
    for (int shift = 56; shift >= 0; shift -= 8) append_hex(out, static_cast<uint8>(bits >> shift));
  }
  out += '"';
}

class Printer {
 public:
  Printer(int version, const UnknownTags* unknown, Secrets secrets, std::string& out)
      : version_(version), unknown_(unknown), secrets_(secrets), out_(out) {}

  void structure(const StructInfo& info, const char* from) {
    out_ += '{';
    const std::size_t begin = out_.size();
    for (const FieldInfo& field : info.fields) {
      if (!field.in(version_)) continue;
      name(field.name, begin);
      value(field.type, from + field.at);
    }
    if (unknown_ != nullptr) unknown_tags(info, from, begin);
    out_ += '}';
  }

  void value(const TypeInfo& type, const char* from) {
    if (is_null(type, from)) {
      out_ += "null";
    } else if (type.secret && secrets_ == Secrets::hide) {
      out_ += "\"(secret)\"";
    } else {
      present(type, from);
    }
  }

 private:
  void name(string text, std::size_t begin) {
    out_ += out_.size() == begin ? "\"" : ",\"";
    out_ += text;
    out_ += "\":";
  }

  void unknown_tags(const StructInfo& info, const char* structure, std::size_t begin) {
    const auto tags = unknown_->of(tags_owner(info, structure));
    if (tags.empty()) return;
    name("_unknown_tags", begin);
    char separator = '[';
    for (const UnknownTags::Tag& tag : tags) {
      out_ += std::exchange(separator, ',');
      out_ += "{\"tag\":";
      append_number(out_, tag.tag);
      out_ += ",\"data\":";
      base64(tag.data);
      out_ += '}';
    }
    out_ += ']';
  }

  void present(const TypeInfo& type, const char* from) {
    switch (type.kind) {
      case Kind::boolean: out_ += get<uint8>(from) != 0 ? "true" : "false"; return;
      case Kind::int8: return append_number(out_, static_cast<int>(get<int8>(from)));
      case Kind::int16: return append_number(out_, get<int16>(from));
      case Kind::uint16: return append_number(out_, get<uint16>(from));
      case Kind::int32: return append_number(out_, get<int32>(from));
      case Kind::int64: return append_number(out_, get<int64>(from));
      case Kind::float64: return append_float(out_, get<float64>(from));
      case Kind::uuid: return append_json_string(out_, get<Uuid>(from).to_string());
      case Kind::string: return append_json_string(out_, get<string>(from));
      case Kind::bytes: return base64(get<bytes>(from));
      case Kind::list: return list(*type.element, get<RawList>(from));
      case Kind::structure: return structure(*type.of, from);
    }
  }

  void base64(bytes data) {
    out_ += '"';
    append_base64(out_, data);
    out_ += '"';
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
  const UnknownTags* unknown_;
  Secrets secrets_;
  std::string& out_;
};

}  // namespace

void detail::append_json_value(std::string& out, const TypeInfo& type, const char* value) {
  Printer(0, nullptr, Secrets::reveal, out).value(type, value);
}

void append_json_string(std::string& out, string text) {
  out += '"';
  while (!text.empty()) {
    std::size_t plain = 0;
    while (plain < text.size() && needs_no_escape(text[plain])) ++plain;
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    std::size_t size = character_size(text);
    if (size == 0) {
      out += "\\udc";
      append_hex(out, static_cast<uint8>(text.front()));
      size = 1;
    } else if (size == 1) {
      append_escape(out, text.front());
    } else {
      out += text.substr(0, size);
    }
    text.remove_prefix(size);
  }
  out += '"';
}

void append_json(std::string& out, const MessageInfo& info, const void* message, int version,
                 const UnknownTags* unknown, Secrets secrets) {
  if (unknown != nullptr && unknown->empty()) unknown = nullptr;
  Printer(version, unknown, secrets, out).structure(*info.root, static_cast<const char*>(message));
}

std::string to_json(const MessageInfo& info, const void* message, int version, const UnknownTags* unknown,
                    Secrets secrets) {
  std::string out;
  append_json(out, info, message, version, unknown, secrets);
  return out;
}

}  // namespace barnabas::protocol
