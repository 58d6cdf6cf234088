#include "barnabas/group/assignors/range.hpp"

#include <algorithm>

namespace barnabas::group {
namespace {

using Members = std::vector<const MemberSubscription*>;

/// One topic while its partitions are given out.
struct TopicDeal {
  TopicDeal(const std::string& topic_name, const TopicShape& topic_shape, Members subscribers)
      : topic(&topic_name),
        shape(&topic_shape),
        members(std::move(subscribers)),
        counts(members.size()),
        taken(shape->racks.size()),
        quota(shape->racks.size() / members.size()),
        extras(shape->racks.size() % members.size()) {}

  std::size_t partitions() const { return taken.size(); }

  /// How many more this member may take: its even share, and one of the extra ones while there are some.
  std::size_t room(std::size_t member) const {
    const std::size_t limit = quota + (extras > 0 ? 1 : 0);
    return limit > counts[member] ? limit - counts[member] : 0;
  }

  bool same_rack(std::size_t member, std::size_t partition) const {
    const auto& rack = members[member]->rack;
    return rack.empty() || shape->racks[partition].contains(rack);
  }

  void give(std::size_t member, std::size_t partition, Assignments& result) {
    taken[partition] = true;
    if (++counts[member] == quota + 1) --extras;
    result[members[member]->member_id].emplace_back(*topic, static_cast<std::int32_t>(partition));
  }

  const std::string* topic;
  const TopicShape* shape;
  Members members;
  std::vector<std::size_t> counts;
  std::vector<bool> taken;
  std::size_t quota, extras;
};

/// Racks help only when some member's rack holds a replica, and not every partition is in the same racks.
bool racks_matter(const TopicDeal& deal) {
  std::set<std::string> all;
  for (const auto& racks : deal.shape->racks) all.insert(racks.begin(), racks.end());
  const bool somebody_near = std::any_of(deal.members.begin(), deal.members.end(),
                                         [&](const auto* member) { return all.contains(member->rack); });
  const bool all_alike =
      std::all_of(deal.shape->racks.begin(), deal.shape->racks.end(), [&](const auto& racks) { return racks == all; });
  return somebody_near && !all_alike;
}

/// Member by member, the lowest partitions still free, up to the member's share.
void deal_runs(TopicDeal& deal, bool same_rack_only, Assignments& result) {
  for (std::size_t member = 0; member < deal.members.size(); ++member) {
    std::size_t room = deal.room(member);
    for (std::size_t partition = 0; partition < deal.partitions() && room > 0; ++partition) {
      if (deal.taken[partition] || (same_rack_only && !deal.same_rack(member, partition))) continue;
      deal.give(member, partition, result);
      --room;
    }
  }
}

/// Topics with the same members and partition count keep partition n of each in one hand, so that joins stay local.
void deal_together(const std::vector<TopicDeal*>& deals, Assignments& result) {
  const TopicDeal& first = *deals.front();
  for (std::size_t partition = 0; partition < first.partitions(); ++partition) {
    for (std::size_t member = 0; member < first.members.size(); ++member) {
      const bool fits = std::all_of(deals.begin(), deals.end(), [&](const TopicDeal* deal) {
        return deal->room(member) > 0 && deal->same_rack(member, partition);
      });
      if (!fits) continue;
      for (TopicDeal* deal : deals) deal->give(member, partition, result);
      break;
    }
  }
}

void deal_by_rack(std::vector<TopicDeal>& deals, Assignments& result) {
  std::vector<bool> seen(deals.size());
  for (std::size_t i = 0; i < deals.size(); ++i) {
    if (seen[i]) continue;
    std::vector<TopicDeal*> alike;
    for (std::size_t j = i; j < deals.size(); ++j) {
      if (seen[j] || deals[j].members != deals[i].members || deals[j].partitions() != deals[i].partitions()) continue;
      seen[j] = true;
      alike.push_back(&deals[j]);
    }
    if (alike.size() > 1) {
      deal_together(alike, result);
    } else if (racks_matter(deals[i])) {
      deal_runs(deals[i], true, result);
    }
  }
}

}  // namespace

Assignments RangeAssignor::assign(const TopicShapes& topics, const std::vector<MemberSubscription>& members) const {
  std::map<std::string_view, Members> subscribers;
  Assignments result;
  for (const auto* member : in_order(members)) {
    result[member->member_id];
    for (const auto& topic : std::set<std::string_view>(member->topics.begin(), member->topics.end()))
      subscribers[topic].push_back(member);
  }

  std::vector<TopicDeal> deals;
  for (const auto& [topic, shape] : topics) {
    const auto found = subscribers.find(topic);
    if (found != subscribers.end() && !shape.racks.empty()) deals.emplace_back(topic, shape, found->second);
  }
  if (std::any_of(deals.begin(), deals.end(), racks_matter)) deal_by_rack(deals, result);
  for (auto& deal : deals) deal_runs(deal, false, result);
  for (auto& [member, partitions] : result) std::sort(partitions.begin(), partitions.end());
  return result;
}

}  // namespace barnabas::group
