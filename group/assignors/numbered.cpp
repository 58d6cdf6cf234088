#include "barnabas/group/assignors/numbered.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <stdexcept>

namespace barnabas::group {

Numbered::Numbered(const TopicShapes& topics, const std::vector<MemberSubscription>& members) : members_(&members) {
  std::map<std::string_view, std::vector<MemberIndex>> subscribers;
  for (std::size_t i = 0; i < members.size(); ++i) {
    for (const std::string_view topic : members[i].topics) {
      auto& list = subscribers[topic];
      if (list.empty() || list.back() != static_cast<MemberIndex>(i)) list.push_back(static_cast<MemberIndex>(i));
    }
  }
  std::size_t partitions = 0;
  for (const auto& [name, shape] : topics) {
    const auto wanted = subscribers.find(name);
    if (wanted == subscribers.end() || shape.racks.empty()) continue;
    if (shape.racks.size() > std::numeric_limits<PartitionIndex>::max() - partitions) {
      throw std::length_error("the topics of a group have more than 2^31 - 1 partitions");
    }
    const auto index = static_cast<std::int32_t>(topics_.size());
    topics_.emplace_back(name, shape, static_cast<PartitionIndex>(partitions));
    topics_.back().subscribers = std::move(wanted->second);
    by_name_.emplace(name, index);
    partitions += shape.racks.size();
    topic_of_.resize(partitions, index);
  }
}

bool Numbered::subscribed(MemberIndex member, std::int32_t topic) const {
  const auto& list = topics_[static_cast<std::size_t>(topic)].subscribers;
  return std::binary_search(list.begin(), list.end(), member);
}

PartitionIndex Numbered::find(const client::TopicPartition& partition) const {
  const auto topic = by_name_.find(partition.topic);
  if (topic == by_name_.end()) return -1;
  const Topic& found = topics_[static_cast<std::size_t>(topic->second)];
  return partition.partition >= 0 && partition.partition < found.partitions() ? found.first + partition.partition : -1;
}

Assignments Numbered::assignments(const std::vector<MemberIndex>& owner) const {
  Assignments result;
  std::vector<std::vector<client::TopicPartition>*> lists;
  for (const auto& member : members()) lists.push_back(&result[member.member_id]);
  std::vector<std::size_t> counts(lists.size());
  for (const MemberIndex member : owner) {
    if (member != nobody) ++counts[static_cast<std::size_t>(member)];
  }
  for (std::size_t i = 0; i < lists.size(); ++i) lists[i]->reserve(counts[i]);
  for (const Topic& topic : topics_) {
    for (std::int32_t id = 0; id < topic.partitions(); ++id) {
      const MemberIndex member = owner[static_cast<std::size_t>(topic.first + id)];
      if (member != nobody) lists[static_cast<std::size_t>(member)]->emplace_back(*topic.name, id);
    }
  }
  return result;
}

Racks::Racks(const Numbered& group) {
  std::map<std::string_view, std::int32_t> numbers;
  for (const auto& member : group.members()) {
    if (!member.rack.empty()) numbers.emplace(member.rack, static_cast<std::int32_t>(numbers.size()));
  }
  if (numbers.empty()) return;
  std::set<std::string_view> all;
  for (const auto& topic : group.topics()) {
    for (const auto& racks : topic.shape->racks) all.insert(racks.begin(), racks.end());
  }
  const bool somebody_near = std::ranges::any_of(all, [&](std::string_view rack) { return numbers.contains(rack); });
  const bool all_alike = std::ranges::all_of(group.topics(), [&](const auto& topic) {
    return std::ranges::all_of(topic.shape->racks, [&](const auto& racks) { return racks.size() == all.size(); });
  });
  if (!somebody_near || all_alike) return;

  rack_count_ = numbers.size();
  for (const auto& member : group.members()) {
    rack_of_member_.push_back(member.rack.empty() ? -1 : numbers.at(member.rack));
  }
  starts_.push_back(0);
  for (const auto& topic : group.topics()) {
    for (const auto& racks : topic.shape->racks) {
      for (const auto& rack : racks) {
        if (const auto number = numbers.find(rack); number != numbers.end()) racks_.push_back(number->second);
      }
      starts_.push_back(racks_.size());
    }
  }
}

bool Racks::match(MemberIndex member, PartitionIndex partition) const {
  const std::int32_t rack = of_member(member);
  const auto racks = of_partition(partition);
  return rack >= 0 && std::ranges::find(racks, rack) != racks.end();
}

bool Racks::mismatch(MemberIndex member, PartitionIndex partition) const {
  return matter() && of_member(member) >= 0 && !match(member, partition);
}

std::int32_t java_hash(std::string_view text) {
  std::uint32_t hash = 0;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i++]);
    const int more = lead < 0xc0 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    std::uint32_t point = more == 0 ? lead : lead & (0x3fu >> more);
    for (int k = 0; k < more && i < text.size(); ++k) {
      point = point << 6 | (static_cast<unsigned char>(text[i++]) & 0x3fu);
    }
    if (point >= 0x10000) {
      hash = 31 * hash + (0xd800 + ((point - 0x10000) >> 10));
      point = 0xdc00 + (point & 0x3ff);
    }
    hash = 31 * hash + point;
  }
  return static_cast<std::int32_t>(hash);
}

std::uint32_t java_bucket(std::int32_t hash, std::uint32_t buckets) {
  const auto bits = static_cast<std::uint32_t>(hash);
  return (bits ^ bits >> 16) & (buckets - 1);
}

std::uint32_t java_buckets(std::size_t keys) {
  std::uint32_t buckets = 16;
  while (keys > buckets / 4 * 3 && buckets < 1u << 30) buckets *= 2;
  return buckets;
}

std::vector<MemberIndex> java_hash_order(const std::vector<MemberSubscription>& members) {
  const std::uint32_t buckets = java_buckets(members.size());
  std::vector<std::uint32_t> bucket_of;
  for (const auto& member : members) bucket_of.push_back(java_bucket(java_hash(member.member_id), buckets));
  std::vector<MemberIndex> order(members.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, {}, [&](MemberIndex member) { return bucket_of[static_cast<std::size_t>(member)]; });
  return order;
}

}  // namespace barnabas::group
