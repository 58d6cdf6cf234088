// Tables of the family `streams`.
#include "barnabas/protocol/messages/compile_family.hpp"

namespace barnabas::protocol::detail {

constexpr auto tables = tables_of(StreamsFamily{});
constinit const MessageTables streams_tables = tables;

}  // namespace barnabas::protocol::detail
