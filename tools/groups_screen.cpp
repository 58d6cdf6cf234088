#include "barnabas/tools/groups_screen.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "barnabas/tools/groups_table.hpp"

namespace barnabas::tools {

bool stdout_is_terminal() {
  const char* const kind = std::getenv("TERM");
  return isatty(STDOUT_FILENO) && kind && std::string_view(kind) != "dumb";
}

ScreenSize stdout_size() {
  ScreenSize size;
  winsize told{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &told) != 0) return size;
  if (told.ws_row > 0) size.rows = told.ws_row;
  if (told.ws_col > 0) size.columns = told.ws_col;
  return size;
}

std::string draw(const std::vector<std::string>& lines, ScreenSize size) {
  std::string bytes = "\x1b[H";
  const std::size_t count = std::min(lines.size(), size.rows);
  for (std::size_t i = 0; i < count; ++i) {
    bytes += cut_to_width(lines[i], size.columns);
    // Behind a full line the cursor still stands on its last character, which erasing would take away.
    if (cut_to_width(lines[i], size.columns - 1).size() == lines[i].size()) bytes += "\x1b[K";
    if (i + 1 < count) bytes += "\r\n";
  }
  return bytes + "\x1b[J";
}

}  // namespace barnabas::tools
