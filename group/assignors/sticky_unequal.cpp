#include <algorithm>
#include <map>
#include <numeric>
#include <queue>
#include <tuple>
#include <unordered_map>

#include "barnabas/group/assignors/sticky_plan.hpp"

namespace barnabas::group {
namespace {

/// Rounds over all partitions in search of a better balance. Each round that goes on moves at least one; Java's rules
/// come to rest on their own in nearly all groups, long before this.
constexpr int rounds_max = 100;
/// Moves in all rounds together, for each partition of the group.
constexpr std::size_t moves_per_partition_max = 8;

using Pair = std::pair<MemberIndex, MemberIndex>;  // from, to

/// Partitions of one topic that were moved from one member to another, in the order of Java's HashSet: when one of them
/// is to be moved back, its first one is taken.
class MovedSet {
 public:
  void add(std::int32_t hash, std::size_t when, PartitionIndex partition) {
    places_.emplace(java_bucket(hash, buckets_), when, hash, partition);
    if (places_.size() <= buckets_ / 4 * 3) return;
    buckets_ *= 2;
    std::set<Place> spread;
    for (const auto& [bucket, when_it_came, its_hash, each] : places_) {
      spread.emplace(java_bucket(its_hash, buckets_), when_it_came, its_hash, each);
    }
    places_ = std::move(spread);
  }
  void remove(std::int32_t hash, std::size_t when, PartitionIndex partition) {
    places_.erase(Place(java_bucket(hash, buckets_), when, hash, partition));
  }
  bool empty() const { return places_.empty(); }
  PartitionIndex first() const { return std::get<3>(*places_.begin()); }

 private:
  using Place = std::tuple<std::uint32_t, std::size_t, std::int32_t, PartitionIndex>;  // bucket, when it came, hash
  std::set<Place> places_;
  std::uint32_t buckets_ = 16;
};

class UnequalDeal {
 public:
  UnequalDeal(const Numbered& group, const Racks& racks, const Claims& claims)
      : group_(group),
        racks_(racks),
        claims_(claims),
        ranks_(ranks_by_id(group)),
        counts_(group.member_count()),
        fixed_(group.member_count()),
        owner_(group.partition_count(), nobody),
        seen_(group.topics().size()),
        moved_of_topic_(group.topics().size()) {}

  std::vector<MemberIndex> run() {
    keep();
    const bool all_began_empty = std::ranges::all_of(counts_, [](std::size_t count) { return count == 0; });
    auto sorted = partitions_by_topic();
    std::vector<PartitionIndex> fresh;
    std::ranges::copy_if(sorted, std::back_inserter(fresh), [this](auto partition) { return !owned(partition); });
    place(fresh);

    const auto is_fixed = [this](PartitionIndex partition) { return group_.topic(partition).subscribers.size() < 2; };
    std::erase_if(sorted, is_fixed);
    std::erase_if(fresh, is_fixed);
    find_fixed_members();
    const auto owner_before = owner_;
    const auto counts_before = counts_;
    if (!gave_up_) improve(fresh);
    if (improve(sorted) && !all_began_empty && score(counts_) >= score(counts_before)) owner_ = owner_before;
    return std::move(owner_);
  }

 private:
  bool owned(PartitionIndex partition) const { return owner_[static_cast<std::size_t>(partition)] != nobody; }
  std::size_t count(MemberIndex member) const { return counts_[static_cast<std::size_t>(member)]; }
  /// Fewest partitions first, then by id.
  std::pair<std::size_t, std::int32_t> load(MemberIndex member) const {
    return {count(member), ranks_[static_cast<std::size_t>(member)]};
  }
  void set_owner(PartitionIndex partition, MemberIndex member) {
    owner_[static_cast<std::size_t>(partition)] = member;
    ++counts_[static_cast<std::size_t>(member)];
  }

