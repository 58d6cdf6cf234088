// CRC-32C (Castagnoli), the checksum of record batches since magic 2.
#pragma once

#include <span>

#include "barnabas/protocol/records/names.hpp"

namespace barnabas::records {

/// CRC-32C of `data`. Any thread.
uint32 crc32c(bytes data);

/// The checksum of (what `crc` is the checksum of) followed by `data`.
uint32 crc32c_extend(uint32 crc, bytes data);

/// One way to compute it. `update` takes and returns the inverted state (start with ~0, invert at the end).
struct Crc32cMethod {
  string name;
  uint32 (*update)(uint32 state, bytes data);
};

/// The methods that this processor can run, the portable one first; crc32c() uses the last.
std::span<const Crc32cMethod> crc32c_methods();

}  // namespace barnabas::records
