// How the first bytes of an input name a message.
#pragma once

#include "barnabas/protocol/messages/registry.hpp"

namespace barnabas::fuzz {

/// Null when there is no such message; such an input is not worth keeping.
inline const protocol::MessageInfo* fuzzed_message(std::uint8_t key, std::uint8_t flags) {
  using protocol::MessageKind;
  if ((flags & 4) == 0) {
    return protocol::find_message(key, (flags & 1) == 0 ? MessageKind::request : MessageKind::response);
  }
  std::size_t number = key;
  for (const protocol::MessageInfo* info : protocol::all_messages()) {
    if (info->kind == MessageKind::data && number-- == 0) return info;
  }
  return nullptr;
}

inline int fuzzed_version(const protocol::MessageInfo& info, std::uint8_t number) {
  return info.api.versions.lo + number % (info.api.versions.hi - info.api.versions.lo + 1);
}

}  // namespace barnabas::fuzz
