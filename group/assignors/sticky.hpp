// Kafka's sticky assignors: balance first, then as few moves as possible.
#pragma once

#include "barnabas/group/assignors/assignor.hpp"

namespace barnabas::group {

/// Gives the same result as Kafka's StickyAssignor (KIP-54, KIP-341, KIP-881). Eager; members tell in their user data
/// what they had. Has no state.
class StickyAssignor final : public Assignor {
 public:
  std::string_view name() const override { return "sticky"; }
  std::string user_data(const std::vector<client::TopicPartition>& assigned, std::int32_t generation) const override;
  Assignments assign(const TopicShapes& topics, const std::vector<MemberSubscription>& members) const override;
};

/// Gives the same result as Kafka's CooperativeStickyAssignor (KIP-429): a partition that moves is in nobody's
/// assignment until its owner has given it up and joined again. Has no state.
class CooperativeStickyAssignor final : public Assignor {
 public:
  std::string_view name() const override { return "cooperative-sticky"; }
  bool cooperative() const override { return true; }
  std::string user_data(const std::vector<client::TopicPartition>& assigned, std::int32_t generation) const override;
  Assignments assign(const TopicShapes& topics, const std::vector<MemberSubscription>& members) const override;
};

}  // namespace barnabas::group
