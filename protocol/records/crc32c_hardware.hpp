// Internal to crc32c: the processor's own instruction, where it has one.
#pragma once

#include "barnabas/protocol/records/names.hpp"

namespace barnabas::records {

/// The Castagnoli polynomial, lowest power in the highest bit.
inline constexpr uint32 crc32c_polynomial = 0x82f63b78;

using Crc32cUpdate = uint32 (*)(uint32 state, bytes data);

/// Null when this processor lacks the instructions. SSE 4.2 with PCLMULQDQ on x86-64, the CRC extension on AArch64.
Crc32cUpdate crc32c_hardware_update();

}  // namespace barnabas::records
