// Tables of the family `data`.
#include "barnabas/protocol/messages/compile_family.hpp"

namespace barnabas::protocol::detail {

constexpr auto tables = tables_of(DataFamily{});
constinit const MessageTables data_tables = tables;

}  // namespace barnabas::protocol::detail
