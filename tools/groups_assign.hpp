// `barnabas groups assign --jsonl`: who of a group gets which partitions, without a broker.
#pragma once

#include <string>
#include <string_view>

namespace barnabas::tools {

/// One group as a JSON object; its assignment as another, one line. docs/groups.md has the form of both.
struct AssignAnswer {
  std::string line;
  bool refused = false;  ///< the line has "error" instead of "assignment"
};
AssignAnswer assign_line(std::string_view line);

/// Answers each line of standard input until it ends. Returns whether all of them were taken.
bool assign_lines();

}  // namespace barnabas::tools
