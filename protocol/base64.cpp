#include "barnabas/protocol/base64.hpp"

#include <algorithm>

namespace barnabas::protocol {

namespace {

constexpr string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr uint8 foreign = 0xff;

constexpr auto digits = [] {
  std::array<uint8, 256> table{};
  table.fill(foreign);
  for (std::size_t i = 0; i < alphabet.size(); ++i) table[static_cast<uint8>(alphabet[i])] = static_cast<uint8>(i);
  return table;
}();

std::size_t padding_of(string text) { return text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0; }

}  // namespace

void append_base64(std::string& out, bytes data) {
  const std::size_t begin = out.size();
  const std::size_t whole = data.size() / 3 * 3;
  out.resize(begin + (data.size() + 2) / 3 * 4, '=');
  char* to = out.data() + begin;
  const auto octet = [&](std::size_t i) { return i < data.size() ? uint32{static_cast<uint8>(data[i])} : 0; };
  for (std::size_t i = 0; i < whole; i += 3) {
    const uint32 group = octet(i) << 16 | octet(i + 1) << 8 | octet(i + 2);
    for (int shift = 18; shift >= 0; shift -= 6) *to++ = alphabet[group >> shift & 63];
  }
  if (whole == data.size()) return;
  const uint32 group = octet(whole) << 16 | octet(whole + 1) << 8;
  *to++ = alphabet[group >> 18];
  *to++ = alphabet[group >> 12 & 63];
  if (data.size() - whole == 2) *to = alphabet[group >> 6 & 63];
}

std::optional<std::size_t> base64_decoded_size(string text) {
  if (text.size() % 4 != 0) return std::nullopt;
  return text.size() / 4 * 3 - padding_of(text);
}

bool decode_base64(string text, char* to) {
  if (text.size() % 4 != 0) return false;
  text.remove_suffix(padding_of(text));
  uint32 pending = 0;
  int bits = 0;
  for (char c : text) {
    const uint8 digit = digits[static_cast<uint8>(c)];
    if (digit == foreign) return false;
    pending = pending << 6 | digit;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    *to++ = static_cast<char>(pending >> bits);
  }
  return (pending & ((1U << bits) - 1)) == 0;
}

}  // namespace barnabas::protocol
