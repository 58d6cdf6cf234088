// Completion for zsh, with _arguments.
#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "barnabas/tools/completion.hpp"

namespace barnabas::tools {
namespace {

/// Text inside '…'. Brackets would end an explanation of _arguments.
std::string in_quotes(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else if (c == '[' || c == ']') {
      out += c == '[' ? '(' : ')';
    } else {
      out += c;
    }
  }
  return out;
}

/// Inside '…', between the colons of a specification.
std::string field(std::string_view text) {
  std::string out;
  for (const char c : in_quotes(text)) {
    if (c == ':') out += '\\';
    out += c;
  }
  return out;
}

std::string function_of(const CommandModel& command) {
  std::string name = "_" + command.path;
  std::ranges::replace(name, ' ', '_');
  return name;
}

std::string action(const FlagModel& flag) {
  switch (flag.takes) {
    case Takes::choice: return fmt::format("({})", fmt::join(flag.choices, " "));
    case Takes::file: return "_files";
    case Takes::at_file: return "_barnabas_at_file";
    case Takes::property: return "_barnabas_property";
    case Takes::text:
    case Takes::nothing: break;
  }
  return " ";
}

/// As: '(-o --offset)'{-o,--offset}'[sentence]:N: '
std::string specification(const FlagModel& flag) {
  std::vector<std::string> names = flag.names();
  // A switch may be repeated to say it louder (-vv).
  std::string out =
      flag.repeated || flag.takes == Takes::nothing ? std::string("'*'") : fmt::format("'({})'", fmt::join(names, " "));
  if (flag.takes != Takes::nothing) {
    // The value may stand in the same word: -zlz4, --compression=lz4.
    for (std::string& name : names) name += name.starts_with("--") ? '=' : '+';
  }
  out += names.size() == 1 ? names.front() : fmt::format("{{{}}}", fmt::join(names, ","));
  out += fmt::format("'[{}]", in_quotes(flag.sentence));
  if (flag.takes != Takes::nothing) out += fmt::format(":{}:{}", field(flag.placeholder), action(flag));
  return out + "'";
}

void append_commands(std::string& out, const CommandModel& command) {
  out += "  case $state in\n    command)\n      local -a commands\n      commands=(\n";
  for (const CommandModel& below : command.commands) {
    out += fmt::format("        '{}:{}'\n", below.name, in_quotes(below.sentence));
  }
  out += "      )\n      _describe -t commands command commands\n      ;;\n    arguments)\n";
  out += "      words=($line[1] $words)\n      ((CURRENT++))\n      case $line[1] in\n";
  for (const CommandModel& below : command.commands) {
    out += fmt::format("        {}) {} ;;\n", below.name, function_of(below));
  }
  out += "      esac\n      ;;\n  esac\n";
}

void append_function(std::string& out, const CommandModel& command) {
  const bool has_commands = !command.commands.empty();
  out += fmt::format("\n{}() {{\n", function_of(command));
  if (has_commands) out += "  local curcontext=$curcontext state line\n  typeset -A opt_args\n";
  out += fmt::format("  _arguments {}-s -S", has_commands ? "-C " : "");
  for (const FlagModel& flag : command.flags) out += " \\\n    " + specification(flag);
  for (const FlagModel& positional : command.positionals) {
    // A message about text would keep the one flag that matches from being inserted.
    out += fmt::format(" \\\n    '{}:{}:{}'", positional.repeated ? "*" : "", field(positional.position),
                       positional.takes == Takes::text ? "()" : action(positional));
  }
  if (has_commands) out += " \\\n    '1:command:->command' \\\n    '*:::arguments:->arguments'";
  out += "\n";
  if (has_commands) append_commands(out, command);
  out += "}\n";
  for (const CommandModel& below : command.commands) append_function(out, below);
}

void append_property_function(std::string& out, const std::vector<PropertyModel>& properties) {
  out += "\n# Names of -X, and behind '=' the values where there is a choice of them.\n_barnabas_property() {\n";
  out += "  local name=${PREFIX%%=*}\n  if compset -P 1 '*='; then\n    case $name in\n";
  for (const PropertyModel& property : properties) {
    if (property.values.empty()) continue;
    out += fmt::format("      {}) compadd -- {} ;;\n", fmt::join(property.names, "|"), fmt::join(property.values, " "));
  }
  out += "    esac\n    return\n  fi\n  local -a names\n  names=(\n";
  for (const PropertyModel& property : properties) {
    out += fmt::format("    '{}:{}'\n", property.names.front(), in_quotes(property.sentence));
  }
  out += "  )\n  _describe -t properties property names -S =\n}\n";
}

}  // namespace

std::string zsh_completion(const CommandModel& root, const std::vector<PropertyModel>& properties) {
  std::string out = "#compdef barnabas\n# Completion of barnabas for zsh, made by: barnabas completion zsh\n";
  out += "\n_barnabas_at_file() { compset -P @ && _files; }\n";
  append_property_function(out, properties);
  append_function(out, root);
  // Called by compinit as the function of this file, or read by hand with `source`.
  out += "\nif [[ $funcstack[1] == _barnabas ]]; then\n  _barnabas \"$@\"\nelse\n  compdef _barnabas barnabas\nfi\n";
  return out;
}

}  // namespace barnabas::tools
