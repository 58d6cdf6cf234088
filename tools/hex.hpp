// Bytes as people write them.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace barnabas::tools {

/// Two hexadecimal digits a byte, in lower case.
void append_hex(std::string& out, std::string_view data);
/// Digits in pairs; white space and colons between pairs are for the eye. Empty when it is not that.
std::optional<std::string> parse_hex(std::string_view text);

/// What an argument `TEXT|@FILE|-` means: itself, what is in the file, or standard input to its end. The error says
/// what could not be read.
std::expected<std::string, std::string> argument_text(const std::string& argument);

}  // namespace barnabas::tools