  void keep() {
    for (std::size_t i = 0; i < owner_.size(); ++i) {
      const auto partition = static_cast<PartitionIndex>(i);
      const MemberIndex member = claims_.holder[i];
      if (member == nobody) continue;
      if (!group_.subscribed(member, group_.topic_of(partition)) || racks_.mismatch(member, partition)) {
        gave_up_ = true;
      } else {
        set_owner(partition, member);
      }
    }
  }

  std::vector<PartitionIndex> partitions_by_topic() const {
    std::vector<std::size_t> topics(group_.topics().size());
    std::iota(topics.begin(), topics.end(), 0u);
    std::ranges::stable_sort(topics, {},
                             [this](std::size_t topic) { return group_.topics()[topic].subscribers.size(); });
    std::vector<PartitionIndex> sorted;
    for (const std::size_t index : topics) {
      const auto& topic = group_.topics()[index];
      for (PartitionIndex p = topic.first; p < topic.first + topic.partitions(); ++p) sorted.push_back(p);
    }
    return sorted;
  }

  void place(const std::vector<PartitionIndex>& fresh) {
    if (racks_.matter()) {
      for (const PartitionIndex partition : fresh) place_near(partition);
    }
    for (auto first = fresh.begin(); first != fresh.end();) {
      const std::int32_t topic = group_.topic_of(*first);
      const auto last = std::find_if(first, fresh.end(), [&](auto each) { return group_.topic_of(each) != topic; });
      place_run(group_.topics()[static_cast<std::size_t>(topic)].subscribers, first, last);
      first = last;
    }
  }

  void place_near(PartitionIndex partition) {
    MemberIndex best = nobody;
    for (const MemberIndex member : group_.topic(partition).subscribers) {
      if ((best == nobody || load(member) < load(best)) && !racks_.mismatch(member, partition)) best = member;
    }
    if (best != nobody) set_owner(partition, best);
  }

  /// Partitions of one topic, each to the subscriber that has the fewest.
  template <class Iterator>
  void place_run(const std::vector<MemberIndex>& subscribers, Iterator first, Iterator last) {
    const auto later = [this](MemberIndex a, MemberIndex b) { return load(a) > load(b); };
    std::priority_queue<MemberIndex, std::vector<MemberIndex>, decltype(later)> queue(later, subscribers);
    for (; first != last; ++first) {
      if (owned(*first)) continue;
      const MemberIndex member = queue.top();
      queue.pop();
      set_owner(*first, member);
      queue.push(member);
    }
  }

  /// Members that have all that they could have, and can lose nothing.
  void find_fixed_members() {
    std::vector<std::size_t> possible(group_.member_count());
    std::vector<bool> shares(group_.member_count());
    for (const auto& topic : group_.topics()) {
      for (const MemberIndex member : topic.subscribers) {
        possible[static_cast<std::size_t>(member)] += static_cast<std::size_t>(topic.partitions());
        if (topic.subscribers.size() > 1) shares[static_cast<std::size_t>(member)] = true;
      }
    }
    for (std::size_t i = 0; i < fixed_.size(); ++i) fixed_[i] = counts_[i] >= possible[i] && !shares[i];
  }

  /// The subscriber with the fewest partitions.
  MemberIndex least_loaded(std::int32_t topic) {
    Seen& seen = seen_[static_cast<std::size_t>(topic)];
    if (seen.moves != moves_ || seen.member == nobody) {
      const auto& subscribers = group_.topics()[static_cast<std::size_t>(topic)].subscribers;
      seen.member = *std::ranges::min_element(subscribers, {}, [this](MemberIndex member) { return load(member); });
      seen.moves = moves_;
    }
    return seen.member;
  }

  /// Returns whether it moved anything.
  bool improve(const std::vector<PartitionIndex>& partitions) {
    const std::size_t moves_before = moves_;
    bool moved = true;
    for (int round = 0; moved && round < rounds_max; ++round) {
      const std::size_t moves_of_rounds_before = moves_;
      for (const PartitionIndex partition : partitions) {
        if (moves_ / moves_per_partition_max >= owner_.size()) break;
        improve(partition);
      }
      moved = moves_ != moves_of_rounds_before;
    }
    return moves_ != moves_before;
  }

