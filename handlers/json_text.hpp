// JSON strings, written straight into a growing text.
#pragma once

#include <string>
#include <string_view>

namespace barnabas::handlers {

/// Whether `text` is well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF. Any
/// thread.
bool is_utf8(std::string_view text);

/// Appends `text` as a quoted JSON string. Bytes that are not UTF-8 become U+FFFD, so that the result is always JSON;
/// ask is_utf8() first where they must not get lost. Any thread.
void append_json_string(std::string& json, std::string_view text);
/// The same as a text of its own.
std::string json_string(std::string_view text);

}  // namespace barnabas::handlers
