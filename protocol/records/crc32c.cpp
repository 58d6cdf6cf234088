#include "barnabas/protocol/records/crc32c.hpp"

#include <array>

#include "barnabas/protocol/records/crc32c_hardware.hpp"

namespace barnabas::records {
namespace {

using Tables = std::array<std::array<uint32, 256>, 8>;

// tables[k][b] is what byte b does to the state when k more bytes follow it.
constexpr Tables make_tables() {
  Tables tables{};
  for (uint32 b = 0; b < 256; ++b) {
    uint32 state = b;
    for (int bit = 0; bit < 8; ++bit) state = (state >> 1) ^ ((state & 1) ? crc32c_polynomial : 0);
    tables[0][b] = state;
  }
  for (std::size_t k = 1; k < 8; ++k) {
    for (uint32 b = 0; b < 256; ++b) tables[k][b] = (tables[k - 1][b] >> 8) ^ tables[0][tables[k - 1][b] & 0xff];
  }
  return tables;
}

constexpr Tables tables = make_tables();

uint64 load_le64(const char* from) {
  const uint64 value = load_be<uint64>(from);
  return std::byteswap(value);
}

uint32 update_portable(uint32 state, bytes data) {
  const char* p = data.data();
  std::size_t left = data.size();
  for (; left >= 8; p += 8, left -= 8) {
    const uint64 x = load_le64(p) ^ state;
    state = tables[7][x & 0xff] ^ tables[6][(x >> 8) & 0xff] ^ tables[5][(x >> 16) & 0xff] ^
            tables[4][(x >> 24) & 0xff] ^ tables[3][(x >> 32) & 0xff] ^ tables[2][(x >> 40) & 0xff] ^
            tables[1][(x >> 48) & 0xff] ^ tables[0][x >> 56];
  }
  for (; left > 0; ++p, --left) state = (state >> 8) ^ tables[0][(state ^ static_cast<uint8>(*p)) & 0xff];
  return state;
}

struct Methods {
  std::array<Crc32cMethod, 2> list{Crc32cMethod{"portable", update_portable}, Crc32cMethod{}};
  std::size_t count = 1;

  Methods() {
    if (auto* update = crc32c_hardware_update()) list[count++] = {"hardware", update};
  }
};

const Methods& methods() {
  static const Methods all;
  return all;
}

}  // namespace

std::span<const Crc32cMethod> crc32c_methods() { return std::span(methods().list).first(methods().count); }

uint32 crc32c_extend(uint32 crc, bytes data) {
  const Methods& all = methods();
  return ~all.list[all.count - 1].update(~crc, data);
}

uint32 crc32c(bytes data) { return crc32c_extend(0, data); }

}  // namespace barnabas::records
