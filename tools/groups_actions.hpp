// What each command below barnabas groups does. All of them return the exit code.
#pragma once

#include <asio/awaitable.hpp>

#include "barnabas/tools/groups_flags.hpp"

namespace barnabas::tools {

asio::awaitable<int> list_groups(Session& session, const GroupsFlags& flags);      // groups_list.cpp
asio::awaitable<int> describe_groups(Session& session, const GroupsFlags& flags);  // groups_describe.cpp
asio::awaitable<int> show_members(Session& session, const GroupsFlags& flags);     // groups_describe.cpp
asio::awaitable<int> show_offsets(Session& session, const GroupsFlags& flags);     // groups_describe.cpp
asio::awaitable<int> show_lag(Session& session, const GroupsFlags& flags);         // groups_lag.cpp
asio::awaitable<int> reset_groups(Session& session, const GroupsFlags& flags);     // groups_reset.cpp
asio::awaitable<int> export_offsets(Session& session, const GroupsFlags& flags);   // groups_reset.cpp
asio::awaitable<int> delete_groups(Session& session, const GroupsFlags& flags);    // groups_delete.cpp
asio::awaitable<int> delete_offsets(Session& session, const GroupsFlags& flags);   // groups_delete.cpp

/// What can be known to be wrong before the cluster is asked. Throw Error(config).
void check_reset_flags(const GroupsFlags& flags);           // groups_reset.cpp
void check_delete_offsets_flags(const GroupsFlags& flags);  // groups_delete.cpp

}  // namespace barnabas::tools
