// How the codec reaches values in messages and on the wire. Internal to protocol/.
#pragma once

#include <bit>
#include <cstring>

#include "barnabas/protocol/table.hpp"

namespace barnabas::protocol::detail {

/// Every list<T> lies in memory like this one.
using RawList = list<char>;
static_assert(sizeof(RawList) == sizeof(list<int64>) && sizeof(RawList) == sizeof(list<string>));

template <class T>
T get(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}
template <class T>
void put(char* to, const T& value) {
  std::memcpy(to, &value, sizeof value);
}

inline bool is_null(const TypeInfo& type, const char* value) { return type.nullable && value[type.value_size] == 0; }
inline void set_null(const TypeInfo& type, char* value, bool null) { value[type.value_size] = null ? 0 : 1; }

inline const char* defaults(const StructInfo& info) { return static_cast<const char*>(info.defaults); }

/// Between the machine's byte order and the wire's; works on unsigned integers.
template <class U>
constexpr U big_endian(U value) {
  if constexpr (std::endian::native == std::endian::big || sizeof(U) == 1) return value;
  return std::byteswap(value);
}

constexpr std::size_t uvarint_bytes_max = 5;
constexpr std::size_t uvarint_size(uint32 value) {
  return (static_cast<std::size_t>(std::bit_width(value | 1U)) + 6) / 7;
}

bool equal_values(const TypeInfo& type, const char* a, const char* b);
inline bool at_default(const StructInfo& info, const FieldInfo& field, const char* structure) {
  return equal_values(field.type, structure + field.at, defaults(info) + field.at);
}

/// Puts "name" or "[index]" in front of a path that grows from the inside out.
void prepend_field(std::string& path, string name);
void prepend_index(std::string& path, std::size_t index);

}  // namespace barnabas::protocol::detail
