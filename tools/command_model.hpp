// What can be typed: commands and flags as plain data, read out of the CLI11 tables. Completions and man pages are made
// of it, so that a new flag needs no second place to be told.
#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

namespace barnabas::tools {

/// What stands behind a flag, as far as a shell can help with it.
enum class Takes : char {
  nothing,   ///< a switch
  text,      ///< what only the user knows
  choice,    ///< one of `choices`, perhaps besides other forms
  file,      ///< a path
  at_file,   ///< text, or @PATH
  property,  ///< name=value of the option tables
};

struct FlagModel {
  FlagModel() = default;
  std::vector<std::string> short_names, long_names;  ///< with their dashes
  std::string position;                              ///< name as a positional argument, or empty
  Takes takes = Takes::nothing;
  std::string placeholder;  ///< "FILE"
  std::vector<std::string> choices;
  std::string range;         ///< "1 to 64", or empty
  std::string default_text;  ///< or empty
  std::string sentence;
  bool repeated = false, required = false;

  /// Short and long names, in this order.
  std::vector<std::string> names() const;
};

struct CommandModel {
  CommandModel() = default;
  std::string path;  ///< "barnabas topics list"
  std::string name;  ///< "list"
  std::string sentence;
  std::string footer;
  std::vector<FlagModel> flags;        ///< those with a dash
  std::vector<FlagModel> positionals;  ///< those without
  std::vector<CommandModel> commands;  ///< below this one
};

/// `app` and all below it. A placeholder with '|' in it names choices: its lower-case words are complete as they stand.
CommandModel command_model(const CLI::App& app);

}  // namespace barnabas::tools
