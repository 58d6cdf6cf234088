#include <algorithm>

#include "barnabas/group/assignors/assignor.hpp"
#include "barnabas/group/assignors/range.hpp"

namespace barnabas::group {
namespace {

/// UTF-8 sorts by code point; moving the two lead bytes of U+E000–U+FFFF behind those of the supplementary planes gives
/// the order of UTF-16.
unsigned utf16_rank(char c) {
  const auto byte = static_cast<unsigned char>(c);
  if (byte >= 0xf0) return byte - 2u;
  return byte >= 0xee ? byte + 0x12u : byte;
}

}  // namespace

const Assignor* find_assignor(std::string_view name) {
  static const RangeAssignor range;
  const bool is_range = name == range.name() || name == "org.apache.kafka.clients.consumer.RangeAssignor";
  return is_range ? &range : nullptr;
}

std::string assignor_names() { return "range"; }

bool java_less(std::string_view a, std::string_view b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                      [](char x, char y) { return utf16_rank(x) < utf16_rank(y); });
}

std::vector<const MemberSubscription*> in_order(const std::vector<MemberSubscription>& members) {
  std::vector<const MemberSubscription*> order;
  for (const auto& member : members) order.push_back(&member);
  std::sort(order.begin(), order.end(), [](const MemberSubscription* a, const MemberSubscription* b) {
    const bool a_static = !a->group_instance_id.empty();
    const bool b_static = !b->group_instance_id.empty();
    if (a_static != b_static) return a_static;
    return a_static ? java_less(a->group_instance_id, b->group_instance_id) : java_less(a->member_id, b->member_id);
  });
  return order;
}

}  // namespace barnabas::group
