#include "barnabas/group/statistics.hpp"

#include <algorithm>

#include "barnabas/group/consumer_parts.hpp"

namespace barnabas::group {

std::string_view name(PartitionState state) {
  constexpr std::string_view names[] = {"finding_position", "fetching", "paused", "leaving", "stopped"};
  return names[static_cast<std::size_t>(state)];
}

std::string_view name(MemberState state) {
  constexpr std::string_view names[] = {"no_group", "rebalancing", "stable", "stopped"};
  return names[static_cast<std::size_t>(state)];
}

std::int64_t ConsumerStatistics::lag() const {
  std::int64_t sum = -1;
  for (const PartitionStatistics& partition : partitions) {
    if (partition.lag() >= 0) sum = std::max<std::int64_t>(sum, 0) + partition.lag();
  }
  return sum;
}

std::int64_t ConsumerStatistics::queued_bytes() const {
  std::int64_t sum = 0;
  for (const PartitionStatistics& partition : partitions) sum += partition.queued_bytes;
  return sum;
}

namespace {

PartitionStatistics partition_statistics(Lane& lane, const client::FetchStatus* status) {
  PartitionStatistics s;
  s.topic = lane.partition().topic;
  s.partition = lane.partition().partition;
  const bool leaving = lane.closed() || lane.fenced();
  s.state = lane.error()                ? PartitionState::stopped
            : leaving                   ? PartitionState::leaving
            : !lane.has_position()      ? PartitionState::finding_position
            : status && status->stopped ? PartitionState::stopped
            : status && status->paused  ? PartitionState::paused
                                        : PartitionState::fetching;
  if (lane.has_position()) {
    s.position = lane.window().position();
    s.handed_out = lane.window().handed_out();
  }
  s.committed = lane.committed;
  if (!leaving && !lane.error()) s.queued_bytes = lane.queued_bytes();
  s.records = lane.records();
  s.stale_acks = lane.stale_acks();
  s.skipped = lane.skipped();
  if (!status) return s;
  s.broker_id = status->leader_id;
  s.fetch_position = status->position;
  s.high_watermark = status->high_watermark;
  s.last_stable_offset = status->last_stable_offset;
  s.log_start_offset = status->log_start_offset;
  s.bytes = status->bytes;
  s.batches = status->batches;
  return s;
}

}  // namespace

ConsumerStatistics Consumer::statistics() const {
  const Parts& p = *parts_;
  if (p.share) return p.share->statistics();
  ConsumerStatistics s;
  s.group_id = p.member.group_id;
  s.member_id = p.member.member_id;
  s.generation = p.member.generation;
  s.coordinator_id = p.coordinator.known();
  s.state = p.error || p.closed                                  ? MemberState::stopped
            : !p.membership                                      ? MemberState::no_group
            : p.membership->valid() && !p.rebalances.under_way() ? MemberState::stable
                                                                 : MemberState::rebalancing;
  s.rebalances = p.rebalances.count();
  if (s.rebalances > 0) {
    const auto since = p.client.runtime().clock().now() - p.rebalances.last();
    s.last_rebalance_ms = std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
  }
  s.rebalance_latency = p.rebalances.latency();
  s.commit_latency = p.offsets->latency();
  for (const auto& lane : p.lanes) {
    s.partitions.push_back(partition_statistics(*lane, p.fetcher.status(lane->partition())));
  }
  std::sort(s.partitions.begin(), s.partitions.end(), [](const auto& a, const auto& b) {
    return std::tie(a.topic, a.partition) < std::tie(b.topic, b.partition);
  });
  return s;
}

void ConsumerMetrics::collect(std::vector<client::Metric>& into) {
  using Kind = client::Metric::Kind;
  const std::string prefix = "org.apache.kafka.consumer.coordinator.";
  const ConsumerStatistics now = consumer_.statistics();
  const auto in_ms = [](std::int64_t us) { return static_cast<double>(us) / 1e3; };
  into.emplace_back(prefix + "assigned.partitions", Kind::gauge, static_cast<double>(now.partitions.size()));
  into.emplace_back(prefix + "rebalance.latency.total", Kind::sum, in_ms(now.rebalance_latency.sum_us()));
  const auto window = [&](const char* what, const client::Latency& latency, client::Latency& before) {
    const client::Latency since = latency.since(before);
    before = latency;
    if (since.count() == 0) return;
    into.emplace_back(prefix + what + ".latency.avg", Kind::gauge, in_ms(since.average_us()));
    into.emplace_back(prefix + what + ".latency.max", Kind::gauge, in_ms(since.largest_us()));
  };
  window("rebalance", now.rebalance_latency, rebalances_);
  window("commit", now.commit_latency, commits_);
}

}  // namespace barnabas::group
