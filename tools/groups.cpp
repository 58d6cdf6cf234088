// barnabas groups: what there is to do with consumer groups.
#include <cstdio>
#include <memory>

#include "barnabas/tools/command.hpp"
#include "barnabas/tools/groups_assign.hpp"

namespace barnabas::tools {
namespace {

constexpr char assign_footer[] =
    "\nEach line of standard input is one group: {\"id\":…,\"assignor\":\"sticky\",\"topics\":[{\"name\":…,"
    "\"partitions\":[{\"id\":0,\n\"replica_racks\":[…]}]}],\"members\":[{\"member_id\":…,\"topics\":[…],\"owned\":[…],"
    "\"generation\":…}]}. It is answered with\n{\"id\":…,\"assignment\":{MEMBER:[{\"topic\":…,\"partitions\":[…]}]}} "
    "or "
    "{\"id\":…,\"error\":\"…\"}; after an error the exit\ncode is 1 in the end. docs/groups.md has every field.\n";

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
  auto* command = app.add_subcommand("groups", "Consumer groups: how partitions are divided among the members");
  command->require_subcommand(1);
  add_assign(*command, exit_code);
}

}  // namespace barnabas::tools
