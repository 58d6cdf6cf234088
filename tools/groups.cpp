// barnabas groups: what there is to do with groups.
#include <cstdio>
#include <functional>
#include <memory>

#include "barnabas/tools/command.hpp"
#include "barnabas/tools/groups_actions.hpp"
#include "barnabas/tools/groups_assign.hpp"
#include "barnabas/tools/groups_flags.hpp"

namespace barnabas::tools {
namespace {

constexpr char assign_footer[] =
    "\nEach line of standard input is one group: {\"id\":…,\"assignor\":\"sticky\",\"topics\":[{\"name\":…,"
    "\"partitions\":[{\"id\":0,\n\"replica_racks\":[…]}]}],\"members\":[{\"member_id\":…,\"topics\":[…],\"owned\":[…],"
    "\"generation\":…}]}. It is answered with\n{\"id\":…,\"assignment\":{MEMBER:[{\"topic\":…,\"partitions\":[…]}]}} "
    "or "
    "{\"id\":…,\"error\":\"…\"}; after an error the exit\ncode is 1 in the end. docs/groups.md has every field.\n";

using Flags = std::shared_ptr<GroupsFlags>;
using Action = asio::awaitable<int> (*)(Session&, const GroupsFlags&);
using Check = void (*)(const GroupsFlags&);

/// The commands below one parent share their flags: only one of them runs.
struct Parent {
  CLI::App& app;
  Flags flags;
  int& exit_code;

  CLI::App* add(const char* name, const char* sentence, Action action, Check check = nullptr) const {
    auto* command = app.add_subcommand(name, sentence);
    flags->add_connect(*command);
    command->callback([with = flags, &code = exit_code, action, check, lists = action == &list_groups] {
      if (!with->group.empty()) with->groups = {with->group};
      if (!lists) with->check_groups();
      if (check) check(*with);
      code = run_session(with->connect, [with, action](Session& session) { return action(session, *with); });
    });
    return command;
  }
};

void add_looking(const Parent& parent) {
  GroupsFlags& flags = *parent.flags;
  auto* listing = parent.add("list", "All groups of all brokers", list_groups);
  flags.add_list(*listing);
  flags.add_output(*listing);
  auto* describing = parent.add("describe", "State, members, offsets and lag", describe_groups);
  flags.add_groups(*describing);
  describing->add_flag("--state", flags.summary_only, "Only one line a group, without its partitions");
  flags.add_members(*describing);
  flags.add_output(*describing);
  auto* members = parent.add("members", "Who is in a group", show_members);
  flags.add_groups(*members);
  flags.add_members(*members);
  flags.add_output(*members);
  auto* offsets = parent.add("offsets", "Committed offsets, ends of logs, lag", show_offsets);
  flags.add_groups(*offsets);
  flags.add_output(*offsets);
  auto* lag = parent.add("lag", "What groups have still to read, once or again and again", show_lag);
  flags.add_groups(*lag);
  lag->add_option("--watch", flags.watch_s, "Again every 2 seconds, or as many as stand behind it, until Ctrl-C")
      ->type_name("[SECONDS]")
      ->check(CLI::Range(0.1, 86'400.0));
  flags.add_output(*lag);
}

void add_changing(const Parent& parent) {
  GroupsFlags& flags = *parent.flags;
  auto* reset = parent.add("reset", "Where a group without members goes on", reset_groups, check_reset_flags);
  flags.add_groups(*reset);
  flags.add_topics(*reset);
  flags.add_reset(*reset);
  flags.add_execute(*reset);
  flags.add_output(*reset);
  auto* deleting = parent.add("delete", "Delete groups without members, with their offsets", delete_groups);
  flags.add_groups(*deleting);
  flags.add_output(*deleting);
  auto* forgetting = parent.add("delete-offsets", "Delete offsets of topics that a group does not read any more",
                                delete_offsets, check_delete_offsets_flags);
  flags.add_groups(*forgetting, true);
  forgetting->add_option("-t,--topic", flags.topics, "TOPIC, or TOPIC:0,1 for some partitions; may be repeated")
      ->allow_extra_args(false);
  flags.add_output(*forgetting);
  auto* exporting = parent.add("export", "Offsets of a group as JSON, or as lines of Kafka's own tool", export_offsets);
  flags.add_groups(*exporting, true);
  flags.add_output(*exporting);
  auto* importing = parent.add("import", "Write offsets that export has printed", reset_groups, check_reset_flags);
  flags.add_groups(*importing, true);
  importing->add_option("file", flags.file, "Lines topic,partition,offset, or JSON; - is standard input")
      ->type_name("FILE")
      ->required();
  flags.add_execute(*importing);
  flags.add_output(*importing);
}

void add_assign(CLI::App& parent, int& exit_code) {
  auto* command = parent.add_subcommand("assign", "Which member gets which partitions, without a broker");
  auto jsonl = std::make_shared<bool>(false);
  command->add_flag("--jsonl", *jsonl, "Many groups, one JSON object a line");
  command->footer(assign_footer);
  command->callback([command, jsonl, &exit_code] {
    if (*jsonl) {
      exit_code = assign_lines() ? exit_ok : exit_failed;
      return;
    }
    std::fputs(command->help().c_str(), stderr);
    exit_code = exit_usage;
  });
}

}  // namespace

void add_groups(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("groups", "Groups: members, offsets, lag, and where they go on");
  command->require_subcommand(1);
  const Parent parent{*command, std::make_shared<GroupsFlags>(), exit_code};
  add_looking(parent);
  add_changing(parent);
  add_assign(*command, exit_code);
}

}  // namespace barnabas::tools
