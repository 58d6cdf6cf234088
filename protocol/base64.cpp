#include "barnabas/protocol/base64.hpp"

#include <bit>
#include <cstring>

namespace barnabas::protocol {

namespace {

constexpr string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr uint8 foreign = 0xff;

// Two characters for each 12 bits: half the look-ups of the usual table, and 8 KiB stay in the first-level cache.
using Pair = std::array<char, 2>;
constexpr auto pairs = [] {
  std::array<Pair, 4096> table{};
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = {alphabet[i >> 6], alphabet[i & 63]};
  return table;
}();

uint64 load_big_endian(const char* from) {
  uint64 word;
  std::memcpy(&word, from, sizeof word);
  return std::endian::native == std::endian::little ? __builtin_bswap64(word) : word;
}

void store_pair(char* to, uint64 bits) { std::memcpy(to, pairs[bits & 4095].data(), 2); }

uint32 byte_at(const char* from, std::size_t i) { return static_cast<unsigned char>(from[i]); }

constexpr auto digits = [] {
  std::array<uint8, 256> table{};
  table.fill(foreign);
  for (std::size_t i = 0; i < alphabet.size(); ++i) table[static_cast<uint8>(alphabet[i])] = static_cast<uint8>(i);
  return table;
}();

std::size_t padding_of(string text) { return text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0; }

}  // namespace

char* base64_write(bytes from, char* to) {
  const char* at = from.data();
  std::size_t left = from.size();
  for (; left >= 8; left -= 6, at += 6, to += 8) {
    const uint64 word = load_big_endian(at);
    store_pair(to, word >> 52);
    store_pair(to + 2, word >> 40);
    store_pair(to + 4, word >> 28);
    store_pair(to + 6, word >> 16);
  }
  for (; left >= 3; left -= 3, at += 3, to += 4) {
    const uint32 bits = byte_at(at, 0) << 16 | byte_at(at, 1) << 8 | byte_at(at, 2);
    store_pair(to, bits >> 12);
    store_pair(to + 2, bits);
  }
  if (left == 0) return to;
  const uint32 bits = byte_at(at, 0) << 16 | (left == 2 ? byte_at(at, 1) << 8 : 0);
  store_pair(to, bits >> 12);
  to[2] = left == 2 ? alphabet[bits >> 6 & 63] : '=';
  to[3] = '=';
  return to + 4;
}

void append_base64(std::string& out, bytes data) {
  const std::size_t old_size = out.size();
  const std::size_t size = old_size + base64_size(data.size());
  // libstdc++ 12 hands the enlarged capacity to the callback, so its second argument is of no use.
  out.resize_and_overwrite(size, [&](char* text, std::size_t) {
    base64_write(data, text + old_size);
    return size;
  });
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
