#include "barnabas/tools/groups_flags.hpp"

#include <fmt/core.h>

#include "barnabas/client/error.hpp"
#include "barnabas/tools/command.hpp"
#include "barnabas/tools/topic_positions.hpp"

namespace barnabas::tools {

TopicChoice parse_topic_choice(const std::string& text) {
  TopicChoice choice;
  const std::size_t colon = text.find(':');
  choice.topic = text.substr(0, colon);
  std::string_view numbers = colon == text.npos ? std::string_view() : std::string_view(text).substr(colon + 1);
  bool wrong = choice.topic.empty() || (colon != text.npos && numbers.empty());
  while (!wrong && !numbers.empty()) {
    const std::size_t comma = numbers.find(',');
    const auto number = parse_number(numbers.substr(0, comma));
    wrong = !number || *number < 0 || *number > max_partition || comma + 1 == numbers.size();
    if (!wrong) choice.partitions.push_back(static_cast<int>(*number));
    numbers.remove_prefix(comma == numbers.npos ? numbers.size() : comma + 1);
  }
  if (!wrong) return choice;
  Error error(Error::Stage::config, "take --topic " + text, "", "it names no topic, or no partitions of one");
  throw error.hint("write TOPIC or TOPIC:0,1");
}

void GroupsFlags::add_connect(CLI::App& command) { connect.add_to(command); }

void GroupsFlags::add_output(CLI::App& command) {
  auto* form_option = command.add_option("--output", output, "How it is printed")
                          ->check(CLI::IsMember({"table", "json", "csv"}))
                          ->capture_default_str();
  command.add_flag("-J,--json", json, "Same as --output json")->excludes(form_option);
}

void GroupsFlags::add_groups(CLI::App& command, bool one_only) {
  if (one_only) {
    command.add_option("group", group, "Group")->required();
    return;
  }
  command.add_option("groups", groups, "Groups");
  command.add_flag("--all,--all-groups", all, "All groups that there are");
}

void GroupsFlags::add_list(CLI::App& command) {
  command.add_option("--state", states, "Only groups in these states: Stable,Empty")
      ->delimiter(',')
      ->allow_extra_args(false);
  command.add_option("--type", types, "Only groups of these types")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::IsMember({"classic", "consumer", "share", "streams"}, CLI::ignore_case));
}

// --verbose is taken from the flags for all commands: here Kafka's tools mean something else by it.
void GroupsFlags::add_members(CLI::App& command) {
  command.remove_option(command.get_option("--verbose"));
  command.add_flag("-v", connect.verbose, "Events on standard error; twice: all of them");
  command.add_flag("--verbose", more, "What each member has, wants, and is to get");
}

void GroupsFlags::add_topics(CLI::App& command) {
  auto* option = command.add_option("-t,--topic", topics, "TOPIC, or TOPIC:0,1 for some partitions; may be repeated")
                     ->allow_extra_args(false);
  command.add_flag("--all-topics", all_topics, "All partitions that the group has offsets of")->excludes(option);
}

void GroupsFlags::add_reset(CLI::App& command) {
  command.add_flag("--to-earliest", to_earliest, "To the beginning of the log");
  command.add_flag("--to-latest", to_latest, "To its end");
  command.add_flag("--to-current", to_current, "To where the group is; to the end where it has no offset");
  command.add_option("--to-datetime", to_datetime,
                     "To the first record of this time or later: 2026-11-21T08:00:00Z; UTC without a zone");
  command.add_option("--by-duration", by_duration, "To the first record that is not older: P1D, PT2H30M");
  command.add_option("--shift-by", shift_by, "So many offsets on from where the group is; back with a minus");
  command.add_option("--to-offset", to_offset, "To this offset")->check(CLI::NonNegativeNumber);
  command
      .add_option("--from-file", file, "To what a file says: lines topic,partition,offset, or JSON of groups export")
      ->type_name("FILE");
  command.add_flag("--export", export_plan, "Print lines topic,partition,offset instead of the plan");
}

void GroupsFlags::add_execute(CLI::App& command) {
  auto* doing = command.add_flag("--execute", execute, "Write the offsets; without it they are only printed");
  command.add_flag("--dry-run", dry_run, "Write nothing, which is the default")->excludes(doing);
}

OutputForm GroupsFlags::form() const {
  if (json || output == "json") return OutputForm::json;
  return output == "csv" ? OutputForm::csv : OutputForm::table;
}

std::vector<TopicChoice> GroupsFlags::topic_choices() const {
  std::vector<TopicChoice> choices;
  for (const std::string& topic : topics) choices.push_back(parse_topic_choice(topic));
  return choices;
}

void GroupsFlags::check_groups() const {
  if (groups.empty() == all) return;
  Error error(Error::Stage::config, "choose groups", "", all ? "--all stands beside names" : "none is named");
  throw error.hint("name groups, or write --all");
}

void print_table(const Table& table, OutputForm form) {
  switch (form) {
    case OutputForm::table: fmt::print("{}", table_text(table)); break;
    case OutputForm::csv: fmt::print("{}", table_csv(table)); break;
    case OutputForm::json: fmt::print("{}\n", table_json(table)); break;
  }
}

}  // namespace barnabas::tools
