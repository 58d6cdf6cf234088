// The flags of the commands below barnabas groups, and what they mean together.
#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "barnabas/client/admin/groups.hpp"
#include "barnabas/tools/groups_table.hpp"
#include "barnabas/tools/session.hpp"

namespace barnabas::tools {

enum class OutputForm : std::uint8_t { table, json, csv };

/// "orders", or "orders:0,3".
struct TopicChoice {
  std::string topic;
  std::vector<int> partitions;  ///< none: all of them
};
/// Throws Error(config).
TopicChoice parse_topic_choice(const std::string& text);

struct GroupsFlags {
  GroupsFlags() = default;

  ConnectFlags connect;
  std::vector<std::string> groups;
  std::string group;  ///< of commands that take one only
  bool all = false;
  std::string output = "table";
  bool json = false;

  std::vector<std::string> states, types;  ///< list
  bool summary_only = false;               ///< describe
  bool more = false;                       ///< members, describe
  double watch_s = 0;                      ///< lag; 0: once

  std::vector<std::string> topics;  ///< reset, delete-offsets
  bool all_topics = false;
  bool to_earliest = false, to_latest = false, to_current = false;
  std::string to_datetime, by_duration, file;
  std::optional<std::int64_t> shift_by, to_offset;
  bool dry_run = false, execute = false, export_plan = false;

  void add_connect(CLI::App& command);
  void add_output(CLI::App& command);
  void add_groups(CLI::App& command, bool one_only = false);
  void add_list(CLI::App& command);
  void add_members(CLI::App& command);
  void add_topics(CLI::App& command);
  void add_reset(CLI::App& command);
  void add_execute(CLI::App& command);

  OutputForm form() const;
  std::vector<TopicChoice> topic_choices() const;
  /// Throws Error(config) when no group is named, or groups beside --all.
  void check_groups() const;
};

/// Prints the rows in the form that was asked for; in JSON and CSV also when there are none.
void print_table(const Table& table, OutputForm form);

}  // namespace barnabas::tools
