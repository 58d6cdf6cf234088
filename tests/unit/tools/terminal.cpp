#include "barnabas/tools/terminal.hpp"

#include <doctest/doctest.h>

using namespace barnabas::tools;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TEST_CASE("terminal: one line stays one line and steers nothing") {
  CHECK(one_line("a\nb\r\tc") == "a b  c");
  CHECK(one_line("\x1b[31mred\x07\x7f") == "?[31mred??");
  CHECK(one_line("größer …") == "größer …");
}

TEST_CASE("terminal: durations as people say them") {
  CHECK(readable_duration(milliseconds(0)) == "0 ms");
  CHECK(readable_duration(milliseconds(999)) == "999 ms");
  CHECK(readable_duration(milliseconds(1'000)) == "1.0 s");
  CHECK(readable_duration(milliseconds(1'249)) == "1.2 s");
  CHECK(readable_duration(milliseconds(9'949)) == "9.9 s");
  CHECK(readable_duration(milliseconds(9'950)) == "10 s");
  CHECK(readable_duration(seconds(30)) == "30 s");
  CHECK(readable_duration(milliseconds(59'499)) == "59 s");
  CHECK(readable_duration(milliseconds(59'500)) == "1 min");
  CHECK(readable_duration(seconds(200)) == "3 min 20 s");
  CHECK(readable_duration(hours(1)) == "1 h");
  CHECK(readable_duration(minutes(125)) == "2 h 5 min");
}
