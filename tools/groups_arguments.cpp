#include "barnabas/tools/groups_arguments.hpp"

#include <algorithm>
#include <map>
#include <string_view>

namespace barnabas::tools {
namespace {

using Words = std::vector<std::string>;

bool has(const Words& words, std::string_view word) { return std::ranges::find(words, word) != words.end(); }

/// "5" and "0.5"
bool is_number(std::string_view word) {
  return !word.empty() && word.find_first_not_of("0123456789.") == word.npos && word != ".";
}

Words join_watch(const Words& words) {
  Words joined;
  for (std::size_t i = 0; i < words.size(); ++i) {
    joined.push_back(words[i]);
    if (words[i] != "--watch") continue;
    const bool valued = i + 1 < words.size() && is_number(words[i + 1]);
    joined.back() += valued ? "=" + words[++i] : "=2";
  }
  return joined;
}

/// "--group=g" as two words, as Kafka's parser takes it.
Words split_values(const Words& words) {
  Words split;
  for (const std::string& word : words) {
    const std::size_t equals = word.starts_with("--") ? word.find('=') : word.npos;
    split.push_back(word.substr(0, equals));
    if (equals != word.npos) split.push_back(word.substr(equals + 1));
  }
  return split;
}

/// The command for what Kafka calls an action; empty when there is none.
std::string command_for(const Words& words) {
  if (has(words, "--delete-offsets")) return "delete-offsets";
  if (has(words, "--reset-offsets")) return "reset";
  if (has(words, "--delete")) return "delete";
  if (has(words, "--describe")) return has(words, "--members") ? "members" : "describe";
  return has(words, "--list") ? "list" : "";
}

constexpr std::string_view actions[] = {"--list",   "--describe",      "--members",       "--offsets",
                                        "--delete", "--reset-offsets", "--delete-offsets"};

/// `--state` has a value with --list, if it likes, and none with --describe.
void take_state(const Words& words, std::size_t& at, bool listing, Words& out) {
  const bool valued = at + 1 < words.size() && !words[at + 1].starts_with('-');
  if (!listing) {
    out.push_back("--state");
  } else if (valued) {
    out.insert(out.end(), {"--state", words[++at]});
  }
}

}  // namespace

Words translate_groups_arguments(Words arguments) {
  if (arguments.empty() || arguments.front() != "groups") return arguments;
  const bool has_command = arguments.size() > 1 && !arguments[1].starts_with('-');
  if (has_command) return arguments[1] == "lag" ? join_watch(arguments) : arguments;
  const Words words = split_values(Words(arguments.begin() + 1, arguments.end()));
  const std::string command = command_for(words);
  if (command.empty()) return arguments;
  Words out = {"groups", command}, groups;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (std::ranges::find(actions, word) != std::end(actions)) continue;
    if (word == "--group" && i + 1 < words.size()) {
      groups.push_back(words[++i]);
    } else if (word == "--timeout") {
      out.push_back("--timeout-ms");
    } else if (word == "--state") {
      take_state(words, i, command == "list", out);
    } else {
      out.push_back(word);
    }
  }
  if (!groups.empty()) out.push_back("--");
  out.insert(out.end(), groups.begin(), groups.end());
  return out;
}

}  // namespace barnabas::tools
