#include "barnabas/protocol/records/crc32c_hardware.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__) && defined(__linux__)
#include <arm_acle.h>
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

namespace barnabas::records {

#if defined(__x86_64__)
namespace {

uint64 load64(const char* from) {
  uint64 value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

// x to the power `exponent`, modulo the polynomial, lowest power in the highest bit.
constexpr uint32 power_of_x(unsigned exponent) {
  uint32 value = 0x80000000;
  for (unsigned i = 0; i < exponent; ++i) value = (value >> 1) ^ ((value & 1) ? crc32c_polynomial : 0);
  return value;
}

// The instruction takes three cycles but a new one starts every cycle, so three streams side by side keep it busy.
// Their states are joined by carry-less multiplication: a state that `n` more bytes follow counts x^(8n) times. 33
// less, because the product comes out multiplied by x and the instruction that folds it multiplies by x^32.
template <std::size_t stream_bytes>
__attribute__((target("sse4.2,pclmul"))) uint64 three_streams(uint64 first, const char* p) {
  static_assert(stream_bytes % 8 == 0 && stream_bytes >= 16);
  constexpr long long by_two = power_of_x(16 * stream_bytes - 33), by_one = power_of_x(8 * stream_bytes - 33);
  uint64 second = 0, third = 0;
  const char* const end = p + stream_bytes - 8;
  for (; p != end; p += 8) {
    first = _mm_crc32_u64(first, load64(p));
    second = _mm_crc32_u64(second, load64(p + stream_bytes));
    third = _mm_crc32_u64(third, load64(p + 2 * stream_bytes));
  }
  first = _mm_crc32_u64(first, load64(p));
  second = _mm_crc32_u64(second, load64(p + stream_bytes));
  const __m128i joined = _mm_xor_si128(
      _mm_clmulepi64_si128(_mm_cvtsi64_si128(static_cast<long long>(first)), _mm_cvtsi64_si128(by_two), 0),
      _mm_clmulepi64_si128(_mm_cvtsi64_si128(static_cast<long long>(second)), _mm_cvtsi64_si128(by_one), 0));
  return _mm_crc32_u64(third, load64(p + 2 * stream_bytes) ^ static_cast<uint64>(_mm_cvtsi128_si64(joined)));
}

__attribute__((target("sse4.2,pclmul"))) uint32 update_sse42(uint32 before, bytes data) {
  constexpr std::size_t long_stream = 1024, short_stream = 64;
  const char* p = data.data();
  std::size_t left = data.size();
  uint64 state = before;
  for (; left >= 3 * long_stream; p += 3 * long_stream, left -= 3 * long_stream) {
    state = three_streams<long_stream>(state, p);
  }
  for (; left >= 3 * short_stream; p += 3 * short_stream, left -= 3 * short_stream) {
    state = three_streams<short_stream>(state, p);
  }
  for (; left >= 8; p += 8, left -= 8) state = _mm_crc32_u64(state, load64(p));
  for (; left > 0; ++p, --left) state = _mm_crc32_u8(static_cast<uint32>(state), static_cast<uint8>(*p));
  return static_cast<uint32>(state);
}

}  // namespace

Crc32cUpdate crc32c_hardware_update() {
  const bool can = __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul");
  return can ? update_sse42 : nullptr;
}

#elif defined(__aarch64__) && defined(__linux__)
namespace {

__attribute__((target("+crc"))) uint32 update_crc_extension(uint32 state, bytes data) {
  const char* p = data.data();
  std::size_t left = data.size();
  for (; left >= 8; p += 8, left -= 8) {
    uint64 value;
    std::memcpy(&value, p, sizeof value);
    state = __crc32cd(state, value);
  }
  for (; left > 0; ++p, --left) state = __crc32cb(state, static_cast<uint8>(*p));
  return state;
}

}  // namespace

Crc32cUpdate crc32c_hardware_update() {
  return (getauxval(AT_HWCAP) & HWCAP_CRC32) != 0 ? update_crc_extension : nullptr;
}

#else

Crc32cUpdate crc32c_hardware_update() { return nullptr; }

#endif

}  // namespace barnabas::records
