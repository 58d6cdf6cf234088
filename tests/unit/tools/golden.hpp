// Texts that are kept beside the code and must stay equal to what the code makes.
#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace barnabas::tests {

inline std::string read_source_file(const std::string& path_in_tree) {
  std::ifstream file(BARNABAS_SOURCE_ROOT "/" + path_in_tree, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Compares; BARNABAS_WRITE_GOLDEN=1 in the environment writes the file instead, for a look at the difference.
inline void check_golden(const std::string& path_in_tree, const std::string& text) {
  if (std::getenv("BARNABAS_WRITE_GOLDEN")) {
    std::ofstream(BARNABAS_SOURCE_ROOT "/" + path_in_tree, std::ios::binary) << text;
  }
  CHECK_MESSAGE(read_source_file(path_in_tree) == text, path_in_tree);
}

}  // namespace barnabas::tests
