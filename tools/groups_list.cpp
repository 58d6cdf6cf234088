// barnabas groups list: which groups there are.
#include <algorithm>

#include "barnabas/tools/command.hpp"
#include "barnabas/tools/groups_actions.hpp"
#include "barnabas/tools/groups_look.hpp"

namespace barnabas::tools {
namespace {

/// Kafka's tools take "preparing-rebalance" for PreparingRebalance as well.
bool same_word(std::string_view a, std::string_view b) {
  const auto plain = [](std::string_view text) {
    std::string word;
    for (const char c : text) {
      if (c != '-' && c != '_') word += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    }
    return word;
  };
  return plain(a) == plain(b);
}

bool wanted(const std::vector<std::string>& filter, std::string_view value) {
  const auto same = [value](const std::string& each) { return same_word(each, value); };
  return filter.empty() || std::ranges::any_of(filter, same);
}

}  // namespace

asio::awaitable<int> list_groups(Session& session, const GroupsFlags& flags) {
  const auto deadline = session.deadline();
  const client::GroupList list = co_await client::list_groups(session.client, deadline);
  Table table({{"group"}, {"type"}, {"protocol"}, {"state"}, {"coordinator"}});
  for (const client::GroupListing& group : list.groups) {
    if (!wanted(flags.states, group.state) || !wanted(flags.types, name(group.type))) continue;
    const Cell coordinator = with_json(coordinator_text(session, group.coordinator), std::to_string(group.coordinator));
    table.rows.push_back(
        {words(group.id), words(name(group.type)), words(group.protocol_type), words(group.state), coordinator});
  }
  print_table(table, flags.form());
  int exit_code = exit_ok;
  for (const Error& failure : list.failures) exit_code = report(failure);
  co_return exit_code;
}

}  // namespace barnabas::tools
