// Tables of the family `transactions`.
#include "barnabas/protocol/messages/compile_family.hpp"

namespace barnabas::protocol::detail {

constexpr auto tables = tables_of(TransactionsFamily{});
constinit const MessageTables transactions_tables = tables;

}  // namespace barnabas::protocol::detail
