#include "barnabas/group/assignors/range.hpp"

#include <algorithm>

#include "barnabas/group/assignors/numbered.hpp"

namespace barnabas::group {
namespace {

/// The order of members.
struct Lineup {
  explicit Lineup(const Numbered& group) : place_of(group.member_count()) {
    const auto order = in_order(group.members());
    for (std::size_t place = 0; place < order.size(); ++place) {
      place_of[static_cast<std::size_t>(order[place] - group.members().data())] = place;
    }
  }
  std::vector<std::size_t> place_of;
};

/// One topic while its partitions are given out. Members are counted by their place among the topic's subscribers.
class TopicDeal {
 public:
  TopicDeal(const Numbered::Topic& topic, const Lineup& lineup, std::vector<MemberIndex>& owner)
      : topic_(topic),
        owner_(owner),
        members_(topic.subscribers),
        counts_(members_.size()),
        quota_(static_cast<std::size_t>(topic.partitions()) / members_.size()),
        extras_(static_cast<std::size_t>(topic.partitions()) % members_.size()) {
    std::ranges::sort(members_, {},
                      [&](MemberIndex member) { return lineup.place_of[static_cast<std::size_t>(member)]; });
  }

  const Numbered::Topic& topic() const { return topic_; }
  const std::vector<MemberIndex>& members() const { return members_; }

  /// How many more this member may take: its even share, and one of the extra ones while there are some. Once it is 0
  /// it stays so.
  std::size_t room(std::size_t place) const {
    const std::size_t limit = quota_ + (extras_ > 0 ? 1 : 0);
    return limit > counts_[place] ? limit - counts_[place] : 0;
  }
  bool taken(std::int32_t id) const { return owner_[static_cast<std::size_t>(topic_.first + id)] != nobody; }

  void give(std::size_t place, std::int32_t id) {
    owner_[static_cast<std::size_t>(topic_.first + id)] = members_[place];
    if (++counts_[place] == quota_ + 1) --extras_;
  }

  /// Member by member, the lowest partitions still free, up to the member's share.
  void deal_runs() {
    std::int32_t id = 0;
    for (std::size_t place = 0; place < members_.size(); ++place) {
      for (std::size_t left = room(place); left > 0 && id < topic_.partitions(); ++id) {
        if (taken(id)) continue;
        give(place, id);
        --left;
      }
    }
  }

 private:
  const Numbered::Topic& topic_;
  std::vector<MemberIndex>& owner_;
  std::vector<MemberIndex> members_;
  std::vector<std::size_t> counts_;
  std::size_t quota_, extras_;
};

/// Whether racks can help this topic, looked at alone.
bool racks_matter(const Racks& racks, const TopicDeal& deal) {
  const auto& shape = deal.topic().shape->racks;
  std::set<std::string_view> all;
  for (const auto& of_partition : shape) all.insert(of_partition.begin(), of_partition.end());
  const bool all_alike = std::ranges::all_of(shape, [&](const auto& each) { return each.size() == all.size(); });
  if (all_alike) return false;
  std::vector<bool> near(racks.count());
  for (std::int32_t id = 0; id < deal.topic().partitions(); ++id) {
    for (const auto rack : racks.of_partition(deal.topic().first + id)) near[static_cast<std::size_t>(rack)] = true;
  }
  return std::ranges::any_of(deal.members(), [&](MemberIndex member) {
    const auto rack = racks.of_member(member);
    return rack >= 0 && near[static_cast<std::size_t>(rack)];
  });
}

/// The next member with room in each rack. Members without a rack are in one of their own, the last.
class NextInRack {
 public:
  NextInRack(const Racks& racks, const TopicDeal& deal) : deal_(deal), places_(racks.count() + 1) {
    for (std::size_t place = deal.members().size(); place-- > 0;) {
      const auto rack = racks.of_member(deal.members()[place]);
      places_[rack < 0 ? racks.count() : static_cast<std::size_t>(rack)].push_back(place);
    }
  }
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  std::size_t find(std::size_t rack) {
    auto& places = places_[rack];
    while (!places.empty() && deal_.room(places.back()) == 0) places.pop_back();
    return places.empty() ? none : places.back();
  }

 private:
  const TopicDeal& deal_;
  std::vector<std::vector<std::size_t>> places_;  // descending
};

/// Topics with the same members and partition count keep partition n of each in one hand, so that joins stay local.
void deal_together(const Racks& racks, const std::vector<TopicDeal*>& deals) {
  // All of them give the same partitions to the same members, so the first one speaks for all.
  NextInRack next(racks, *deals.front());
  for (std::int32_t id = 0; id < deals.front()->topic().partitions(); ++id) {
    std::size_t best = next.find(racks.count());
    for (const auto rack : racks.of_partition(deals.front()->topic().first + id)) {
      const bool in_all = std::ranges::all_of(deals, [&](const TopicDeal* deal) {
        const auto of_partition = racks.of_partition(deal->topic().first + id);
        return std::ranges::find(of_partition, rack) != of_partition.end();
      });
      if (in_all) best = std::min(best, next.find(static_cast<std::size_t>(rack)));
    }
    if (best == NextInRack::none) continue;
    for (TopicDeal* deal : deals) deal->give(best, id);
  }
}

/// Member by member, partitions in its rack, up to its share.
void deal_near(const Racks& racks, TopicDeal& deal) {
  std::vector<std::vector<std::int32_t>> in_rack(racks.count() + 1);  // descending; the last: all
  for (std::int32_t id = deal.topic().partitions(); id-- > 0;) {
    in_rack.back().push_back(id);
    for (const auto rack : racks.of_partition(deal.topic().first + id)) {
      in_rack[static_cast<std::size_t>(rack)].push_back(id);
    }
  }
  for (std::size_t place = 0; place < deal.members().size(); ++place) {
    const auto rack = racks.of_member(deal.members()[place]);
    auto& ids = rack < 0 ? in_rack.back() : in_rack[static_cast<std::size_t>(rack)];
    for (std::size_t left = deal.room(place); left > 0 && !ids.empty(); ids.pop_back()) {
      if (deal.taken(ids.back())) continue;
      deal.give(place, ids.back());
      --left;
    }
  }
}

void deal_by_rack(const Racks& racks, std::vector<TopicDeal>& deals) {
  std::map<std::pair<std::int32_t, std::vector<MemberIndex>>, std::vector<TopicDeal*>> alike;
  for (auto& deal : deals) alike[{deal.topic().partitions(), deal.members()}].push_back(&deal);
  for (const auto& [what, together] : alike) {
    if (together.size() > 1) {
      deal_together(racks, together);
    } else if (racks_matter(racks, *together.front())) {
      deal_near(racks, *together.front());
    }
  }
}

}  // namespace

Assignments RangeAssignor::assign(const TopicShapes& topics, const std::vector<MemberSubscription>& members) const {
  const Numbered group(topics, members);
  const Lineup lineup(group);
  std::vector<MemberIndex> owner(group.partition_count(), nobody);
  std::vector<TopicDeal> deals;
  for (const auto& topic : group.topics()) deals.emplace_back(topic, lineup, owner);
  const Racks racks(group);
  const auto matter = [&](const TopicDeal& deal) { return racks_matter(racks, deal); };
  if (racks.matter() && std::ranges::any_of(deals, matter)) deal_by_rack(racks, deals);
  for (auto& deal : deals) deal.deal_runs();
  return group.assignments(owner);
}

}  // namespace barnabas::group
