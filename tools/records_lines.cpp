#include "barnabas/tools/records_lines.hpp"

#include <simdjson.h>

#include <cstdio>
#include <iostream>
#include <string>

#include "barnabas/protocol/json.hpp"
#include "barnabas/protocol/records/batch_json.hpp"
#include "barnabas/tools/hex.hpp"

namespace barnabas::tools {
namespace {

class LineAnswers {
 public:
  explicit LineAnswers(bool decode) : decode_(decode) {}

  std::string answer(const std::string& line) { return decode_ ? decoded(line) : encoded(line); }
  bool refused_any() const { return refused_any_; }

 private:
  std::string refuse(std::string_view what) {
    refused_any_ = true;
    std::string out = "{\"error\":";
    protocol::append_json_string(out, what);
    return out + '}';
  }

  std::string decoded(const std::string& line) {
    std::string_view hex;
    const auto error = parser_.parse(line)["hex"].get(hex);
    const auto set = error ? std::nullopt : parse_hex(hex);
    if (!set) return refuse("the line is not {\"hex\":\"…\"} with hexadecimal digits");
    records::BatchPrinter printer{protocol::bytes(*set)};
    std::string out = "{\"batches\":[";
    const std::size_t before = out.size();
    while (printer.next(out)) out += ',';
    if (out.size() > before) out.pop_back();
    refused_any_ = refused_any_ || printer.refused() > 0;
    return out + "]}";
  }

  std::string encoded(const std::string& line) {
    const auto set = records::batches_from_json(line);
    if (!set) return refuse(set.error());
    std::string out = "{\"hex\":\"";
    append_hex(out, *set);
    return out + "\"}";
  }

  bool decode_;
  simdjson::dom::parser parser_;
  bool refused_any_ = false;
};

}  // namespace

bool convert_record_lines(bool decode) {
  std::ios::sync_with_stdio(false);
  LineAnswers answers(decode);
  for (std::string line; std::getline(std::cin, line);) {
    line = answers.answer(line);
    line += '\n';
    std::fwrite(line.data(), 1, line.size(), stdout);
  }
  return !answers.refused_any();
}

}  // namespace barnabas::tools
