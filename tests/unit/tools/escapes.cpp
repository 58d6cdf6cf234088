#include "barnabas/tools/escapes.hpp"

#include <doctest/doctest.h>

#include <string>

using barnabas::tools::unescape;

TEST_CASE("escapes: the known ones") {
  CHECK(unescape("a\\nb\\rc\\td") == "a\nb\rc\td");
  CHECK(unescape("\\\\n") == "\\n");
  CHECK(unescape("\\x41\\xfF") == "A\xff");
  CHECK(unescape("\\x00z\\0") == std::string("\0z\0", 3));
  CHECK(unescape("") == "");
}

TEST_CASE("escapes: what is none stays as it is") {
  CHECK(unescape("\\q") == "\\q");
  CHECK(unescape("end\\") == "end\\");
  CHECK(unescape("\\x4") == "\\x4");
  CHECK(unescape("\\xg1") == "\\xg1");
  CHECK(unescape("\\x-1") == "\\x-1");
  CHECK(unescape("é\\né") == "é\né");
}
