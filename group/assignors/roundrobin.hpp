// Kafka's round robin assignor: all partitions of all topics in turn to the members.
#pragma once

#include "barnabas/group/assignors/assignor.hpp"

namespace barnabas::group {

/// Gives the same result as Kafka's RoundRobinAssignor. Eager. Has no state.
class RoundRobinAssignor final : public Assignor {
 public:
  std::string_view name() const override { return "roundrobin"; }
  Assignments assign(const TopicShapes& topics, const std::vector<MemberSubscription>& members) const override;
};

}  // namespace barnabas::group
