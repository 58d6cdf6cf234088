// What a broker over quota asks of its clients (KIP-219).
#pragma once

#include <cstdint>

#include "barnabas/protocol/types.hpp"

namespace barnabas::client {

/// Milliseconds for which the sender of a response wants nothing more on this connection; 0 when it does not say, or
/// when the version is one in which the broker has done the waiting itself. `body` is what follows the response header.
/// Not for Fetch, whose reader looks itself, nor for ApiVersions, which is decoded in full by whoever asks.
std::int32_t throttle_ms(std::int16_t api_key, std::int16_t version, protocol::bytes body);

/// First version in which an answer is sent before the quota has been waited for, and begins with throttle_time_ms; -1
/// for an API of which no version is like that.
std::int16_t throttled_since(std::int16_t api_key);

}  // namespace barnabas::client
