#include "barnabas/protocol/unknown_tags.hpp"

#include <algorithm>

namespace barnabas::protocol {

void UnknownTags::add(const void* structure, uint32 tag, bytes data) {
  std::vector<Tag>& tags = tags_[structure];
  const auto at = std::ranges::lower_bound(tags, tag, {}, &Tag::tag);
  if (at != tags.end() && at->tag == tag) {
    at->data = data;
  } else {
    tags.insert(at, {tag, data});
  }
}

std::span<const UnknownTags::Tag> UnknownTags::of(const void* structure) const {
  const auto found = tags_.find(structure);
  if (found == tags_.end()) return {};
  return found->second;
}

}  // namespace barnabas::protocol
