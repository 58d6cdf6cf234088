// ListGroups at all brokers, since each lists what it coordinates.
#include <algorithm>
#include <map>
#include <memory>

#include "barnabas/client/admin/coordinator_request.hpp"
#include "barnabas/client/admin/groups.hpp"
#include "barnabas/client/runtime/tasks.hpp"
#include "barnabas/protocol/messages/describe_groups.hpp"
#include "barnabas/protocol/messages/list_groups.hpp"

namespace barnabas::client {
namespace {

using protocol::ErrorCode;

constexpr std::int16_t first_with_states = 4;
constexpr std::int16_t first_with_types = 5;

/// What one broker said.
struct NodeGroups {
  std::vector<GroupListing> groups;
  std::unique_ptr<Error> failure;
};

asio::awaitable<Decoded<protocol::ListGroupsResponse>> ask_for_list(Client& client, std::int32_t node_id,
                                                                    runtime::TimePoint deadline) {
  Backoff backoff(client.options().retry_backoff_ms, client.options().retry_backoff_max_ms);
  const protocol::ListGroupsRequest request;
  const Target target = Target::node(node_id);
  while (true) {
    auto answer = co_await client.call(request, target, deadline);
    const auto code = static_cast<ErrorCode>(*answer->error_code);
    if (code == ErrorCode::none) co_return std::move(answer);
    const Error failure = broker_error(code, "list groups", client.describe(node_id));
    co_await pause_or_throw(client, backoff, failure, deadline);
  }
}

std::vector<GroupListing> read_list(const protocol::ListGroupsResponse& response, std::int16_t version,
                                    std::int32_t node_id) {
  std::vector<GroupListing> groups;
  for (const auto& from : response.groups) {
    GroupListing& group = groups.emplace_back();
    group.id = *from.group_id;
    group.protocol_type = *from.protocol_type;
    group.state = *from.group_state;
    group.type = version < first_with_types ? GroupType::classic : parse_group_type(*from.group_type);
    group.coordinator = node_id;
  }
  return groups;
}

/// For brokers that list no states. A group that went away meanwhile keeps none.
asio::awaitable<void> ask_for_states(Client& client, std::int32_t node_id, std::vector<GroupListing>& groups,
                                     runtime::TimePoint deadline) {
  if (groups.empty()) co_return;
  protocol::Arena arena;
  protocol::DescribeGroupsRequest request;
  auto ids = arena.make_list<protocol::string>(groups.size());
  for (std::size_t i = 0; i < groups.size(); ++i) ids[i] = protocol::string(groups[i].id);
  request.groups = ids;
  const Target target = Target::node(node_id);
  const auto answer = co_await client.call(request, target, deadline);
  std::map<std::string_view, std::string_view> states;
  for (const auto& group : answer->groups) states[*group.group_id] = *group.group_state;
  for (GroupListing& group : groups) {
    if (const auto found = states.find(group.id); found != states.end()) group.state = found->second;
  }
}

asio::awaitable<void> list_node(Client& client, std::int32_t node_id, NodeGroups& result, runtime::TimePoint deadline) {
  try {
    const auto answer = co_await ask_for_list(client, node_id, deadline);
    result.groups = read_list(*answer, answer.version, node_id);
    if (answer.version < first_with_states) co_await ask_for_states(client, node_id, result.groups, deadline);
  } catch (const Error& error) {
    result.failure = std::make_unique<Error>(error);
  }
}

}  // namespace

asio::awaitable<GroupList> list_groups(Client& client, runtime::TimePoint deadline) {
  std::map<std::int32_t, NodeGroups> nodes;
  for (const auto& [node_id, broker] : client.metadata().brokers()) nodes[node_id];
  runtime::TaskGroup tasks(client.runtime());
  for (auto& [node_id, result] : nodes) tasks.spawn("list groups", list_node(client, node_id, result, deadline));
  co_await tasks.join();
  GroupList list;
  for (auto& [node_id, result] : nodes) {
    if (result.failure) list.failures.push_back(*result.failure);
    std::ranges::move(result.groups, std::back_inserter(list.groups));
  }
  if (!list.failures.empty() && list.failures.size() == nodes.size()) throw Error(list.failures.front());
  // While a coordinator moves, two brokers may list its groups.
  std::ranges::stable_sort(list.groups, {}, &GroupListing::id);
  const auto twice = std::ranges::unique(list.groups, {}, &GroupListing::id);
  list.groups.erase(twice.begin(), twice.end());
  co_return list;
}

}  // namespace barnabas::client
