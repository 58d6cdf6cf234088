// Tables of the family `brokers`.
#include "barnabas/protocol/messages/compile_family.hpp"

namespace barnabas::protocol::detail {

constexpr auto tables = tables_of(BrokersFamily{});
constinit const MessageTables brokers_tables = tables;

}  // namespace barnabas::protocol::detail
