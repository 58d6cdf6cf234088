// What the man pages say beyond the tables of flags.
#pragma once

#include <span>
#include <string_view>

namespace barnabas::tools {

/// A command line that can be typed as it stands, with a broker at localhost:9092 that has a topic named orders.
struct ManExample {
  std::string_view sentence;
  std::string_view line;
};

struct ManWords {
  std::string_view command;      ///< "consume"; empty: barnabas itself
  std::string_view description;  ///< paragraphs with an empty line between them
  std::span<const ManExample> examples;
};

/// Words for a command below barnabas; null when nobody wrote any.
const ManWords* man_words(std::string_view command);

}  // namespace barnabas::tools
