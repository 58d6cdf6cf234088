#include "barnabas/handlers/json_text.hpp"

#include <cstddef>
#include <cstdint>

namespace barnabas::handlers {
namespace {

unsigned char byte_at(std::string_view text, std::size_t i) { return static_cast<unsigned char>(text[i]); }

bool is_continuation(std::string_view text, std::size_t i) {
  return i < text.size() && (byte_at(text, i) & 0xC0) == 0x80;
}

/// Bytes of the well-formed character at `at`, or 0.
std::size_t character_size(std::string_view text, std::size_t at) {
  const unsigned lead = byte_at(text, at);
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4 || !is_continuation(text, at + 1)) return 0;
  if (lead < 0xE0) return 2;
  const unsigned second = byte_at(text, at + 1);
  if (!is_continuation(text, at + 2)) return 0;
  if (lead < 0xF0) {
    const bool overlong = lead == 0xE0 && second < 0xA0;
    const bool surrogate = lead == 0xED && second >= 0xA0;
    return overlong || surrogate ? 0 : 3;
  }
  const bool overlong = lead == 0xF0 && second < 0x90;
  const bool beyond_unicode = lead == 0xF4 && second >= 0x90;
  return overlong || beyond_unicode || !is_continuation(text, at + 3) ? 0 : 4;
}

void append_escape(std::string& json, char c) {
  switch (c) {
    case '"': json += "\\\""; return;
    case '\\': json += "\\\\"; return;
    case '\n': json += "\\n"; return;
    case '\r': json += "\\r"; return;
    case '\t': json += "\\t"; return;
    default: break;
  }
  constexpr char digits[] = "0123456789abcdef";
  json += "\\u00";
  json += digits[static_cast<unsigned char>(c) >> 4];
  json += digits[c & 15];
}

bool needs_escape(unsigned char c) { return c < 0x20 || c == '"' || c == '\\'; }

}  // namespace

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = character_size(text, at);
    if (size == 0) return false;
    at += size;
  }
  return true;
}

void append_json_string(std::string& json, std::string_view text) {
  json += '"';
  std::size_t plain_from = 0;
  const auto append_plain = [&](std::size_t end) { json.append(text.substr(plain_from, end - plain_from)); };
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = character_size(text, at);
    if (size == 1 && !needs_escape(byte_at(text, at))) {
      ++at;
      continue;
    }
    if (size > 1) {
      at += size;
      continue;
    }
    append_plain(at);
    if (size == 0) {
      json += "\xEF\xBF\xBD";
    } else {
      append_escape(json, text[at]);
    }
    plain_from = ++at;
  }
  append_plain(text.size());
  json += '"';
}

std::string json_string(std::string_view text) {
  std::string json;
  append_json_string(json, text);
  return json;
}

}  // namespace barnabas::handlers
