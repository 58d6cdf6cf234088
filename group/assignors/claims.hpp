// What members say that they had before the rebalance, and whom to believe.
#pragma once

#include <functional>

#include "barnabas/group/assignors/numbered.hpp"

namespace barnabas::group {

/// What one member says.
struct Claim {
  Claim() = default;
  Claim(std::vector<client::TopicPartition> claimed, std::int32_t in_generation)
      : partitions(std::move(claimed)), generation(in_generation) {}
  std::vector<client::TopicPartition> partitions;
  std::int32_t generation = -1;  ///< -1: not said
};

/// The user data of Kafka's StickyAssignor: array of (topic, array of partition), and from version 1 on the generation.
/// Nothing, or bytes that are not that, claim nothing.
Claim read_sticky_user_data(std::string_view data);
/// Version 1. `assigned` is sorted.
std::string sticky_user_data(const std::vector<client::TopicPartition>& assigned, std::int32_t generation);

/// Of two claims to a partition that of the newer generation holds. Of two in one generation neither does.
struct Claims {
  Claims(const Numbered& group, const std::vector<MemberIndex>& order,
         const std::function<Claim(const MemberSubscription&)>& read);

  std::vector<MemberIndex> holder;    ///< by partition; nobody: not claimed, or doubted
  std::vector<bool> doubted;          ///< by partition: at some point claimed twice in one generation
  std::vector<MemberIndex> previous;  ///< by partition: who claims it in an older generation than the newest of all
};

}  // namespace barnabas::group
