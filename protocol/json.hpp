// Messages as JSON, to look at.
#pragma once

#include "barnabas/protocol/table.hpp"

namespace barnabas::protocol {

std::string to_json(const MessageInfo& info, const void* message, int version);

/// One line of valid JSON with the fields that `version` carries, in wire order, under Kafka's names. Bytes are base64,
/// Uuids as Kafka prints them, invalid UTF-8 becomes U+FFFD, numbers that JSON lacks (NaN) are strings, and secrets
/// read "(secret)".
template <class M>
std::string to_json(const M& message, int16 version) {
  return to_json(message_info<M>(), &message, version);
}

/// Appends `text` as a JSON string, quotes included.
void append_json_string(std::string& out, string text);

}  // namespace barnabas::protocol
