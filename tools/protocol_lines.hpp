// `barnabas protocol decode --jsonl` and `encode --jsonl`: one JSON object a line in, one a line out.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "barnabas/tools/protocol_convert.hpp"

namespace barnabas::tools {

enum class Direction { decode, encode };

/// Answers lines. Not thread-safe.
class LineConverter {
 public:
  explicit LineConverter(Direction direction);
  ~LineConverter();
  /// Appends the answer to one line, with its line end; a line that is refused gets {"error":…,"path":…,"offset":…}.
  void answer(std::string_view line, std::string& out);
  bool refused_any() const { return refused_any_; }

 private:
  struct Request;
  struct Parser;
  std::optional<Refusal> convert(std::string_view line, std::string& out);
  std::optional<Refusal> convert_hex(const Request& request, std::string& out);
  std::optional<Refusal> convert_json(const Request& request, std::string& out);

  Direction direction_;
  Converter converter_;
  std::unique_ptr<Parser> parser_;
  bool refused_any_ = false;
};

/// Standard input to its end; returns the exit code.
int convert_lines(Direction direction);

}  // namespace barnabas::tools
