#include "barnabas/protocol/messages/registry.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <vector>

#include "barnabas/protocol/messages/tables.hpp"

namespace barnabas::protocol {

namespace {

std::vector<const MessageInfo*> list_messages() {
  using namespace detail;
  std::vector<const MessageInfo*> all;
  for (MessageTables family : {data_tables, groups_tables, transactions_tables, admin_tables, security_tables,
                               raft_tables, brokers_tables, share_tables, streams_tables}) {
    for (MessageTable table : family) all.push_back(&table());
  }
  const auto place = [](const MessageInfo* info) {
    return info->kind == MessageKind::data ? std::numeric_limits<int16>::max() : info->api.key;
  };
  std::ranges::stable_sort(all, {}, place);
  return all;
}

}  // namespace

std::span<const MessageInfo* const> all_messages() {
  static const std::vector<const MessageInfo*> all = list_messages();
  return all;
}

const MessageInfo* find_message(int16 api_key, MessageKind kind) {
  for (const MessageInfo* info : all_messages()) {
    if (info->kind != MessageKind::data && info->kind == kind && info->api.key == api_key) return info;
  }
  return nullptr;
}

const MessageInfo* find_message(string name) {
  for (const MessageInfo* info : all_messages()) {
    if (info->name == name) return info;
  }
  return nullptr;
}

void* new_message(const MessageInfo& info, Arena& arena) {
  void* const room = arena.allocate(info.root->size, alignof(std::max_align_t));
  return std::memcpy(room, info.root->defaults, info.root->size);
}

}  // namespace barnabas::protocol
