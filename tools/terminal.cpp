#include "barnabas/tools/terminal.hpp"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

namespace barnabas::tools {

bool stderr_is_terminal() {
  const char* const kind = std::getenv("TERM");
  return isatty(STDERR_FILENO) && kind && std::string_view(kind) != "dumb";
}

bool stderr_has_colours() {
  const char* const refused = std::getenv("NO_COLOR");
  return stderr_is_terminal() && !(refused && *refused);
}

std::size_t stderr_columns() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

std::string coloured(Colour colour, std::string_view text) {
  if (!stderr_has_colours()) return std::string(text);
  return fmt::format("\x1b[3{}m{}\x1b[0m", static_cast<char>(colour), text);
}

void print_error_line(std::string line) noexcept {
  line += '\n';
  std::fwrite(line.data(), 1, line.size(), stderr);
}

std::string one_line(std::string_view text) {
  std::string line(text);
  for (char& c : line) {
    if (c == '\n' || c == '\r' || c == '\t') {
      c = ' ';
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      c = '?';
    }
  }
  return line;
}

std::string readable_duration(runtime::Duration duration) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
  if (ms < 1'000) return fmt::format("{} ms", ms);
  const auto s = (ms + 500) / 1'000;
  if (ms < 9'950) return fmt::format("{:.1f} s", static_cast<double>(ms) / 1'000);
  if (s < 60) return fmt::format("{} s", s);
  if (s < 3'600) return s % 60 ? fmt::format("{} min {} s", s / 60, s % 60) : fmt::format("{} min", s / 60);
  const auto min = s / 60;
  return min % 60 ? fmt::format("{} h {} min", min / 60, min % 60) : fmt::format("{} h", min / 60);
}

}  // namespace barnabas::tools
