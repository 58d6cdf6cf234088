#include "barnabas/tools/command_model.hpp"

#include <algorithm>
#include <string_view>

namespace barnabas::tools {
namespace {

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = text.find(separator);
    if (end != 0) parts.emplace_back(text.substr(0, end));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return parts;
}

/// A word that is typed as it stands; others, as N or s@MS, say what to put in their place.
bool is_literal(std::string_view word) {
  return !word.empty() && word.find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ@") == word.npos && word != "-";
}

/// "1 to 64" of CLI11's "INT in [1 - 64]".
std::string range_of(std::string_view constraint) {
  const std::size_t open = constraint.find('['), close = constraint.find(']');
  if (open == constraint.npos || close == constraint.npos) return {};
  std::string range(constraint.substr(open + 1, close - open - 1));
  if (const std::size_t dash = range.find(" - "); dash != range.npos) range.replace(dash, 3, " to ");
  return range;
}

/// CLI11 tells the placeholder and what the checks want in one text: "TEXT:{a,b}", "INT:INT in [1 - 64]", "TEXT:FILE".
void read_type(FlagModel& flag, std::string_view type) {
  const std::size_t colon = type.find(':');
  flag.placeholder = type.substr(0, colon);
  const std::string_view constraint = colon == type.npos ? std::string_view() : type.substr(colon + 1);
  flag.takes = Takes::text;
  flag.range = range_of(constraint);
  if (constraint.starts_with('{')) {
    flag.choices = split(constraint.substr(1, constraint.size() - 2), ',');
  } else if (flag.placeholder.find('|') != std::string::npos) {
    flag.choices = split(flag.placeholder, '|');
    std::erase_if(flag.choices, [](const std::string& word) { return !is_literal(word); });
  }
  if (!flag.choices.empty()) flag.takes = Takes::choice;
  if (constraint == "FILE" || flag.placeholder == "FILE") flag.takes = Takes::file;
  if (flag.placeholder.find("@FILE") != std::string::npos) flag.takes = Takes::at_file;
  if (flag.takes == Takes::file) flag.placeholder = "FILE";
  if (flag.placeholder == "INT" || flag.placeholder == "UINT") flag.placeholder = "N";
}

FlagModel flag_model(const CLI::Option& option) {
  FlagModel flag;
  for (const std::string& name : option.get_snames()) flag.short_names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) flag.long_names.push_back("--" + name);
  flag.position = option.get_name(true);
  flag.sentence = option.get_description();
  flag.default_text = option.get_default_str();
  flag.required = option.get_required();
  if (option.get_items_expected_max() == 0) return flag;
  flag.repeated = option.get_items_expected_max() > 1;
  read_type(flag, option.get_type_name());
  if (std::ranges::count(flag.long_names, "--property") > 0) flag.takes = Takes::property;
  return flag;
}

CommandModel model(const CLI::App& app, const std::string& parent) {
  CommandModel command;
  command.name = app.get_name();
  command.path = parent.empty() ? command.name : parent + " " + command.name;
  command.sentence = app.get_description();
  command.footer = app.get_footer();
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;  // hidden
    FlagModel flag = flag_model(*option);
    if (!flag.position.empty()) command.positionals.push_back(flag);
    if (!flag.names().empty()) command.flags.push_back(std::move(flag));
  }
  const auto all = [](const CLI::App*) { return true; };
  for (const CLI::App* below : app.get_subcommands(all)) command.commands.push_back(model(*below, command.path));
  return command;
}

}  // namespace

std::vector<std::string> FlagModel::names() const {
  std::vector<std::string> all = short_names;
  all.insert(all.end(), long_names.begin(), long_names.end());
  return all;
}

CommandModel command_model(const CLI::App& app) { return model(app, ""); }

}  // namespace barnabas::tools
