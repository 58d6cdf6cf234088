// Numbers that follow each other on the wire, moved in one go. Internal to protocol/.
#pragma once

#include <array>

#include "barnabas/protocol/memory.hpp"

namespace barnabas::protocol::detail {

/// Scalars first; they differ by what has to be done to their bytes.
/// old_string keeps its length of two bytes in flexible versions.
enum class Code : uint8 { boolean, one, two, four, eight, uuid, string, bytes, list, structure, old_string, run };
constexpr bool is_scalar(Code code) { return code <= Code::uuid; }
constexpr bool is_number(Code code) { return code <= Code::eight; }

/// Numbers in a run, at most.
inline constexpr std::size_t run_max = 4;
using RunOffsets = std::array<uint16, run_max>;

/// How the numbers of a run get from the wire to their offsets in a structure, and back. Both return the place behind
/// what they read or wrote; the room was checked.
struct Run {
  const char* (*read)(const char* p, char* to, const RunOffsets& at) = nullptr;
  char* (*write)(const char* from, const RunOffsets& at, char* p) = nullptr;
};

/// One to run_max numbers.
Run run_of(std::span<const Code> numbers);

template <class U>
[[gnu::always_inline]] inline const char* read_integer(const char* p, char* to) {
  put(to, big_endian(get<U>(p)));
  return p + sizeof(U);
}
template <class U>
[[gnu::always_inline]] inline char* write_integer(U value, char* p) {
  put(p, big_endian(value));
  return p + sizeof value;
}

/// Two numbers of four bytes each, to or from the wire's order.
constexpr uint64 two_swapped(uint64 numbers) {
  if constexpr (std::endian::native == std::endian::big) return numbers;
  return std::rotl(std::byteswap(numbers), 32);
}

[[gnu::always_inline]] inline const char* read_scalar(Code code, const char* p, char* to) {
  switch (code) {
    case Code::boolean: *to = *p != 0; return p + 1;
    case Code::one: *to = *p; return p + 1;
    case Code::two: return read_integer<uint16>(p, to);
    case Code::four: return read_integer<uint32>(p, to);
    case Code::eight: return read_integer<uint64>(p, to);
    default: std::memcpy(to, p, sizeof(Uuid)); return p + sizeof(Uuid);
  }
}
[[gnu::always_inline]] inline char* write_scalar(Code code, const char* from, char* p) {
  switch (code) {
    case Code::boolean: *p = get<bool>(from) ? 1 : 0; return p + 1;
    case Code::one: *p = *from; return p + 1;
    case Code::two: return write_integer(get<uint16>(from), p);
    case Code::four: return write_integer(get<uint32>(from), p);
    case Code::eight: return write_integer(get<uint64>(from), p);
    default: std::memcpy(p, from, sizeof(Uuid)); return p + sizeof(Uuid);
  }
}

}  // namespace barnabas::protocol::detail
