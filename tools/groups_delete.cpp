// barnabas groups delete and delete-offsets.
#include <fmt/core.h>

#include <algorithm>

#include "barnabas/client/admin/group_offsets.hpp"
#include "barnabas/tools/command.hpp"
#include "barnabas/tools/groups_actions.hpp"
#include "barnabas/tools/groups_look.hpp"

namespace barnabas::tools {
namespace {

using client::GroupOffset;
using client::TopicPartition;

/// What was done to a group, or to a partition of it.
struct Outcome {
  std::string group;
  TopicPartition partition;
  std::string refused;  ///< Kafka's name for why; empty: done
};

Table outcome_table(const std::vector<Outcome>& outcomes, bool with_partitions) {
  Table table({{"group"}});
  if (with_partitions) table.columns.insert(table.columns.end(), {{"topic"}, {"partition"}});
  table.columns.emplace_back("deleted");
  table.columns.emplace_back("error", true);
  for (const Outcome& outcome : outcomes) {
    std::vector<Cell>& row = table.rows.emplace_back();
    row.push_back(words(outcome.group));
    if (with_partitions) row.push_back(words(outcome.partition.topic));
    if (with_partitions) row.push_back(natural(outcome.partition.partition));
    row.push_back(yes_or_no(outcome.refused.empty()));
    row.push_back(words(outcome.refused));
  }
  return table;
}

/// Partitions that were named, and of topics without any those that the group has offsets of.
std::vector<TopicPartition> chosen(const std::vector<TopicChoice>& choices, const std::vector<GroupOffset>& offsets,
                                   const std::string& group) {
  std::vector<TopicPartition> partitions;
  for (const TopicChoice& choice : choices) {
    const std::size_t before = partitions.size();
    for (const int index : choice.partitions) partitions.emplace_back(choice.topic, index);
    for (const GroupOffset& offset : offsets) {
      if (choice.partitions.empty() && offset.partition.topic == choice.topic) partitions.push_back(offset.partition);
    }
    if (partitions.size() > before) continue;
    throw Error(Error::Stage::broker, "delete offsets of group " + group, "", "it has none of topic " + choice.topic);
  }
  return partitions;
}

void check_share(client::GroupType type, const std::vector<TopicChoice>& choices) {
  const auto partial = [](const TopicChoice& choice) { return !choice.partitions.empty(); };
  if (type != client::GroupType::share || std::ranges::none_of(choices, partial)) return;
  Error error(Error::Stage::config, "delete offsets of some partitions", "", "a share group forgets whole topics");
  throw error.hint("leave the partitions behind --topic out");
}

}  // namespace

asio::awaitable<int> delete_groups(Session& session, const GroupsFlags& flags) {
  int exit_code = exit_ok;
  const std::vector<std::string> ids = co_await choose_groups(session, flags, exit_code);
  std::vector<Outcome> outcomes;
  for (const std::string& id : ids) {
    Outcome outcome;
    outcome.group = id;
    const auto deadline = session.deadline();
    try {
      std::string group = id;
      co_await client::delete_group(session.client, std::move(group), deadline);
    } catch (const Error& error) {
      exit_code = std::max(exit_code, report(error));
      outcome.refused = error.code() == protocol::ErrorCode::none ? error.cause() : protocol::error_name(error.code());
    }
    outcomes.push_back(std::move(outcome));
  }
  if (!flags.connect.quiet || flags.form() != OutputForm::table) {
    print_table(outcome_table(outcomes, false), flags.form());
  }
  co_return exit_code;
}

void check_delete_offsets_flags(const GroupsFlags& flags) {
  if (!flags.topic_choices().empty()) return;
  Error error(Error::Stage::config, "delete offsets", "", "no topic is named");
  throw error.hint("write --topic NAME; barnabas groups delete deletes all there is of a group");
}

asio::awaitable<int> delete_offsets(Session& session, const GroupsFlags& flags) {
  const std::string& id = flags.groups.front();
  const auto deadline = session.deadline();
  const auto choices = flags.topic_choices();
  std::string first = id, second = id, third = id;
  const client::GroupDescription group = co_await client::describe_group(session.client, std::move(first), deadline);
  check_share(group.type, choices);
  const auto offsets = co_await client::fetch_group_offsets(session.client, std::move(second), group.type, deadline);
  std::vector<TopicPartition> partitions = chosen(choices, offsets, id);
  std::vector<Outcome> outcomes;
  for (const TopicPartition& partition : partitions) outcomes.push_back({id, partition, {}});
  const auto refused = co_await client::delete_group_offsets(session.client, std::move(third), group.type,
                                                             std::move(partitions), deadline);
  int exit_code = exit_ok;
  for (const client::RefusedPartition& each : refused) {
    std::string what = fmt::format("delete the offset of {} in group {}", each.partition.text(), id);
    if (each.partition.partition < 0) what = fmt::format("delete offsets of {} in group {}", each.partition.topic, id);
    exit_code =
        report(broker_error(each.error, std::move(what), session.client.describe(group.coordinator), each.message));
    for (Outcome& outcome : outcomes) {
      const bool same = each.partition.partition < 0 ? outcome.partition.topic == each.partition.topic
                                                     : outcome.partition == each.partition;
      if (same) outcome.refused = protocol::error_name(each.error);
    }
  }
  print_table(outcome_table(outcomes, true), flags.form());
  co_return exit_code;
}

}  // namespace barnabas::tools
