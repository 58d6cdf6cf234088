// Base64 with padding (RFC 4648, section 4), written straight into a growing text.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace barnabas::handlers {

constexpr std::size_t base64_size(std::size_t bytes) { return (bytes + 2) / 3 * 4; }

/// Writes base64_size(from.size()) characters to `to`; returns the end. Any thread.
char* base64_write(std::span<const char> from, char* to);

/// Appends the encoding of `from`. Any thread.
void base64_append(std::string& text, std::span<const char> from);

}  // namespace barnabas::handlers
