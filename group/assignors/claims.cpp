#include "barnabas/group/assignors/claims.hpp"

#include <algorithm>
#include <utility>

namespace barnabas::group {
namespace {

/// Big-endian numbers; `ok` stays false once the bytes did not suffice.
class Bytes {
 public:
  explicit Bytes(std::string_view data) : data_(data) {}

  std::int32_t number(std::size_t size) {
    const std::string_view bytes = take(size);
    std::uint32_t value = 0;
    for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
    return size == 2 ? static_cast<std::int16_t>(value) : static_cast<std::int32_t>(value);
  }
  std::string_view take(std::size_t size) {
    if (size > data_.size()) {
      ok = false;
      data_ = {};
    }
    const std::string_view taken = data_.substr(0, ok ? size : 0);
    data_.remove_prefix(taken.size());
    return taken;
  }
  /// A count of things of at least `size` bytes each; 0 when they cannot all be there.
  std::size_t count(std::size_t size) {
    const std::int32_t value = number(4);
    if (value < 0 || static_cast<std::size_t>(value) > data_.size() / size) ok = false;
    return ok ? static_cast<std::size_t>(value) : 0;
  }

  bool ok = true;

 private:
  std::string_view data_;
};

void append_number(std::string& out, std::uint32_t value, int size) {
  for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xff);
}

}  // namespace

Claim read_sticky_user_data(std::string_view data) {
  if (data.empty()) return {};
  Bytes bytes(data);
  Claim claim;
  for (std::size_t topics = bytes.count(6); topics > 0 && bytes.ok; --topics) {
    const std::int32_t length = bytes.number(2);
    if (length < 0) return {};
    const std::string topic(bytes.take(static_cast<std::size_t>(length)));
    for (std::size_t partitions = bytes.count(4); partitions > 0; --partitions) {
      claim.partitions.emplace_back(topic, bytes.number(4));
    }
  }
  if (!bytes.ok) return {};
  const std::int32_t generation = bytes.number(4);
  if (bytes.ok) claim.generation = generation;
  return claim;
}

std::string sticky_user_data(const std::vector<client::TopicPartition>& assigned, std::int32_t generation) {
  std::string topics;
  std::uint32_t topic_count = 0;
  for (auto first = assigned.begin(); first != assigned.end();) {
    const auto last = std::find_if(first, assigned.end(), [&](const auto& each) { return each.topic != first->topic; });
    append_number(topics, static_cast<std::uint32_t>(first->topic.size()), 2);
    topics += first->topic;
    append_number(topics, static_cast<std::uint32_t>(last - first), 4);
    for (; first != last; ++first) append_number(topics, static_cast<std::uint32_t>(first->partition), 4);
    ++topic_count;
  }
  std::string data;
  append_number(data, topic_count, 4);
  data += topics;
  append_number(data, static_cast<std::uint32_t>(generation), 4);
  return data;
}

Claims::Claims(const Numbered& group, const std::vector<MemberIndex>& order,
               const std::function<Claim(const MemberSubscription&)>& read)
    : holder(group.partition_count(), nobody),
      doubted(group.partition_count()),
      previous(group.partition_count(), nobody) {
  std::vector<std::int32_t> generations(group.member_count(), -1);
  std::vector<std::vector<PartitionIndex>> claimed(group.member_count());
  std::int32_t newest = -1;
  for (const MemberIndex member : order) {
    const auto at = static_cast<std::size_t>(member);
    const Claim claim = read(group.members()[at]);
    generations[at] = std::max(claim.generation, -1);
    newest = std::max(newest, generations[at]);
    for (const auto& partition : claim.partitions) {
      const PartitionIndex found = group.find(partition);
      if (found >= 0) claimed[at].push_back(found);
    }
    std::ranges::sort(claimed[at]);
    claimed[at].erase(std::ranges::unique(claimed[at]).begin(), claimed[at].end());
  }

  std::vector<MemberIndex> last_claimant(group.partition_count(), nobody);
  for (const MemberIndex member : order) {
    const auto generation = generations[static_cast<std::size_t>(member)];
    for (const PartitionIndex partition : claimed[static_cast<std::size_t>(member)]) {
      const auto at = static_cast<std::size_t>(partition);
      const MemberIndex other = std::exchange(last_claimant[at], member);
      const auto others = other == nobody ? -2 : generations[static_cast<std::size_t>(other)];
      if (generation > others) {
        holder[at] = member;
      } else if (generation == others) {
        holder[at] = nobody;
        doubted[at] = true;
      } else {
        last_claimant[at] = other;
      }
      if (generation >= newest) continue;
      MemberIndex& before = previous[at];
      if (before == nobody || generation > generations[static_cast<std::size_t>(before)]) before = member;
    }
  }
}

}  // namespace barnabas::group
