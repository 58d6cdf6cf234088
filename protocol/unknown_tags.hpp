// Tagged fields that no table knows, kept for those who pass a message on.
#pragma once

#include <unordered_map>
#include <vector>

#include "barnabas/protocol/table.hpp"

namespace barnabas::protocol {

/// The unknown tagged fields (KIP-482) of one decoded message and of the structures in it. decode() fills it, encode()
/// writes them back in their places, to_json() shows them; where none of these is given one, they are dropped.
///
/// A structure is named by its address (see tags_owner): that of the message, of an element in the arena, or of a field
/// within them. So what is kept belongs to the decoded message itself, not to copies of it. `data` are views into the
/// body. Not thread-safe.
class UnknownTags {
 public:
  struct Tag {
    uint32 tag = 0;
    bytes data;
  };

  /// Of a tag that is there already, the last holds.
  void add(const void* structure, uint32 tag, bytes data);
  /// Ascending by tag; empty when the structure has none. Valid until the next change.
  std::span<const Tag> of(const void* structure) const;
  void forget(const void* structure) { tags_.erase(structure); }
  bool empty() const { return tags_.empty(); }
  void clear() { tags_.clear(); }

 private:
  std::unordered_map<const void*, std::vector<Tag>> tags_;
};

/// The address under which UnknownTags knows a structure: its own, unless its first field is a structure, which has
/// that address already; then the one behind.
inline const void* tags_owner(const StructInfo& info, const void* structure) {
  if (info.fields.empty()) return structure;
  const FieldInfo& first = info.fields.front();
  if (first.type.kind != Kind::structure || first.at > 0) return structure;
  return static_cast<const char*>(tags_owner(*first.type.of, structure)) + 1;
}

}  // namespace barnabas::protocol
