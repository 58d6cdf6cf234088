// Zigzag varints as records use them: at most 5 bytes for 32 bits, 10 for 64.
#pragma once

#include <limits>

#include "barnabas/protocol/records/names.hpp"

namespace barnabas::records {

inline constexpr int varint_bytes_max = 5;
inline constexpr int varlong_bytes_max = 10;

constexpr int64 unzigzag(uint64 raw) { return static_cast<int64>(raw >> 1) ^ -static_cast<int64>(raw & 1); }
constexpr uint64 zigzag(int64 value) { return (static_cast<uint64>(value) << 1) ^ static_cast<uint64>(value >> 63); }

struct RawVarint {
  const char* next;  ///< null: cut short or too long
  uint64 raw;
};

/// The general case, out of line: most varints have one or two bytes. A value beyond 32 bits is too long where 5 bytes
/// are allowed.
RawVarint read_raw_varint(const char* p, const char* end, int bytes_max);

/// Reads a varint of 64 bits (Kafka's varlong) from [p, end) and returns the place behind it; null when it is cut short
/// or too long.
[[gnu::always_inline]] inline const char* read_varlong(const char* p, const char* end, int64& value,
                                                       int bytes_max = varlong_bytes_max) {
  if (p != end) [[likely]] {
    const auto first = static_cast<uint8>(p[0]);
    if (first < 0x80) [[likely]] {
      value = unzigzag(first);
      return p + 1;
    }
    if (end - p >= 2 && static_cast<uint8>(p[1]) < 0x80) [[likely]] {
      value = unzigzag((first & 0x7fu) | static_cast<uint32>(p[1]) << 7);
      return p + 2;
    }
  }
  const RawVarint read = read_raw_varint(p, end, bytes_max);
  value = unzigzag(read.raw);
  return read.next;
}

/// The same for 32 bits (Kafka's varint).
[[gnu::always_inline]] inline const char* read_varint(const char* p, const char* end, int32& value) {
  int64 wide = 0;
  const char* const next = read_varlong(p, end, wide, varint_bytes_max);
  value = static_cast<int32>(wide);
  return next;
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
