// barnabas groups describe, members and offsets: what is known about groups.
#include <fmt/core.h>

#include <algorithm>
#include <span>

#include "barnabas/tools/command.hpp"
#include "barnabas/tools/groups_actions.hpp"
#include "barnabas/tools/groups_look.hpp"
#include "barnabas/tools/terminal.hpp"

namespace barnabas::tools {
namespace {

/// The looks that succeeded; what failed has been reported.
asio::awaitable<std::vector<GroupLook>> look(Session& session, const GroupsFlags& flags, bool with_partitions,
                                             int& exit_code) {
  std::vector<std::string> ids = co_await choose_groups(session, flags, exit_code);
  const auto deadline = session.deadline();
  auto looks = co_await look_at_groups(session, std::move(ids), with_partitions, deadline);
  exit_code = std::max(exit_code, report_failures(looks));
  co_return looks;
}

/// An object a group, with its members and partitions inside.
void print_json(Session& session, const std::vector<GroupLook>& looks) {
  Table table = summary_table(session, looks);
  table.columns.emplace_back("partitions");
  for (std::size_t i = 0; i < looks.size(); ++i) {
    const std::span<const GroupLook> one(&looks[i], 1);
    std::vector<Cell>& row = table.rows[i];
    row.back() = with_json("", table_json(member_table(one, true)));  // and not how many there are
    row.push_back(with_json("", table_json(partition_table(one, true))));
  }
  print_table(table, OutputForm::json);
}

void print_one(Session& session, const GroupLook& look, bool more) {
  const client::GroupDescription& group = look.group;
  const std::span<const GroupLook> one(&look, 1);
  std::string line = fmt::format("group {}  type {}  state {}  coordinator {}", look.id, name(group.type), group.state,
                                 coordinator_text(session, group.coordinator));
  if (!group.assignor.empty()) line += "  assignor " + group.assignor;
  if (group.epoch >= 0) line += fmt::format("  epoch {}  assignment epoch {}", group.epoch, group.assignment_epoch);
  fmt::print("{}  members {}\n", one_line(line), group.members.size());
  if (look.partitions.empty()) fmt::print("  no offsets, and nothing assigned\n");
  fmt::print("{}", table_text(partition_table(one, true)));
  if (more && !group.members.empty()) fmt::print("\n{}", table_text(member_table(one, true)));
}

}  // namespace

asio::awaitable<int> describe_groups(Session& session, const GroupsFlags& flags) {
  int exit_code = exit_ok;
  const auto looks = co_await look(session, flags, !flags.summary_only, exit_code);
  const OutputForm form = flags.form();
  if (flags.summary_only) {
    print_table(summary_table(session, looks), form);
  } else if (form == OutputForm::json) {
    print_json(session, looks);
  } else if (form == OutputForm::csv) {
    print_table(partition_table(looks, true), form);
  } else {
    for (const GroupLook& each : looks) {
      if (&each != looks.data()) fmt::print("\n");
      print_one(session, each, flags.more);
    }
  }
  co_return exit_code;
}

asio::awaitable<int> show_members(Session& session, const GroupsFlags& flags) {
  int exit_code = exit_ok;
  const auto looks = co_await look(session, flags, false, exit_code);
  print_table(member_table(looks, flags.more), flags.form());
  for (const GroupLook& each : looks) {
    const bool say = each.group.members.empty() && !flags.connect.quiet;
    if (say) print_error_line(one_line(fmt::format("% group {} has no members, it is {}", each.id, each.group.state)));
  }
  co_return exit_code;
}

asio::awaitable<int> show_offsets(Session& session, const GroupsFlags& flags) {
  int exit_code = exit_ok;
  const auto looks = co_await look(session, flags, true, exit_code);
  print_table(partition_table(looks, false), flags.form());
  for (const GroupLook& each : looks) {
    const bool say = each.partitions.empty() && !flags.connect.quiet;
    if (say) print_error_line(one_line(fmt::format("% group {} has no offsets, it is {}", each.id, each.group.state)));
  }
  co_return exit_code;
}

}  // namespace barnabas::tools
