// barnabas groups reset, export and import: where a group goes on.
#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <set>

#include "barnabas/client/admin/group_reset.hpp"
#include "barnabas/tools/command.hpp"
#include "barnabas/tools/groups_actions.hpp"
#include "barnabas/tools/groups_file.hpp"
#include "barnabas/tools/groups_look.hpp"
#include "barnabas/tools/groups_time.hpp"
#include "barnabas/tools/terminal.hpp"
#include "barnabas/tools/topic_positions.hpp"

namespace barnabas::tools {
namespace {

using client::GroupOffset;
using client::ResetStep;
using client::ResetTarget;
using client::TopicPartition;

/// The plan of one group.
struct Plan {
  std::string group;
  client::GroupType type = client::GroupType::classic;
  std::vector<ResetStep> steps;
};

std::string read_file(const std::string& path) {
  std::ifstream file(path == "-" ? "/dev/stdin" : path, std::ios::binary);
  std::string content(std::istreambuf_iterator<char>(file), {});
  if (!file.is_open() || file.bad()) throw Error(Error::Stage::config, "read " + path, "", std::strerror(errno));
  return content;
}

Error wrong_flag(const std::string& flag, const std::string& value, std::string why, std::string hint) {
  Error error(Error::Stage::config, fmt::format("take {} {}", flag, value), "", std::move(why));
  return error.hint(std::move(hint));
}

std::int64_t datetime_ms(const GroupsFlags& flags) {
  if (const auto ms = parse_iso_datetime_ms(flags.to_datetime)) return *ms;
  throw wrong_flag("--to-datetime", flags.to_datetime, "it is no time of ISO 8601", "write 2026-11-21T08:00:00Z");
}

std::int64_t duration_ms(const GroupsFlags& flags) {
  const std::int64_t ms = client::parse_iso_duration_ms(flags.by_duration);
  if (ms >= 0) return ms;
  throw wrong_flag("--by-duration", flags.by_duration, "it is no duration of ISO 8601", "write P1D or PT2H30M");
}

ResetTarget target_of(const GroupsFlags& flags, const std::string& group, const std::string& file_content,
                      std::int64_t now_ms) {
  using enum ResetTarget::Kind;
  if (flags.to_earliest) return ResetTarget(earliest);
  if (flags.to_latest) return ResetTarget(latest);
  if (!flags.to_datetime.empty()) return ResetTarget(timestamp, datetime_ms(flags));
  if (!flags.by_duration.empty()) return ResetTarget(timestamp, std::max<std::int64_t>(0, now_ms - duration_ms(flags)));
  if (flags.shift_by) return ResetTarget(shift, *flags.shift_by);
  if (flags.to_offset) return ResetTarget(offset, *flags.to_offset);
  if (flags.to_current) return ResetTarget(current);
  ResetTarget target(listed);
  target.listed = read_offsets_file(file_content, group, flags.file);
  return target;
}

asio::awaitable<std::vector<TopicPartition>> partitions_of(Session& session, const GroupsFlags& flags,
                                                           const std::vector<GroupOffset>& committed,
                                                           const ResetTarget& target) {
  std::vector<TopicPartition> partitions;
  if (target.kind == ResetTarget::Kind::listed) {
    for (const auto& [partition, offset] : target.listed) partitions.push_back(partition);
  } else if (flags.all_topics) {
    for (const GroupOffset& offset : committed) partitions.push_back(offset.partition);
  }
  for (const TopicChoice& choice : flags.topic_choices()) {
    const auto deadline = session.deadline();
    const auto some = co_await topic_partitions(session.client, choice.topic, choice.partitions, deadline);
    partitions.insert(partitions.end(), some.begin(), some.end());
  }
  co_return partitions;
}

/// Offsets are moved from outside, so nobody may be reading.
void check_nobody_in(const client::GroupDescription& group) {
  if (group.state == "Empty" || group.state == "Dead") return;
  std::set<std::string> clients;
  for (const client::GroupMember& member : group.members) clients.insert(member.client_id + " at " + member.host);
  std::string who;
  for (const std::string& each : clients) who += (who.empty() ? ": " : ", ") + each;
  Error busy(Error::Stage::broker, "reset the offsets of group " + group.id, "",
             fmt::format("it is {}, with {} member{}{}", group.state, group.members.size(),
                         group.members.size() == 1 ? "" : "s", who));
  throw busy.code(protocol::ErrorCode::non_empty_group).hint("stop them first");
}

/// A group that is not there is begun by its first offsets.
asio::awaitable<client::GroupType> type_of_idle_group(Session& session, const std::string& id) {
  const auto deadline = session.deadline();
  client::GroupDescription group;
  group.id = id;
  group.type = client::GroupType::classic;
  group.state = "Dead";
  try {
    std::string asked = id;
    group = co_await client::describe_group(session.client, std::move(asked), deadline);
  } catch (const Error& error) {
    if (error.code() != protocol::ErrorCode::group_id_not_found) throw;
  }
  check_nobody_in(group);
  co_return group.type;
}

asio::awaitable<Plan> plan(Session& session, const GroupsFlags& flags, std::string group,
                           const std::string& file_content) {
  Plan made;
  made.group = group;
  const ResetTarget target = target_of(flags, group, file_content, session.runtime.clock().unix_ms());
  made.type = co_await type_of_idle_group(session, group);
  const auto deadline = session.deadline();
  const auto committed = co_await client::fetch_group_offsets(session.client, std::move(group), made.type, deadline);
  auto partitions = co_await partitions_of(session, flags, committed, target);
  if (partitions.empty()) {
    Error nothing(Error::Stage::broker, "reset the offsets of group " + made.group, "", "it has none");
    throw nothing.hint("name topics with --topic");
  }
  made.steps = co_await client::plan_reset(session.client, std::move(partitions), committed, target, deadline);
  co_return made;
}

/// Writes what was planned; refusals become problems of their steps.
asio::awaitable<void> execute(Session& session, Plan& plan) {
  std::vector<GroupOffset> offsets;
  for (const ResetStep& step : plan.steps) {
    if (step.problem.empty()) {
      offsets.emplace_back(step.partition, step.after);
      continue;
    }
    Error incomplete(Error::Stage::broker, "reset the offsets of group " + plan.group, "",
                     fmt::format("{}: {}; nothing was written", step.partition.text(), step.problem));
    throw incomplete.hint("leave it out by naming topics and partitions with --topic");
  }
  const auto deadline = session.deadline();
  std::string group = plan.group;
  const auto refused =
      co_await client::alter_group_offsets(session.client, std::move(group), plan.type, std::move(offsets), deadline);
  for (const client::RefusedPartition& each : refused) {
    const auto step = std::ranges::find(plan.steps, each.partition, &ResetStep::partition);
    if (step != plan.steps.end()) step->problem = "refused: " + protocol::error_name(each.error);
  }
}

std::string note_of(const ResetStep& step) {
  if (!step.problem.empty()) return step.problem;
  if (!step.clamped()) return {};
  return fmt::format("{} was asked for, the log {} at {}", step.asked, step.asked < step.after ? "begins" : "ends",
                     step.after);
}

Table plan_table(const std::vector<Plan>& plans) {
  Table table({{"group"}, {"topic"}, {"partition"}, {"old"}, {"new"}, {"change"}, {"log_start"}, {"log_end"}});
  table.columns.emplace_back("note", true);
  for (const Plan& plan : plans) {
    for (const ResetStep& step : plan.steps) {
      const bool both = step.before >= 0 && step.after >= 0;
      table.rows.push_back({words(plan.group), words(step.partition.topic), number(step.partition.partition),
                            natural(step.before), natural(step.after),
                            both ? number(step.after - step.before) : natural(-1), natural(step.log_start),
                            natural(step.log_end), words(note_of(step))});
    }
  }
  return table;
}

/// Lines for --from-file; with the group in front when there are several.
void print_export(const std::vector<Plan>& plans) {
  for (const Plan& plan : plans) {
    for (const ResetStep& step : plan.steps) {
      if (!step.problem.empty()) continue;
      std::vector<std::string> fields = {step.partition.topic, std::to_string(step.partition.partition),
                                         std::to_string(step.after)};
      if (plans.size() > 1) fields.insert(fields.begin(), plan.group);
      fmt::print("{}\n", csv_line(fields));
    }
  }
}

bool has_problems(const std::vector<Plan>& plans) {
  return std::ranges::any_of(plans, [](const Plan& plan) {
    return std::ranges::any_of(plan.steps, [](const ResetStep& step) { return !step.problem.empty(); });
  });
}

}  // namespace

void check_reset_flags(const GroupsFlags& flags) {
  const int targets = flags.to_earliest + flags.to_latest + flags.to_current + !flags.to_datetime.empty() +
                      !flags.by_duration.empty() + flags.shift_by.has_value() + flags.to_offset.has_value() +
                      !flags.file.empty();
  if (targets != 1) {
    Error error(Error::Stage::config, "reset offsets", "",
                targets == 0 ? "it is not said where to" : "it is said twice where to");
    throw error.hint(
        "write one of --to-earliest, --to-latest, --to-current, --to-datetime, --by-duration, --shift-by, --to-offset "
        "and --from-file");
  }
  const bool scoped = flags.all_topics || !flags.topics.empty();
  if (!flags.file.empty() == scoped) {
    Error error(Error::Stage::config, "reset offsets", "",
                scoped ? "the file says which partitions" : "no topic is named");
    throw error.hint(scoped ? "leave --topic and --all-topics out" : "write --topic NAME, or --all-topics");
  }
  if (!flags.to_datetime.empty()) datetime_ms(flags);
  if (!flags.by_duration.empty()) duration_ms(flags);
  flags.topic_choices();
}

asio::awaitable<int> reset_groups(Session& session, const GroupsFlags& flags) {
  int exit_code = exit_ok;
  const std::string file_content = flags.file.empty() ? std::string() : read_file(flags.file);
  const std::vector<std::string> ids = co_await choose_groups(session, flags, exit_code);
  std::vector<Plan> plans;
  for (const std::string& id : ids) {
    try {
      std::string group = id;
      Plan one = co_await plan(session, flags, std::move(group), file_content);
      if (flags.execute) co_await execute(session, one);
      plans.push_back(std::move(one));
    } catch (const Error& error) {
      exit_code = std::max(exit_code, report(error));
    }
  }
  if (flags.export_plan) {
    print_export(plans);
  } else {
    print_table(plan_table(plans), flags.form());
  }
  if (has_problems(plans)) exit_code = std::max<int>(exit_code, exit_failed);
  if (!flags.execute && !plans.empty() && !flags.connect.quiet) {
    print_error_line("% nothing was written: --execute does it");
  }
  co_return exit_code;
}

asio::awaitable<int> export_offsets(Session& session, const GroupsFlags& flags) {
  const auto deadline = session.deadline();
  std::string id = flags.groups.front();
  std::string same = id;
  const client::GroupDescription group = co_await client::describe_group(session.client, std::move(id), deadline);
  auto offsets = co_await client::fetch_group_offsets(session.client, std::move(same), group.type, deadline);
  if (group.state == "Dead" && offsets.empty()) {
    throw client::no_such_group("export the offsets of group " + group.id, group.id, "");
  }
  std::erase_if(offsets, [](const GroupOffset& offset) { return offset.offset < 0; });
  const bool lines = flags.form() == OutputForm::csv;
  fmt::print("{}", lines ? offsets_csv(offsets) : offsets_json(group.id, group.type, offsets));
  co_return exit_ok;
}

}  // namespace barnabas::tools
