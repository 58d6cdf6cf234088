// Small help around toml++: places, values as text, and reading without exceptions.
#pragma once

#include <toml++/toml.h>

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "barnabas/tools/config/config.hpp"

namespace barnabas::tools {

/// A table, or the one problem that the file is no TOML.
std::expected<toml::table, ConfigProblem> parse_toml(const std::string& file, std::string_view text);

/// Collects problems of one file.
class ProblemList {
 public:
  explicit ProblemList(std::string file) : file_(std::move(file)) {}
  void add(const toml::source_region& place, std::string key, std::string message);
  void add(const toml::node& node, std::string key, std::string message) {
    add(node.source(), std::move(key), std::move(message));
  }
  bool empty() const { return problems_.empty(); }
  std::size_t size() const { return problems_.size(); }
  std::vector<ConfigProblem> take() { return std::move(problems_); }

 private:
  std::string file_;
  std::vector<ConfigProblem> problems_;
};

/// "a string", "a table", …
std::string_view kind_word(const toml::node& node);

/// A scalar, or an array of scalars joined by commas, in the form that options are set from. The error says what is
/// wrong.
std::expected<std::string, std::string> value_text(const toml::node& node);

/// The strings of an array (or one string alone). The error says what is wrong.
std::expected<std::vector<std::string>, std::string> string_list(const toml::node& node);

/// `text` as a basic string of TOML, quotes included.
std::string toml_quoted(std::string_view text);

}  // namespace barnabas::tools
