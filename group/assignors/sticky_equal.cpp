#include <algorithm>
#include <deque>

#include "barnabas/group/assignors/sticky_plan.hpp"

namespace barnabas::group {
namespace {

/// Every member gets `low` partitions, and `over` of them one more.
class EqualDeal {
 public:
  EqualDeal(const Numbered& group, const Racks& racks)
      : group_(group),
        racks_(racks),
        ranks_(ranks_by_id(group)),
        low_(group.partition_count() / group.member_count()),
        over_(group.partition_count() % group.member_count()),
        counts_(group.member_count()),
        owner_(group.partition_count(), nobody) {}

  std::vector<MemberIndex> run(const Claims& claims, const std::vector<MemberIndex>& order) {
    keep(claims, order);
    const auto rank = [this](MemberIndex member) { return ranks_[static_cast<std::size_t>(member)]; };
    std::ranges::sort(below_, {}, rank);
    std::ranges::sort(at_low_, {}, rank);
    std::vector<PartitionIndex> free;
    for (std::size_t i = 0; i < owner_.size(); ++i) {
      if (owner_[i] == nobody) free.push_back(static_cast<PartitionIndex>(i));
    }
    if (racks_.matter()) {
      sort_by_rarity(free);
      deal_near(free);
    }
    deal(free);
    return std::move(owner_);
  }

 private:
  std::size_t high() const { return over_ > 0 ? low_ + 1 : low_; }
  std::size_t count(MemberIndex member) const { return counts_[static_cast<std::size_t>(member)]; }

  void give(PartitionIndex partition, MemberIndex member) {
    owner_[static_cast<std::size_t>(partition)] = member;
    ++counts_[static_cast<std::size_t>(member)];
  }

  void keep(const Claims& claims, const std::vector<MemberIndex>& order) {
    std::vector<std::vector<PartitionIndex>> held(group_.member_count());
    for (std::size_t i = 0; i < owner_.size(); ++i) {
      const auto partition = static_cast<PartitionIndex>(i);
      const MemberIndex member = claims.holder[i];
      if (member == nobody || claims.doubted[i] || racks_.mismatch(member, partition)) continue;
      held[static_cast<std::size_t>(member)].push_back(partition);
    }
    for (const MemberIndex member : order) {
      auto& mine = held[static_cast<std::size_t>(member)];
      std::ranges::stable_sort(mine, {}, [this](PartitionIndex partition) { return group_.id_of(partition); });
      const bool one_more = mine.size() >= high() && with_one_more_ < over_;
      const std::size_t kept = one_more ? high() : std::min(mine.size(), low_);
      if (one_more) {
        if (++with_one_more_ == over_) at_low_.clear();
      } else if (mine.size() < low_) {
        below_.push_back(member);
      } else if (with_one_more_ < over_) {
        at_low_.push_back(member);
      }
      for (std::size_t i = 0; i < kept; ++i) give(mine[i], member);
    }
  }

  /// A member that is no longer below `low_` may be one of those with one more.
  void reached_low(MemberIndex member) {
    if (with_one_more_ < over_) at_low_.push_back(member);
  }
  void reached_high() {
    if (++with_one_more_ == over_) at_low_.clear();
  }

  /// Partitions that few members are near to first.
  void sort_by_rarity(std::vector<PartitionIndex>& partitions) const {
    std::vector<std::size_t> members_in(racks_.count());
    for (std::size_t i = 0; i < group_.member_count(); ++i) {
      const auto rack = racks_.of_member(static_cast<MemberIndex>(i));
      if (rack >= 0) ++members_in[static_cast<std::size_t>(rack)];
    }
    std::ranges::stable_sort(partitions, {}, [&](PartitionIndex partition) {
      std::size_t near = 0;
      for (const auto rack : racks_.of_partition(partition)) near += members_in[static_cast<std::size_t>(rack)];
      return near;
    });
  }

  /// Index of the next member in `list` that is near to the partition; the size of the list when there is none.
  template <class List>
  std::size_t near_member(const List& list, std::size_t from, PartitionIndex partition) const {
    for (std::size_t i = 0; i < list.size(); ++i) {
      const std::size_t at = (from + i) % list.size();
      if (racks_.match(list[at], partition)) return at;
    }
    return list.size();
  }

  /// Partitions to members in their racks, as far as there is room. Takes them out of `free`.
  void deal_near(std::vector<PartitionIndex>& free) {
    std::size_t next = 0;
    std::erase_if(free, [&](PartitionIndex partition) {
      if (const std::size_t at = near_member(below_, next, partition); at < below_.size()) {
        const MemberIndex member = below_[at];
        give(partition, member);
        next = at + 1;
        if (count(member) >= low_) {
          below_.erase(below_.begin() + static_cast<std::ptrdiff_t>(at));
          next = at;
          reached_low(member);
        }
        if (next >= below_.size()) next = 0;
        return true;
      }
      const std::size_t at = near_member(at_low_, 0, partition);
      if (at == at_low_.size()) return false;
      const MemberIndex member = at_low_[at];
      give(partition, member);
      at_low_.erase(at_low_.begin() + static_cast<std::ptrdiff_t>(at));
      reached_high();
      return true;
    });
  }

  void deal(const std::vector<PartitionIndex>& free) {
    std::size_t next = 0;
    for (const PartitionIndex partition : free) {
      if (next >= below_.size()) next = 0;
      if (!below_.empty()) {
        const MemberIndex member = below_[next];
        give(partition, member);
        if (count(member) == low_) {
          below_.erase(below_.begin() + static_cast<std::ptrdiff_t>(next));
          reached_low(member);
        } else {
          ++next;
        }
      } else {
        const MemberIndex member = at_low_.front();
        at_low_.pop_front();
        give(partition, member);
        reached_high();
      }
    }
  }

  const Numbered& group_;
  const Racks& racks_;
  std::vector<std::int32_t> ranks_;
  std::size_t low_, over_;
  std::size_t with_one_more_ = 0;
  std::vector<std::size_t> counts_;
  std::vector<MemberIndex> owner_;
  std::vector<MemberIndex> below_;
  std::deque<MemberIndex> at_low_;  // those that may take one more
};

}  // namespace

std::vector<MemberIndex> divide_equal(const Numbered& group, const Racks& racks, const Claims& claims,
                                      const std::vector<MemberIndex>& order) {
  if (group.partition_count() == 0) return {};
  return EqualDeal(group, racks).run(claims, order);
}

}  // namespace barnabas::group
