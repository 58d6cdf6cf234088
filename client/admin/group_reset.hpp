// Where a group would go on after a reset: a plan, before anything is written.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "barnabas/client/admin/group_offsets.hpp"

namespace barnabas::client {

/// Where all partitions of a reset go.
struct ResetTarget {
  enum class Kind : std::uint8_t {
    earliest,
    latest,
    timestamp,  ///< the first record at or after `value`, milliseconds since 1970; the end when there is none
    shift,      ///< `value` offsets on from the committed one
    offset,     ///< `value`
    current,    ///< the committed offset; the end where there is none
    listed,     ///< as `listed` says
  };
  ResetTarget() = default;
  explicit ResetTarget(Kind where, std::int64_t number = 0) : kind(where), value(number) {}
  Kind kind = Kind::current;
  std::int64_t value = 0;
  std::map<TopicPartition, std::int64_t> listed;
};

/// One partition of the plan.
struct ResetStep {
  TopicPartition partition;
  std::int64_t before = -1;  ///< committed; -1: none
  std::int64_t after = -1;
  std::int64_t log_start = -1, log_end = -1;
  std::int64_t asked = -1;  ///< what was asked for, when it is not in the log: `after` is the end that is nearer
  std::string problem;      ///< why it cannot be moved; empty when it can

  bool clamped() const { return problem.empty() && asked != after; }
};

/// The plan for `partitions`, by partition. Throws Error when nobody tells about the logs.
asio::awaitable<std::vector<ResetStep>> plan_reset(Client& client, std::vector<TopicPartition> partitions,
                                                   const std::vector<GroupOffset>& committed, const ResetTarget& target,
                                                   runtime::TimePoint deadline);

/// Fills in `asked` and `after` from what else the step says. `at_time` is the answer to Kind::timestamp, -1 when
/// nothing stands there. The plan without its questions.
void settle(ResetStep& step, const ResetTarget& target, std::int64_t at_time);

}  // namespace barnabas::client
