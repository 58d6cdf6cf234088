// Uuids as Kafka prints them.
#include "barnabas/protocol/types.hpp"

namespace barnabas::protocol {

namespace {

constexpr string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t text_size = 22;  // 128 bits, six a character; the last character carries two bits

}  // namespace

std::string Uuid::to_string() const {
  std::string text;
  text.reserve(text_size);
  uint32 pending = 0;
  int bits = 0;
  for (unsigned char octet : octets) {
    pending = pending << 8 | octet;
    for (bits += 8; bits >= 6; bits -= 6) text += alphabet[pending >> (bits - 6) & 63];
  }
  text += alphabet[pending << (6 - bits) & 63];
  return text;
}

std::optional<Uuid> Uuid::parse(string text) {
  if (text.size() != text_size) return std::nullopt;
  Uuid id;
  uint32 pending = 0;
  int bits = 0;
  std::size_t filled = 0;
  for (char c : text) {
    const std::size_t digit = alphabet.find(c);
    if (digit == string::npos) return std::nullopt;
    pending = pending << 6 | static_cast<uint32>(digit);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    id.octets[filled++] = static_cast<unsigned char>(pending >> bits);
    if (filled == id.octets.size()) break;
  }
  // The last character may only carry the two bits that are left.
  const std::size_t last = alphabet.find(text.back());
  if (last == string::npos || (last & 15) != 0) return std::nullopt;
  return id;
}

}  // namespace barnabas::protocol
