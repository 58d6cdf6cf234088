// Tables of the family `admin`.
#include "barnabas/protocol/messages/compile_family.hpp"

namespace barnabas::protocol::detail {

constexpr auto tables = tables_of(AdminFamily{});
constinit const MessageTables admin_tables = tables;

}  // namespace barnabas::protocol::detail
