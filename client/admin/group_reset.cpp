#include "barnabas/client/admin/group_reset.hpp"

#include <algorithm>
#include <limits>

#include "barnabas/client/admin/log_offsets.hpp"

namespace barnabas::client {
namespace {

/// Sums that cannot be are the nearest that can.
std::int64_t shifted(std::int64_t offset, std::int64_t by) {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(offset, by, &sum)) return sum;
  return by < 0 ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max();
}

}  // namespace

void settle(ResetStep& step, const ResetTarget& target, std::int64_t at_time) {
  using enum ResetTarget::Kind;
  if (step.problem.empty() && step.log_end < step.log_start) step.problem = "the log ends before it begins";
  if (!step.problem.empty()) return;
  switch (target.kind) {
    case earliest: step.asked = step.log_start; break;
    case latest: step.asked = step.log_end; break;
    case timestamp: step.asked = at_time >= 0 ? at_time : step.log_end; break;
    case current: step.asked = step.before >= 0 ? step.before : step.log_end; break;
    case offset: step.asked = target.value; break;
    case shift:
      step.asked = shifted(step.before, target.value);
      if (step.before < 0) step.problem = "there is no committed offset to shift";
      break;
    case listed: {
      const auto found = target.listed.find(step.partition);
      if (found == target.listed.end()) {
        step.problem = "the file does not name it";
      } else {
        step.asked = found->second;
      }
    }
  }
  if (step.problem.empty()) step.after = std::clamp(step.asked, step.log_start, step.log_end);
}

asio::awaitable<std::vector<ResetStep>> plan_reset(Client& client, std::vector<TopicPartition> partitions,
                                                   const std::vector<GroupOffset>& committed, const ResetTarget& target,
                                                   runtime::TimePoint deadline) {
  std::ranges::sort(partitions);
  partitions.erase(std::ranges::unique(partitions).begin(), partitions.end());
  LogOffsets starts = co_await find_log_offsets(client, partitions, -2, deadline);
  LogOffsets ends = co_await find_log_offsets(client, partitions, -1, deadline);
  LogOffsets times;
  if (target.kind == ResetTarget::Kind::timestamp) {
    times = co_await find_log_offsets(client, partitions, target.value, deadline);
  }
  std::vector<ResetStep> steps;
  for (const TopicPartition& partition : partitions) {
    ResetStep& step = steps.emplace_back();
    step.partition = partition;
    const auto known = std::ranges::find(committed, partition, &GroupOffset::partition);
    if (known != committed.end()) step.before = known->offset;
    step.log_start = starts[partition].offset;
    step.log_end = ends[partition].offset;
    for (const LogOffset* each : {&starts[partition], &ends[partition], &times[partition]}) {
      if (step.problem.empty()) step.problem = each->problem;
    }
    settle(step, target, times[partition].offset);
  }
  co_return steps;
}

}  // namespace barnabas::client
