// Record batches and message sets that Kafka's own builder wrote, with what Kafka reads in them:
// fixtures/golden/records.jsonl has one of each kind, records_found.jsonl the random ones that once went wrong.
#include <simdjson.h>

#include <fstream>

#include "barnabas/protocol/records/batch_json.hpp"
#include "support.hpp"

namespace barnabas::records {
namespace {

using simdjson::dom::element;

/// Whether `ours` says all that `theirs` says; we say more. `without` is a member that need not agree.
bool agrees(element ours, element theirs, std::string_view without) {
  if (theirs.is_object()) {
    for (const auto& [name, wanted] : theirs.get_object()) {
      element got;
      if (name != without && (ours[name].get(got) || !agrees(got, wanted, without))) return false;
    }
    return true;
  }
  if (!theirs.is_array()) return simdjson::minify(ours) == simdjson::minify(theirs);
  if (!ours.is_array() || ours.get_array().size() != theirs.get_array().size()) return false;
  auto other = ours.get_array().begin();
  for (const element wanted : theirs.get_array()) {
    if (!agrees(*other, wanted, without)) return false;
    ++other;
  }
  return true;
}

std::string printed(const std::string& set) {
  BatchPrinter printer{bytes(set.data(), set.size())};
  std::string out = "[";
  while (printer.next(out)) out += ',';
  if (out.back() == ',') out.pop_back();
  return out + ']';
}

void check(const std::string& line) {
  CAPTURE(line.substr(0, 1000));
  simdjson::dom::parser kafka, ours;
  element given, wanted;
  std::string_view hex;
  REQUIRE(!kafka.parse(line).get(given));
  REQUIRE(!given["hex"].get(hex));
  REQUIRE(!given["batches"].get(wanted));

  element read;
  REQUIRE(!ours.parse(printed(protocol::test::octets(hex))).get(read));
  CHECK(agrees(read, wanted, ""));

  const auto written = batches_from_json(simdjson::minify(wanted));
  REQUIRE(written);
  REQUIRE(!ours.parse(printed(*written)).get(read));
  CHECK_MESSAGE(agrees(read, wanted, "crc"), "what we wrote differs by more than the checksum of compressed bytes");
}

std::vector<std::string> lines_of(const std::string& name) {
  std::ifstream file(BARNABAS_SOURCE_ROOT "/fixtures/golden/" + name, std::ios::binary);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

TEST_CASE("Kafka's batches of each kind, read and written again") {
  const auto lines = lines_of("records.jsonl");
  CHECK(lines.size() > 50);
  for (const std::string& line : lines) check(line);
}

TEST_CASE("random batches of Kafka's that once went wrong") {
  for (const std::string& line : lines_of("records_found.jsonl")) check(line);
}

}  // namespace
}  // namespace barnabas::records
