// Our error codes against Kafka's own: fixtures/golden/errors.txt has a line "CODE NAME[ retriable][ metadata]" for
// each.
#include <doctest/doctest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "barnabas/protocol/errors.hpp"

namespace barnabas::protocol {

TEST_CASE("Kafka's error codes, their names and which are worth a retry") {
  std::ifstream file(BARNABAS_SOURCE_ROOT "/fixtures/golden/errors.txt");
  int lines = 0;
  for (std::string line; std::getline(file, line); ++lines) {
    CAPTURE(line);
    int number = 0;
    std::string kafkas_name;
    std::istringstream(line) >> number >> kafkas_name;
    const ErrorCode code{static_cast<int16>(number)};
    CHECK(name(code) == kafkas_name);
    CHECK(retriable(code) == line.contains(" retriable"));
    CHECK(wants_metadata(code) == line.contains(" metadata"));
  }
  CHECK(lines == 135);
}

}  // namespace barnabas::protocol
