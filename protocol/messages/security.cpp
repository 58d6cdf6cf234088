// Tables of the family `security`.
#include "barnabas/protocol/messages/compile_family.hpp"

namespace barnabas::protocol::detail {

constexpr auto tables = tables_of(SecurityFamily{});
constinit const MessageTables security_tables = tables;

}  // namespace barnabas::protocol::detail
