// Zigzag varints as records use them: at most 5 bytes for 32 bits, 10 for 64.
#pragma once

#include <limits>

#include "barnabas/protocol/records/names.hpp"

namespace barnabas::records {

/// Why a varint could not be read.
enum class VarintError : uint8 { none, cut_short, too_long };

/// Reads bytes from the third on; `raw` holds the first two. Kept out of line: most varints have one or two bytes.
[[gnu::noinline]] VarintError read_long_varint(const char*& p, const char* end, int bytes_max, uint64 raw,
                                               uint64& value);

/// Reads an unsigned varint from [p, end) and moves `p` behind it. On an error `p` is anywhere in [p, end].
[[gnu::always_inline]] inline VarintError read_raw_varint(const char*& p, const char* end, int bytes_max,
                                                          uint64& value) {
  if (p == end) return VarintError::cut_short;
  const auto first = static_cast<uint8>(*p++);
  value = first;
  if (first < 0x80) [[likely]]
    return VarintError::none;
  if (p == end) return VarintError::cut_short;
  const auto second = static_cast<uint8>(*p++);
  value = (first & 0x7fu) | static_cast<uint64>(second & 0x7f) << 7;
  if (second < 0x80) [[likely]]
    return VarintError::none;
  return read_long_varint(p, end, bytes_max, value, value);
}

constexpr int64 unzigzag(uint64 raw) { return static_cast<int64>(raw >> 1) ^ -static_cast<int64>(raw & 1); }
constexpr uint64 zigzag(int64 value) { return (static_cast<uint64>(value) << 1) ^ static_cast<uint64>(value >> 63); }

/// A varint of 64 bits (Kafka's varlong).
[[gnu::always_inline]] inline VarintError read_varlong(const char*& p, const char* end, int64& value) {
  uint64 raw = 0;
  const VarintError error = read_raw_varint(p, end, 10, raw);
  value = unzigzag(raw);
  return error;
}

/// A varint of 32 bits (Kafka's varint); a value outside of them is an error, too.
[[gnu::always_inline]] inline VarintError read_varint(const char*& p, const char* end, int32& value) {
  uint64 raw = 0;
  const VarintError error = read_raw_varint(p, end, 5, raw);
  if (raw > std::numeric_limits<uint32>::max()) [[unlikely]]
    return VarintError::too_long;
  value = static_cast<int32>(unzigzag(raw));
  return error;
}

constexpr std::size_t varint_size(int64 value) {
  return (static_cast<std::size_t>(std::bit_width(zigzag(value) | 1)) + 6) / 7;
}

/// Writes at `to` and returns the place behind; the caller has made room for varint_size(value) bytes.
inline char* write_varint(char* to, int64 value) {
  uint64 raw = zigzag(value);
  for (; raw >= 0x80; raw >>= 7) *to++ = static_cast<char>(raw | 0x80);
  *to++ = static_cast<char>(raw);
  return to;
}

}  // namespace barnabas::records
