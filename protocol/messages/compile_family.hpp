// Makes the tables of a family. Only the units of the families include this.
#pragma once

#include "barnabas/protocol/messages/families.hpp"
#include "barnabas/protocol/messages/tables.hpp"
#include "barnabas/protocol/reflect.hpp"

namespace barnabas::protocol::detail {

template <class M>
inline constexpr std::size_t messages_of = requires { typename M::Response; } ? 2 : 1;

template <class M>
constexpr void append_tables(MessageTable*& to) {
  *to++ = &message_info<M>;
  if constexpr (requires { typename M::Response; }) *to++ = &message_info<typename M::Response>;
}

/// The addresses make the compiler emit each message_info<M>, for those who include no more than the declaration of M.
template <class... M>
constexpr auto tables_of(Family<M...>) {
  std::array<MessageTable, (messages_of<M> + ...)> tables{};
  MessageTable* to = tables.data();
  (append_tables<M>(to), ...);
  return tables;
}

}  // namespace barnabas::protocol::detail
