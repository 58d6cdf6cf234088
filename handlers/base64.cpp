#include "barnabas/handlers/base64.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace barnabas::handlers {
namespace {

constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Two characters for each 12 bits: half the look-ups of the usual table, and 8 KiB stay in the first-level cache.
using Pair = std::array<char, 2>;
constexpr auto pairs = [] {
  std::array<Pair, 4096> table{};
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = {alphabet[i >> 6], alphabet[i & 63]};
  return table;
}();

std::uint64_t load_big_endian(const char* from) {
  std::uint64_t word;
  std::memcpy(&word, from, sizeof word);
  return std::endian::native == std::endian::little ? __builtin_bswap64(word) : word;
}

void store_pair(char* to, std::uint64_t bits) { std::memcpy(to, pairs[bits & 4095].data(), 2); }

std::uint32_t byte_at(const char* from, std::size_t i) { return static_cast<unsigned char>(from[i]); }

}  // namespace

char* base64_write(std::span<const char> from, char* to) {
  const char* at = from.data();
  std::size_t left = from.size();
  for (; left >= 8; left -= 6, at += 6, to += 8) {
    const std::uint64_t word = load_big_endian(at);
    store_pair(to, word >> 52);
    store_pair(to + 2, word >> 40);
    store_pair(to + 4, word >> 28);
    store_pair(to + 6, word >> 16);
  }
  for (; left >= 3; left -= 3, at += 3, to += 4) {
    const std::uint32_t bits = byte_at(at, 0) << 16 | byte_at(at, 1) << 8 | byte_at(at, 2);
    store_pair(to, bits >> 12);
    store_pair(to + 2, bits);
  }
  if (left == 0) return to;
  const std::uint32_t bits = byte_at(at, 0) << 16 | (left == 2 ? byte_at(at, 1) << 8 : 0);
  store_pair(to, bits >> 12);
  to[2] = left == 2 ? alphabet[bits >> 6 & 63] : '=';
  to[3] = '=';
  return to + 4;
}

void base64_append(std::string& text, std::span<const char> from) {
  const std::size_t old_size = text.size();
  const std::size_t size = old_size + base64_size(from.size());
  // libstdc++ 12 hands the enlarged capacity to the callback, so its second argument is of no use.
  text.resize_and_overwrite(size, [&](char* data, std::size_t) {
    base64_write(from, data + old_size);
    return size;
  });
}

}  // namespace barnabas::handlers
