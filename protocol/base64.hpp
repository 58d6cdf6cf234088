// Bytes as standard base64 (RFC 4648, section 4): what JSON shows for them.
#pragma once

#include "barnabas/protocol/types.hpp"

namespace barnabas::protocol {

constexpr std::size_t base64_size(std::size_t bytes) { return (bytes + 2) / 3 * 4; }

/// Writes base64_size(from.size()) characters, padding included, to `to`; returns the end.
char* base64_write(bytes from, char* to);
/// Appends `data` with padding.
void append_base64(std::string& out, bytes data);

/// Bytes that decode_base64() would write for a text of this length and padding; empty when no text looks so.
std::optional<std::size_t> base64_decoded_size(string text);
/// `to` has the room that base64_decoded_size() named. False for whatever append_base64() would not write: foreign
/// characters, white space, missing padding, bits left over.
bool decode_base64(string text, char* to);

}  // namespace barnabas::protocol
