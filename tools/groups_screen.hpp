// A terminal that is drawn on again and again.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace barnabas::tools {

struct ScreenSize {
  std::size_t rows = 24, columns = 80;
};

/// Standard output is a terminal that can be drawn on.
bool stdout_is_terminal();
/// Of that terminal, at this moment.
ScreenSize stdout_size();

/// Bytes that take a screen of its own and hide the cursor, and bytes that give the old one back.
inline constexpr char enter_screen[] = "\x1b[?1049h\x1b[?25l";
inline constexpr char leave_screen[] = "\x1b[?25h\x1b[?1049l";

/// Bytes that draw `lines` from the top, over what stood there. Lines that are too wide or too many are cut.
std::string draw(const std::vector<std::string>& lines, ScreenSize size);

}  // namespace barnabas::tools
