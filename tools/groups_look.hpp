// What is to be known about groups, gathered for those who print it.
#pragma once

#include <asio/awaitable.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "barnabas/client/admin/group_lag.hpp"
#include "barnabas/client/admin/groups.hpp"
#include "barnabas/tools/groups_flags.hpp"
#include "barnabas/tools/session.hpp"

namespace barnabas::tools {

/// One group, or why nothing is known about it.
struct GroupLook {
  std::string id;
  client::GroupDescription group;
  std::vector<client::PartitionLag> partitions;
  std::optional<Error> failure;
};

/// The ids that were named, or those of all groups. Brokers that cannot be asked are reported, and `exit_code` says so.
asio::awaitable<std::vector<std::string>> choose_groups(Session& session, const GroupsFlags& flags, int& exit_code);

/// Describes the groups, at the same time, in the order of `ids`; with partitions if wanted. Throws nothing but what
/// memory may throw: failures stand in the looks.
asio::awaitable<std::vector<GroupLook>> look_at_groups(Session& session, std::vector<std::string> ids,
                                                       bool with_partitions, runtime::TimePoint deadline);

/// Reports what failed and leaves it out. Returns the exit code.
int report_failures(std::vector<GroupLook>& looks);

/// "host (id)": who coordinates.
std::string coordinator_text(Session& session, std::int32_t node_id);

// Tables of looks.
Table summary_table(Session& session, std::span<const GroupLook> looks);
/// One row a partition; with the members that have them, if wanted.
Table partition_table(std::span<const GroupLook> looks, bool with_members);
Table member_table(std::span<const GroupLook> looks, bool with_assignments);

}  // namespace barnabas::tools
