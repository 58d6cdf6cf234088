// How the units of the families hand their tables to the registry. Internal to messages/.
#pragma once

#include "barnabas/protocol/table.hpp"

namespace barnabas::protocol::detail {

using MessageTable = const MessageInfo& (*)();
using MessageTables = std::span<const MessageTable>;

extern const MessageTables data_tables;
extern const MessageTables groups_tables;
extern const MessageTables transactions_tables;
extern const MessageTables admin_tables;
extern const MessageTables security_tables;
extern const MessageTables raft_tables;
extern const MessageTables brokers_tables;
extern const MessageTables share_tables;
extern const MessageTables streams_tables;

}  // namespace barnabas::protocol::detail
