// First-bytes diagnosis: what a connection that does not speak Kafka most likely is, in words a user can act on.
#pragma once

#include <cstdint>
#include <string>

#include "barnabas/client/error.hpp"
#include "barnabas/client/runtime/dialer.hpp"

namespace barnabas::client {

/// For a response length that is negative, too small or over `frame_bytes_max`.
Error diagnose_length(std::int32_t length, std::int64_t frame_bytes_max, std::string attempted, std::string with);

/// For a connection that ended before the first answer came.
Error diagnose_early_end(std::string with, const std::string& cause);

/// For a name or address that could not be reached. `advertised` when the address came from Metadata.
Error diagnose_dial(const runtime::DialError& error, const runtime::Endpoint& endpoint, std::string with,
                    bool advertised);

/// What an attempt to connect waits for; `pause` is the back-off before it.
enum class ConnectStep : std::uint8_t { pause, name, tcp, answer };

/// For a caller whose time is over while the attempt is still at `step`.
Error diagnose_silence(ConnectStep step, const runtime::Endpoint& endpoint, std::string with);

}  // namespace barnabas::client
