// Tables of the family `groups`.
#include "barnabas/protocol/messages/compile_family.hpp"

namespace barnabas::protocol::detail {

constexpr auto tables = tables_of(GroupsFamily{});
constinit const MessageTables groups_tables = tables;

}  // namespace barnabas::protocol::detail
