// Tables of the family `share`.
#include "barnabas/protocol/messages/compile_family.hpp"

namespace barnabas::protocol::detail {

constexpr auto tables = tables_of(ShareFamily{});
constinit const MessageTables share_tables = tables;

}  // namespace barnabas::protocol::detail
