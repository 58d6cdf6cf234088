// What standard error looks like to whoever reads it, and texts that fit there.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "barnabas/client/runtime/clock.hpp"

namespace barnabas::tools {

/// A terminal that can rewrite a line.
bool stderr_is_terminal();
/// Colours on standard error: on a terminal, unless NO_COLOR is set (no-color.org).
bool stderr_has_colours();
/// Width of that terminal; 80 when it does not say.
std::size_t stderr_columns();

enum class Colour : char { red = '1', yellow = '3' };
/// `text` in that colour where standard error has colours.
std::string coloured(Colour colour, std::string_view text);

/// One line to standard error; a standard error that nobody reads is nobody's trouble.
void print_error_line(std::string line) noexcept;

/// Line ends as spaces and other control characters as '?': words of other machines must neither break lines nor steer
/// the terminal.
std::string one_line(std::string_view text);

/// "85 ms", "1.2 s", "3 min 20 s", "2 h 5 min".
std::string readable_duration(runtime::Duration duration);

}  // namespace barnabas::tools
