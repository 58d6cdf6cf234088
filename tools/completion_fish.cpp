// Completion for fish.
#include <fmt/core.h>
#include <fmt/ranges.h>

#include "barnabas/tools/completion.hpp"

namespace barnabas::tools {
namespace {

std::string in_quotes(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

constexpr char at_file_function[] = R"(
function __barnabas_at_file
    set -l word (commandline -ct)
    string match -q '@*' -- $word; or return
    for path in (__fish_complete_path (string sub -s 2 -- $word))
        echo @$path
    end
end
)";

void append_path_function(std::string& out, const CommandModel& root) {
  out += "\n# True where the words typed so far name this command.\nfunction __barnabas_at\n";
  out += "    set -l path barnabas\n    for word in (commandline -opc)[2..-1]\n        switch \"$path $word\"\n";
  const auto append = [&out](const auto& self, const CommandModel& command) -> void {
    for (const CommandModel& below : command.commands) {
      out += fmt::format("            case '{}'\n                set path \"$path $word\"\n", below.path);
      self(self, below);
    }
  };
  append(append, root);
  out += "        end\n    end\n    test \"$path\" = \"$argv\"\nend\n";
}

void append_property_function(std::string& out, const std::vector<PropertyModel>& properties) {
  out += "\n# Names of -X, and behind '=' the values where there is a choice of them.\nfunction __barnabas_property\n";
  out += "    switch (commandline -ct)\n";
  for (const PropertyModel& property : properties) {
    if (property.values.empty()) continue;
    for (const std::string& name : property.names) {
      out += fmt::format("        case '{0}=*' '-X{0}=*'\n            printf '%s\\n' {0}={{{1}}}\n", name,
                         fmt::join(property.values, ","));
    }
  }
  out += "        case '*'\n            printf '%s\\t%s\\n'";
  for (const PropertyModel& property : properties) {
    out += fmt::format(" \\\n                {}= {}", property.names.front(), in_quotes(property.sentence));
  }
  out += "\n    end\nend\n";
}

std::string values(const FlagModel& flag) {
  switch (flag.takes) {
    case Takes::choice: return fmt::format(" -x -a '{}'", fmt::join(flag.choices, " "));
    case Takes::file: return " -r -F";
    case Takes::at_file: return " -x -a '(__barnabas_at_file)'";
    case Takes::property: return " -x -a '(__barnabas_property)'";
    case Takes::text: return " -x";
    case Takes::nothing: break;
  }
  return {};
}

void append_command(std::string& out, const CommandModel& command) {
  const std::string at = fmt::format("complete -c barnabas -n '__barnabas_at {}'", command.path);
  out += "\n";
  for (const CommandModel& below : command.commands) {
    out += fmt::format("{} -a {} -d {}\n", at, below.name, in_quotes(below.sentence));
  }
  for (const FlagModel& flag : command.flags) {
    out += at;
    for (const std::string& name : flag.short_names) out += " -s " + name.substr(1);
    for (const std::string& name : flag.long_names) out += " -l " + name.substr(2);
    out += fmt::format("{} -d {}\n", values(flag), in_quotes(flag.sentence));
  }
  for (const FlagModel& positional : command.positionals) {
    if (positional.takes == Takes::choice) {
      out += fmt::format("{} -a '{}'\n", at, fmt::join(positional.choices, " "));
    } else if (positional.takes == Takes::at_file) {
      out += at + " -a '(__barnabas_at_file)'\n";
    } else if (positional.takes == Takes::file) {
      out += at + " -F\n";
    }
  }
  for (const CommandModel& below : command.commands) append_command(out, below);
}

}  // namespace

std::string fish_completion(const CommandModel& root, const std::vector<PropertyModel>& properties) {
  std::string out = "# Completion of barnabas for fish, made by: barnabas completion fish\n";
  append_path_function(out, root);
  append_property_function(out, properties);
  out += at_file_function;
  out += "\ncomplete -c barnabas -f\n";
  append_command(out, root);
  return out;
}

}  // namespace barnabas::tools
