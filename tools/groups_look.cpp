#include "barnabas/tools/groups_look.hpp"

#include "barnabas/client/runtime/tasks.hpp"
#include "barnabas/tools/command.hpp"

namespace barnabas::tools {
namespace {

asio::awaitable<void> look(client::Client& client, GroupLook& at, bool with_partitions, runtime::TimePoint deadline) {
  try {
    std::string id = at.id;
    at.group = co_await client::describe_group(client, std::move(id), deadline);
    // Brokers before 0.10.2 call a group dead that has nothing but offsets, later ones one that is not there.
    const bool dead = at.group.state == "Dead";
    if (!with_partitions && !dead) co_return;
    at.partitions = co_await client::find_group_lag(client, at.group, deadline);
    if (dead && at.partitions.empty()) {
      throw client::no_such_group("describe group " + at.id, at.id, client.describe(at.group.coordinator));
    }
  } catch (const Error& error) {
    at.failure = error;
  }
}

}  // namespace

asio::awaitable<std::vector<std::string>> choose_groups(Session& session, const GroupsFlags& flags, int& exit_code) {
  if (!flags.all) co_return flags.groups;
  const auto deadline = session.deadline();
  const client::GroupList list = co_await client::list_groups(session.client, deadline);
  for (const Error& failure : list.failures) exit_code = report(failure);
  std::vector<std::string> ids;
  for (const client::GroupListing& group : list.groups) ids.push_back(group.id);
  co_return ids;
}

asio::awaitable<std::vector<GroupLook>> look_at_groups(Session& session, std::vector<std::string> ids,
                                                       bool with_partitions, runtime::TimePoint deadline) {
  std::vector<GroupLook> looks(ids.size());
  runtime::TaskGroup tasks(session.runtime);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    looks[i].id = ids[i];
    tasks.spawn("look at a group", look(session.client, looks[i], with_partitions, deadline));
  }
  co_await tasks.join();
  co_return looks;
}

int report_failures(std::vector<GroupLook>& looks) {
  int exit_code = exit_ok;
  for (const GroupLook& look : looks) {
    if (look.failure) exit_code = report(*look.failure);
  }
  std::erase_if(looks, [](const GroupLook& look) { return look.failure.has_value(); });
  return exit_code;
}

}  // namespace barnabas::tools
