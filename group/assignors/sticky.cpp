#include "barnabas/group/assignors/sticky.hpp"

#include <algorithm>
#include <numeric>

#include "barnabas/group/assignors/sticky_plan.hpp"

namespace barnabas::group {
namespace {

Claim sticky_claim(const MemberSubscription& member) { return read_sticky_user_data(member.user_data); }

/// Before version 2 of the subscription, the generation was the user data.
Claim cooperative_claim(const MemberSubscription& member) {
  Claim claim(member.owned_partitions, member.generation);
  if (claim.generation >= 0 || member.user_data.size() < 4) return claim;
  std::uint32_t generation = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    generation = generation << 8 | static_cast<unsigned char>(member.user_data[i]);
  }
  claim.generation = static_cast<std::int32_t>(generation);
  return claim;
}

bool same_subscriptions(const std::vector<MemberSubscription>& members) {
  const auto topics = [](const MemberSubscription& member) {
    return std::set<std::string_view>(member.topics.begin(), member.topics.end());
  };
  if (members.empty()) return true;
  const auto first = topics(members.front());
  return std::ranges::all_of(
      members, [&](const auto& member) { return member.topics == members.front().topics || topics(member) == first; });
}

std::vector<MemberIndex> divide(const Numbered& group, const Claims& claims, const std::vector<MemberIndex>& order) {
  const Racks racks(group);
  return same_subscriptions(group.members()) ? divide_equal(group, racks, claims, order)
                                             : divide_unequal(group, racks, claims);
}

}  // namespace

std::vector<std::int32_t> ranks_by_id(const Numbered& group) {
  std::vector<MemberIndex> sorted(group.member_count());
  std::iota(sorted.begin(), sorted.end(), 0);
  const auto id = [&](MemberIndex member) -> const std::string& {
    return group.members()[static_cast<std::size_t>(member)].member_id;
  };
  std::ranges::sort(sorted, [&](MemberIndex a, MemberIndex b) { return java_less(id(a), id(b)); });
  std::vector<std::int32_t> ranks(sorted.size());
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    ranks[static_cast<std::size_t>(sorted[i])] = static_cast<std::int32_t>(i);
  }
  return ranks;
}

std::string StickyAssignor::user_data(const std::vector<client::TopicPartition>& assigned,
                                      std::int32_t generation) const {
  return generation < 0 && assigned.empty() ? std::string() : sticky_user_data(assigned, generation);
}

Assignments StickyAssignor::assign(const TopicShapes& topics, const std::vector<MemberSubscription>& members) const {
  const Numbered group(topics, members);
  const auto order = java_hash_order(members);
  return group.assignments(divide(group, Claims(group, order, sticky_claim), order));
}

std::string CooperativeStickyAssignor::user_data(const std::vector<client::TopicPartition>& /*assigned*/,
                                                 std::int32_t generation) const {
  std::string data;
  for (int shift = 24; shift >= 0; shift -= 8) {
    data += static_cast<char>(static_cast<std::uint32_t>(generation) >> shift & 0xff);
  }
  return data;
}

Assignments CooperativeStickyAssignor::assign(const TopicShapes& topics,
                                              const std::vector<MemberSubscription>& members) const {
  const Numbered group(topics, members);
  const auto order = java_hash_order(members);
  const Claims claims(group, order, cooperative_claim);
  auto owner = divide(group, claims, order);
  for (std::size_t i = 0; i < owner.size(); ++i) {
    const bool held_by_another = claims.holder[i] != nobody && claims.holder[i] != owner[i];
    if (held_by_another || claims.doubted[i]) owner[i] = nobody;
  }
  return group.assignments(owner);
}

}  // namespace barnabas::group
