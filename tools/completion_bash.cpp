// Completion for bash (4.3 or newer), without the bash-completion package.
#include <fmt/core.h>
#include <fmt/ranges.h>

#include "barnabas/tools/completion.hpp"

namespace barnabas::tools {
namespace {

/// The words come from the line itself: COMP_WORDS is split at '=' and ':' as well. What bash replaces begins behind
/// the last '=' of the word, so that is what is offered.
constexpr char helpers[] = R"(_barnabas_words() { COMPREPLY=($(compgen -W "$1" -- "$2")); }

_barnabas_files() {
  local IFS=$'\n'
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen -f -- "$1"))
}

_barnabas_at_file() {
  local IFS=$'\n'
  [[ $1 == @* ]] && COMPREPLY=($(compgen -P @ -f -- "${1#@}"))
}
)";

constexpr char beginning[] = R"(_barnabas() {
  local line=${COMP_LINE:0:COMP_POINT} words cur prev path=barnabas word commands='' flags='' input=''
  COMPREPLY=()
  read -ra words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  ((${#words[@]} > 1)) || return
  cur=${words[${#words[@]}-1]} prev=${words[${#words[@]}-2]}
  if [[ $cur == --*=* ]]; then
    prev=${cur%%=*} cur=${cur#*=}
  fi
  for word in "${words[@]:1:${#words[@]}-2}"; do
    case "$path $word" in
)";

constexpr char ending[] = R"(  esac
  if [[ $cur == -?* || -z $commands$input ]]; then
    _barnabas_words "$flags" "$cur"
  elif [[ -n $input ]]; then
    "$input" "$cur"
  else
    _barnabas_words "$commands" "$cur"
  fi
}

complete -F _barnabas barnabas
)";

void append_paths(std::string& out, const CommandModel& command) {
  for (const CommandModel& below : command.commands) {
    out += fmt::format("      '{}') path+=\" $word\" ;;\n", below.path);
    append_paths(out, below);
  }
}

std::string action(const FlagModel& flag) {
  switch (flag.takes) {
    case Takes::choice: return fmt::format("_barnabas_words '{}' \"$cur\"", fmt::join(flag.choices, " "));
    case Takes::file: return "_barnabas_files \"$cur\"";
    case Takes::at_file: return "_barnabas_at_file \"$cur\"";
    case Takes::property: return "_barnabas_property \"$cur\"";
    case Takes::text:
    case Takes::nothing: break;
  }
  return {};
}

std::string input_of(const CommandModel& command) {
  for (const FlagModel& positional : command.positionals) {
    if (positional.takes == Takes::at_file) return "_barnabas_at_file";
    if (positional.takes == Takes::file) return "_barnabas_files";
  }
  return {};
}

std::vector<std::string> words_of(const CommandModel& command) {
  std::vector<std::string> words;
  for (const CommandModel& below : command.commands) words.push_back(below.name);
  for (const FlagModel& positional : command.positionals) {
    words.insert(words.end(), positional.choices.begin(), positional.choices.end());
  }
  return words;
}

void append_command(std::string& out, const CommandModel& command) {
  std::vector<std::string> flags;
  out += fmt::format("    '{}')\n      case $prev in\n", command.path);
  for (const FlagModel& flag : command.flags) {
    const std::vector<std::string> names = flag.names();
    flags.insert(flags.end(), names.begin(), names.end());
    if (flag.takes == Takes::nothing) continue;
    const std::string complete = action(flag);
    out += fmt::format("        {}) {}return ;;\n", fmt::join(names, " | "), complete.empty() ? "" : complete + "; ");
  }
  out += fmt::format("      esac\n      flags='{}'\n", fmt::join(flags, " "));
  if (const auto words = words_of(command); !words.empty()) {
    out += fmt::format("      commands='{}'\n", fmt::join(words, " "));
  }
  if (const std::string input = input_of(command); !input.empty()) out += fmt::format("      input={}\n", input);
  out += "      ;;\n";
  for (const CommandModel& below : command.commands) append_command(out, below);
}

void append_property_function(std::string& out, const std::vector<PropertyModel>& properties) {
  out += "\n# Names of -X, and behind '=' the values where there is a choice of them.\n_barnabas_property() {\n";
  out += "  local values='' prefix=''\n  if [[ $1 != *=* ]]; then\n    compopt -o nospace 2>/dev/null\n";
  out += "    COMPREPLY=($(compgen -S = -W '\n";
  for (const PropertyModel& property : properties) out += fmt::format("      {}\n", property.names.front());
  out += "    ' -- \"$1\"))\n    return\n  fi\n  case ${1%%=*} in\n";
  for (const PropertyModel& property : properties) {
    if (property.values.empty()) continue;
    out += fmt::format("    {}) values='{}' ;;\n", fmt::join(property.names, " | "), fmt::join(property.values, " "));
  }
  out += "  esac\n  [[ $COMP_WORDBREAKS == *=* ]] || prefix=${1%%=*}=\n";
  out += "  COMPREPLY=($(compgen -P \"$prefix\" -W \"$values\" -- \"${1#*=}\"))\n}\n\n";
}

}  // namespace

std::string bash_completion(const CommandModel& root, const std::vector<PropertyModel>& properties) {
  std::string out = "# Completion of barnabas for bash, made by: barnabas completion bash\n\n";
  out += helpers;
  append_property_function(out, properties);
  out += beginning;
  append_paths(out, root);
  out += "    esac\n  done\n  case $path in\n";
  append_command(out, root);
  return out + ending;
}

}  // namespace barnabas::tools
