// The two ways in which the sticky assignors come to who owns what.
#pragma once

#include "barnabas/group/assignors/claims.hpp"

namespace barnabas::group {

/// Who owns each partition when all members subscribed to the same topics. `order` decides who keeps one more.
std::vector<MemberIndex> divide_equal(const Numbered& group, const Racks& racks, const Claims& claims,
                                      const std::vector<MemberIndex>& order);
/// The same when subscriptions differ.
std::vector<MemberIndex> divide_unequal(const Numbered& group, const Racks& racks, const Claims& claims);

/// By member: its place among all when they are sorted by id as Java compares.
std::vector<std::int32_t> ranks_by_id(const Numbered& group);
}  // namespace barnabas::group