  void improve(PartitionIndex partition) {
    const std::size_t now = count(owner_[static_cast<std::size_t>(partition)]);
    const std::int32_t topic = group_.topic_of(partition);
    const MemberIndex before = claims_.previous[static_cast<std::size_t>(partition)];
    if (before != nobody && now > count(before) + 1 && group_.subscribed(before, topic)) {
      move(partition, before);
    } else if (const MemberIndex least = least_loaded(topic); now > count(least) + 1) {
      move(partition, least);
    }
  }

  /// A move that would undo an earlier one of the same topic moves the partition of that one instead.
  void move(PartitionIndex partition, MemberIndex to) {
    auto& moved = moved_of_topic_[static_cast<std::size_t>(group_.topic_of(partition))];
    const auto earlier = moved_.find(partition);
    const MemberIndex source =
        earlier == moved_.end() ? owner_[static_cast<std::size_t>(partition)] : earlier->second.pair.first;
    if (const auto reverse = moved.find(Pair(to, source)); reverse != moved.end()) partition = reverse->second.first();
    record_move(moved, partition, to);
    --counts_[static_cast<std::size_t>(owner_[static_cast<std::size_t>(partition)])];
    set_owner(partition, to);
    ++moves_;
  }

  void record_move(std::map<Pair, MovedSet>& moved, PartitionIndex partition, MemberIndex to) {
    const std::int32_t hash = hash_of(partition);
    Pair pair(owner_[static_cast<std::size_t>(partition)], to);
    if (const auto earlier = moved_.find(partition); earlier != moved_.end()) {
      const auto set = moved.find(earlier->second.pair);
      set->second.remove(hash, earlier->second.when, partition);
      if (set->second.empty()) moved.erase(set);
      pair.first = earlier->second.pair.first;
      moved_.erase(earlier);
      if (pair.first == to) return;
    }
    moved[pair].add(hash, moves_, partition);
    moved_.emplace(partition, Moved{pair, moves_});
  }

  /// TopicPartition.hashCode.
  std::int32_t hash_of(PartitionIndex partition) const {
    const auto id = static_cast<std::uint32_t>(group_.id_of(partition));
    const auto topic = static_cast<std::uint32_t>(java_hash(*group_.topic(partition).name));
    return static_cast<std::int32_t>(31 * (31 + id) + topic);
  }

  /// The sum of all differences between two members; less is better.
  std::uint64_t score(const std::vector<std::size_t>& counts) const {
    std::vector<std::uint64_t> sorted;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      if (!fixed_[i]) sorted.push_back(counts[i]);
    }
    std::ranges::sort(sorted);
    std::uint64_t total = 0, below = 0;
    for (std::size_t i = 0; i < sorted.size(); ++i) {
      total += sorted[i] * i - below;
      below += sorted[i];
    }
    return total;
  }

  struct Moved {
    Pair pair;
    std::size_t when;  // in moves
  };
  struct Seen {
    MemberIndex member = nobody;
    std::size_t moves = 0;
  };

  const Numbered& group_;
  const Racks& racks_;
  const Claims& claims_;
  std::vector<std::int32_t> ranks_;
  std::vector<std::size_t> counts_;
  std::vector<bool> fixed_;
  std::vector<MemberIndex> owner_;
  std::vector<Seen> seen_;  // by topic: the least loaded subscriber after that many moves
  std::vector<std::map<Pair, MovedSet>> moved_of_topic_;
  std::unordered_map<PartitionIndex, Moved> moved_;
  std::size_t moves_ = 0;
  bool gave_up_ = false;
};

}  // namespace

std::vector<MemberIndex> divide_unequal(const Numbered& group, const Racks& racks, const Claims& claims) {
  return UnequalDeal(group, racks, claims).run();
}

}  // namespace barnabas::group
