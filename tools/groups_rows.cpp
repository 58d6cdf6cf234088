// Tables of what groups_look gathered.
#include <fmt/core.h>

#include "barnabas/handlers/json_text.hpp"
#include "barnabas/tools/groups_look.hpp"

namespace barnabas::tools {
namespace {

using client::GroupMember;
using client::PartitionLag;
using client::TopicPartition;

/// "orders:0,1 payments:2", and [{"topic":"orders","partitions":[0,1]},…].
Cell partitions_cell(const std::vector<TopicPartition>& sorted) {
  std::string text, json;
  const std::string* topic = nullptr;
  for (const TopicPartition& partition : sorted) {
    const std::string number = std::to_string(partition.partition);
    if (topic && *topic == partition.topic) {
      text += "," + number;
      json += "," + number;
      continue;
    }
    text += (topic ? " " : "") + partition.topic + ":" + number;
    json += topic ? "]}," : "";
    json += "{\"topic\":" + handlers::json_string(partition.topic) + ",\"partitions\":[" + number;
    topic = &partition.topic;
  }
  return with_json(text, "[" + json + (topic ? "]}]" : "]"));
}

Cell subscription_cell(const GroupMember& member) {
  if (member.topic_pattern.empty()) return list_of(member.topics);
  std::vector<std::string> wanted = member.topics;
  wanted.push_back("^" + member.topic_pattern);
  return list_of(wanted);
}

void append_member(std::vector<Cell>& row, const GroupLook& look, const PartitionLag& partition) {
  static const GroupMember nobody;
  const GroupMember& member = partition.member ? look.group.members[*partition.member] : nobody;
  for (const std::string* field : {&member.id, &member.instance_id, &member.client_id, &member.host}) {
    row.push_back(words(*field));
  }
}

/// Not known is another thing than not there: a partition without a commit has no lag.
Cell lag_cell(const PartitionLag& partition) {
  if (partition.lag) return number(*partition.lag);
  return partition.problem.empty() ? natural(-1) : not_known();
}

}  // namespace

std::string coordinator_text(Session& session, std::int32_t node_id) {
  const auto& brokers = session.client.metadata().brokers();
  const auto found = brokers.find(node_id);
  return found == brokers.end() ? fmt::format("broker {}", node_id)
                                : fmt::format("{} ({})", found->second.endpoint.text(), node_id);
}

Table summary_table(Session& session, std::span<const GroupLook> looks) {
  const Column assignment_epoch("assignment_epoch", true), epoch("epoch", true);
  Table table({{"group"},
               {"type"},
               {"protocol"},
               {"state"},
               {"coordinator"},
               {"assignor"},
               epoch,
               assignment_epoch,
               {"members"}});
  for (const GroupLook& look : looks) {
    const client::GroupDescription& group = look.group;
    const Cell coordinator = with_json(coordinator_text(session, group.coordinator), std::to_string(group.coordinator));
    table.rows.push_back({words(look.id), words(name(group.type)), words(group.protocol_type), words(group.state),
                          coordinator, words(group.assignor), natural(group.epoch), natural(group.assignment_epoch),
                          number(static_cast<std::int64_t>(group.members.size()))});
  }
  return table;
}

Table partition_table(std::span<const GroupLook> looks, bool with_members) {
  Table table({{"group"}, {"topic"}, {"partition"}, {"offset"}, {"log_end"}, {"lag"}});
  if (with_members) {
    for (const char* column : {"member", "instance_id", "client_id", "host"}) {
      table.columns.emplace_back(column, std::string_view(column) == "instance_id");
    }
  }
  table.columns.emplace_back("metadata", true);
  table.columns.emplace_back("error", true);
  for (const GroupLook& look : looks) {
    for (const PartitionLag& partition : look.partitions) {
      const bool unknown_end = partition.log_end < 0 && !partition.problem.empty();
      std::vector<Cell>& row = table.rows.emplace_back();
      row = {words(look.id),
             words(partition.partition.topic),
             number(partition.partition.partition),
             natural(partition.offset),
             unknown_end ? not_known() : natural(partition.log_end),
             lag_cell(partition)};
      if (with_members) append_member(row, look, partition);
      row.push_back(words(partition.metadata));
      row.push_back(words(partition.problem));
    }
  }
  return table;
}

Table member_table(std::span<const GroupLook> looks, bool with_assignments) {
  const Column instance_id("instance_id", true), rack("rack", true), epoch("epoch", true), target("target", true);
  Table table({{"group"}, {"member"}, instance_id, {"client_id"}, {"host"}, rack, epoch, {"partitions"}});
  if (with_assignments) table.columns.insert(table.columns.end(), {{"subscription"}, {"assignment"}, target});
  for (const GroupLook& look : looks) {
    for (const GroupMember& member : look.group.members) {
      const Cell count = member.unreadable ? not_known() : number(static_cast<std::int64_t>(member.assigned.size()));
      std::vector<Cell>& row = table.rows.emplace_back();
      row = {words(look.id),     words(member.id),   words(member.instance_id), words(member.client_id),
             words(member.host), words(member.rack), natural(member.epoch),     count};
      if (!with_assignments) continue;
      row.push_back(subscription_cell(member));
      row.push_back(partitions_cell(member.assigned));
      row.push_back(member.target.empty() ? Cell() : partitions_cell(member.target));
    }
  }
  return table;
}

}  // namespace barnabas::tools
