// Figures of one consumer, copied at one moment. Counters only grow: what happened between two copies is their
// difference.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "barnabas/client/statistics/metrics_source.hpp"
#include "barnabas/client/statistics/prometheus.hpp"
#include "barnabas/client/statistics/statistics.hpp"

namespace barnabas::group {

/// How often the group divided its partitions anew, and for how long this member had none meanwhile. Loop thread only.
class Rebalances {
 public:
  /// The partitions are being given up, or were lost, or the first ones are being asked for. Again until end():
  /// nothing.
  void begin(runtime::TimePoint now) {
    if (began_ == none) began_ = now;
  }
  /// The new assignment is here.
  void end(runtime::TimePoint now) {
    if (began_ != none) latency_.add(now - began_);
    began_ = none;
    last_ = now;
    ++count_;
  }
  bool under_way() const { return began_ != none; }
  std::uint64_t count() const { return count_; }
  /// When the last one ended; only after the first.
  runtime::TimePoint last() const { return last_; }
  const client::Latency& latency() const { return latency_; }

 private:
  static constexpr runtime::TimePoint none = runtime::TimePoint::min();
  runtime::TimePoint began_ = none, last_{};
  std::uint64_t count_ = 0;
  client::Latency latency_;
};

enum class PartitionState : std::uint8_t {
  finding_position,  ///< the committed offset or the log's start or end is being asked for
  fetching,
  paused,
  leaving,  ///< is being given up: what is under way may still finish
  stopped,  ///< cannot be read on
};
std::string_view name(PartitionState state);

/// Offsets are -1 while unknown.
struct PartitionStatistics {
  PartitionStatistics() = default;
  std::string topic;
  std::int32_t partition = -1;
  PartitionState state = PartitionState::finding_position;
  std::int32_t broker_id = -1;           ///< that is fetched from
  std::int64_t position = -1;            ///< the lowest unfinished offset: what a commit would say
  std::int64_t handed_out = -1;          ///< the next offset to be handed out
  std::int64_t fetch_position = -1;      ///< the next offset to be fetched
  std::int64_t committed = -1;           ///< what the coordinator has
  std::int64_t high_watermark = -1;      ///< the end of what is replicated
  std::int64_t last_stable_offset = -1;  ///< the end of what has no open transaction in front of it
  std::int64_t log_start_offset = -1;
  std::int64_t queued_bytes = 0;  ///< received and not handed out yet, compressed as they came
  std::uint64_t bytes = 0;        ///< of records received, compressed as they came
  std::uint64_t batches = 0;      ///< received
  std::uint64_t records = 0;      ///< handed out
  std::uint64_t stale_acks = 0;   ///< offsets acknowledged too late to be committed
  std::uint64_t skipped = 0;      ///< offsets passed over since their batch could not be read
  /// Records between position and high watermark.
  std::int64_t lag() const { return between(position, high_watermark); }
  /// Records between the committed offset and the high watermark.
  std::int64_t committed_lag() const { return between(committed, high_watermark); }

 private:
  static std::int64_t between(std::int64_t from, std::int64_t to) {
    return from < 0 || to < 0 ? -1 : to > from ? to - from : 0;
  }
};

enum class MemberState : std::uint8_t {
  no_group,     ///< partitions are taken by hand
  rebalancing,  ///< joining, or giving partitions up to join again
  stable,       ///< a member with its assignment
  stopped,      ///< closed, or stopped by an error that waiting cannot cure
};
std::string_view name(MemberState state);

struct ConsumerStatistics {
  ConsumerStatistics() = default;
  std::string group_id;  ///< empty without a group
  std::string member_id;
  MemberState state = MemberState::no_group;
  std::int32_t generation = -1;
  std::int32_t coordinator_id = -1;
  std::uint64_t rebalances = 0;
  std::int64_t last_rebalance_ms = -1;  ///< since the last one ended
  client::Latency rebalance_latency;    ///< from giving up to having the next assignment
  client::Latency commit_latency;
  std::vector<PartitionStatistics> partitions;  ///< sorted by topic and partition

  /// Sum over the partitions whose lag is known; -1 when none is.
  std::int64_t lag() const;
  std::int64_t queued_bytes() const;
};

/// Adds everything that `statistics` holds, under the labels client = `client` and group.
void add_to(client::PrometheusText& text, const std::string& client, const ConsumerStatistics& statistics);
/// Both parts of a consuming client as one exposition.
std::string prometheus_text(const client::ClientStatistics& client, const ConsumerStatistics& consumer);

/// KIP-714's figures of `consumer`. Loop thread only.
class ConsumerMetrics final : public client::MetricsSource {
 public:
  explicit ConsumerMetrics(const class Consumer& consumer) : consumer_(consumer) {}
  void collect(std::vector<client::Metric>& into) override;

 private:
  const Consumer& consumer_;
  client::Latency rebalances_, commits_;  ///< at the push before
};

}  // namespace barnabas::group
