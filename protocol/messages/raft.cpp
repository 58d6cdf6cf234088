// Tables of the family `raft`.
#include "barnabas/protocol/messages/compile_family.hpp"

namespace barnabas::protocol::detail {

constexpr auto tables = tables_of(RaftFamily{});
constinit const MessageTables raft_tables = tables;

}  // namespace barnabas::protocol::detail
