// All messages that are compiled in, for those who do not know at compile time which one they will meet.
#pragma once

#include <optional>

#include "barnabas/protocol/arena.hpp"
#include "barnabas/protocol/table.hpp"

namespace barnabas::protocol {

/// Ordered by key, the request before the response; data messages last.
std::span<const MessageInfo* const> all_messages();
/// nullptr when there is none.
const MessageInfo* find_message(int16 api_key, MessageKind kind);
const MessageInfo* find_message(string name);

/// Room for a message of this type with its defaults.
void* new_message(const MessageInfo& info, Arena& arena);

/// One line a field, indented by depth: of all versions together (name, type, versions, tag, default, where null is
/// allowed, "ignorable"), or of one version in the notation of Kafka's protocol guide, tagged fields last. Empty when
/// the message lacks that version.
std::string describe(const MessageInfo& info, std::optional<int> version = std::nullopt);

}  // namespace barnabas::protocol
