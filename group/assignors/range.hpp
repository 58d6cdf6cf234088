// Kafka's range assignor: of each topic every member gets one run of neighbouring partitions.
#pragma once

#include "barnabas/group/assignors/assignor.hpp"

namespace barnabas::group {

/// Gives the same result as Kafka's RangeAssignor, rack-awareness (KIP-881) included. Eager: all partitions are given
/// up before each join. Has no state.
class RangeAssignor final : public Assignor {
 public:
  std::string_view name() const override { return "range"; }
  Assignments assign(const TopicShapes& topics, const std::vector<MemberSubscription>& members) const override;
};

}  // namespace barnabas::group
