#include "barnabas/group/assignors/roundrobin.hpp"

#include <algorithm>

#include "barnabas/group/assignors/numbered.hpp"

namespace barnabas::group {

Assignments RoundRobinAssignor::assign(const TopicShapes& topics,
                                       const std::vector<MemberSubscription>& members) const {
  const Numbered group(topics, members);
  const auto order = in_order(members);
  std::vector<std::size_t> place_of(members.size());
  for (std::size_t place = 0; place < order.size(); ++place) {
    place_of[static_cast<std::size_t>(order[place] - members.data())] = place;
  }

  std::vector<MemberIndex> owner(group.partition_count(), nobody);
  std::size_t next_place = 0;
  for (const auto& topic : group.topics()) {
    std::vector<std::size_t> places;
    for (const MemberIndex member : topic.subscribers) places.push_back(place_of[static_cast<std::size_t>(member)]);
    std::ranges::sort(places);
    auto turn = std::ranges::lower_bound(places, next_place);
    for (PartitionIndex partition = topic.first; partition < topic.first + topic.partitions(); ++partition) {
      if (turn == places.end()) turn = places.begin();
      owner[static_cast<std::size_t>(partition)] = static_cast<MemberIndex>(order[*turn] - members.data());
      next_place = *turn++ + 1;
    }
  }
  return group.assignments(owner);
}

}  // namespace barnabas::group
