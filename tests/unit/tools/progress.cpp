#include "barnabas/tools/progress.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace barnabas::tools;

namespace {

ProgressFigures figures() {
  ProgressFigures figures;
  figures.records_s = 156'432;
  figures.bytes_s = 13'700'000;
  figures.total.delivered = 121'001;
  figures.total.in_flight = 1'000;
  figures.total.retries = 7;
  figures.total.requests = 250;
  figures.lag = 56'999;
  figures.partitions = 4;
  return figures;
}

}  // namespace

TEST_CASE("progress: numbers of three digits") {
  CHECK(short_number(0) == "0");
  CHECK(short_number(7.4) == "7");
  CHECK(short_number(999.4) == "999");
  CHECK(short_number(999.5) == "1.00k");
  CHECK(short_number(9'994) == "9.99k");
  CHECK(short_number(9'995) == "10.0k");
  CHECK(short_number(99'949) == "99.9k");
  CHECK(short_number(99'950) == "100k");
  CHECK(short_number(999'499) == "999k");
  CHECK(short_number(999'500) == "1.00M");
  CHECK(short_number(4.56e9) == "4.56G");
  CHECK(short_number(4.56e15) == "4560T");
}

TEST_CASE("progress: the whole line") {
  CHECK(progress_line(figures(), std::string::npos) ==
        "156k records/s  13.7MB/s  lag 56999  in flight 1000  retries 7  delivered 121001  partitions 4");
  ProgressFigures dropped = figures();
  dropped.total.dropped = 3;
  dropped.lag = -1;
  CHECK(progress_line(dropped, std::string::npos).starts_with("156k records/s  13.7MB/s  dropped 3  lag -  "));
}

TEST_CASE("progress: a line never gets wider than it may, and loses its end first") {
  const std::string whole = progress_line(figures(), std::string::npos);
  for (std::size_t columns = 0; columns <= whole.size() + 1; ++columns) {
    const std::string line = progress_line(figures(), columns);
    CHECK(line.size() <= columns);
    CHECK(whole.starts_with(line));
  }
  CHECK(progress_line(figures(), whole.size()) == whole);
  CHECK(progress_line(figures(), 40) == "156k records/s  13.7MB/s  lag 56999");
}

TEST_CASE("progress: JSON as the page of commands shows it") {
  CHECK(progress_json(figures()) ==
        R"({"records_per_s":156432,"bytes_per_s":13700000,"delivered":121001,"dropped":0,"in_flight":1000,)"
        R"("lag":56999,"retries":7,"requests":250,"partitions":4})");
}
