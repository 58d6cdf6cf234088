// The names that records borrows from the protocol, and big-endian loads and stores.
#pragma once

#include <bit>
#include <cstddef>
#include <cstring>

#include "barnabas/protocol/types.hpp"

namespace barnabas::records {

using protocol::bytes;
using protocol::int16;
using protocol::int32;
using protocol::int64;
using protocol::int8;
using protocol::string;
using protocol::uint16;
using protocol::uint32;
using protocol::uint64;
using protocol::uint8;

/// Reads a big-endian integer; the caller has checked that the bytes are there.
template <class T>
inline T load_be(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  if constexpr (std::endian::native == std::endian::little && sizeof(T) > 1) value = std::byteswap(value);
  return value;
}

template <class T>
inline void store_be(char* to, T value) {
  if constexpr (std::endian::native == std::endian::little && sizeof(T) > 1) value = std::byteswap(value);
  std::memcpy(to, &value, sizeof value);
}

}  // namespace barnabas::records
