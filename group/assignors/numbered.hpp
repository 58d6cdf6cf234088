// A group's topics and members as numbers, which is what the assignors calculate with.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "barnabas/group/assignors/assignor.hpp"

namespace barnabas::group {

using MemberIndex = std::int32_t;
using PartitionIndex = std::int32_t;
inline constexpr MemberIndex nobody = -1;

/// Members are numbered as they are given; partitions of all topics that somebody subscribed to are numbered through,
/// by topic name and then by id. Refers to what it was made from.
class Numbered {
 public:
  struct Topic {
    Topic(const std::string& topic_name, const TopicShape& topic_shape, PartitionIndex first_partition)
        : name(&topic_name), shape(&topic_shape), first(first_partition) {}
    PartitionIndex partitions() const { return static_cast<PartitionIndex>(shape->racks.size()); }
    const std::string* name;
    const TopicShape* shape;
    PartitionIndex first;                  ///< number of its partition 0
    std::vector<MemberIndex> subscribers;  ///< ascending
  };

  Numbered(const TopicShapes& topics, const std::vector<MemberSubscription>& members);

  const std::vector<Topic>& topics() const { return topics_; }
  const std::vector<MemberSubscription>& members() const { return *members_; }
  std::size_t member_count() const { return members_->size(); }
  std::size_t partition_count() const { return topic_of_.size(); }
  /// Index into topics().
  std::int32_t topic_of(PartitionIndex partition) const { return topic_of_[static_cast<std::size_t>(partition)]; }
  /// Kafka's number of it, within its topic.
  std::int32_t id_of(PartitionIndex partition) const { return partition - topic(partition).first; }
  const Topic& topic(PartitionIndex partition) const { return topics_[static_cast<std::size_t>(topic_of(partition))]; }
  const std::set<std::string>& racks_of(PartitionIndex partition) const {
    return topic(partition).shape->racks[static_cast<std::size_t>(id_of(partition))];
  }
  bool subscribed(MemberIndex member, std::int32_t topic) const;
  /// Negative when there is no such partition, or nobody subscribed to it.
  PartitionIndex find(const client::TopicPartition& partition) const;

  /// What each member has when partition p is owner[p]'s.
  Assignments assignments(const std::vector<MemberIndex>& owner) const;

 private:
  const std::vector<MemberSubscription>* members_;
  std::vector<Topic> topics_;
  std::map<std::string_view, std::int32_t> by_name_;
  std::vector<std::int32_t> topic_of_;
};

/// Who of the members is in the racks of which partitions (KIP-881).
class Racks {
 public:
  /// Empty, when racks cannot help: no member is in the rack of a replica, or all partitions are in the same racks.
  explicit Racks(const Numbered& group);

  bool matter() const { return !rack_of_member_.empty(); }
  bool match(MemberIndex member, PartitionIndex partition) const;
  /// A member that has a rack, and the partition is not there.
  bool mismatch(MemberIndex member, PartitionIndex partition) const;
  /// Racks that have members, of this partition.
  std::span<const std::int32_t> of_partition(PartitionIndex partition) const {
    const auto at = static_cast<std::size_t>(partition);
    return std::span(racks_).subspan(starts_[at], starts_[at + 1] - starts_[at]);
  }
  /// Negative: none.
  std::int32_t of_member(MemberIndex member) const { return rack_of_member_[static_cast<std::size_t>(member)]; }
  std::size_t count() const { return rack_count_; }

 private:
  std::vector<std::int32_t> rack_of_member_;
  std::vector<std::size_t> starts_;  // by partition, into racks_
  std::vector<std::int32_t> racks_;
  std::size_t rack_count_ = 0;
};

/// Places of members in the order in which Java's HashMap walks their ids, which decides ties in its sticky assignors.
std::vector<MemberIndex> java_hash_order(const std::vector<MemberSubscription>& members);
/// String.hashCode: over UTF-16 units.
std::int32_t java_hash(std::string_view text);
/// In which of the buckets of a HashMap a key with this hash code is; `buckets` is a power of two.
std::uint32_t java_bucket(std::int32_t hash, std::uint32_t buckets);
/// Buckets that a HashMap has after it has grown to this many keys.
std::uint32_t java_buckets(std::size_t keys);

}  // namespace barnabas::group
