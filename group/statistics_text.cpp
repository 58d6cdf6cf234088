#include <algorithm>

#include "barnabas/group/statistics.hpp"

namespace barnabas::group {
namespace {

using Labels = client::PrometheusText::Labels;

void add_partition(client::PrometheusText& text, const Labels& consumer, const PartitionStatistics& p) {
  Labels labels = consumer;
  labels.emplace_back("topic", p.topic);
  labels.emplace_back("partition", std::to_string(p.partition));
  const auto gauge = [&](std::string_view name, std::string_view help, std::int64_t value) {
    if (value >= 0) text.gauge(name, help, labels, static_cast<double>(value));
  };
  const auto counter = [&](std::string_view name, std::string_view help, std::uint64_t value) {
    text.counter(name, help, labels, static_cast<double>(value));
  };
  Labels with_state = labels;
  with_state.emplace_back("state", name(p.state));
  text.gauge("barnabas_partition_state", "1; what is being done with the partition.", with_state, 1);
  gauge("barnabas_partition_position", "The lowest unfinished offset: what a commit would say.", p.position);
  gauge("barnabas_partition_handed_out_offset", "The next offset to be handed out.", p.handed_out);
  gauge("barnabas_partition_fetch_offset", "The next offset to be fetched.", p.fetch_position);
  gauge("barnabas_partition_committed_offset", "What the coordinator has.", p.committed);
  gauge("barnabas_partition_high_watermark", "The end of what is replicated.", p.high_watermark);
  gauge("barnabas_partition_last_stable_offset", "The end of what has no open transaction in front of it.",
        p.last_stable_offset);
  gauge("barnabas_partition_log_start_offset", "The first offset of the log.", p.log_start_offset);
  gauge("barnabas_partition_lag_records", "From the position to the high watermark.", p.lag());
  gauge("barnabas_partition_committed_lag_records", "From the committed offset to the high watermark.",
        p.committed_lag());
  gauge("barnabas_partition_queued_bytes", "Received and not handed out yet, compressed as they came.", p.queued_bytes);
  counter("barnabas_partition_received_bytes_total", "Records received, compressed as they came.", p.bytes);
  counter("barnabas_partition_batches_total", "Batches received.", p.batches);
  counter("barnabas_partition_records_total", "Records handed out.", p.records);
  counter("barnabas_partition_stale_acks_total", "Offsets acknowledged too late to be committed.", p.stale_acks);
  counter("barnabas_partition_skipped_offsets_total", "Offsets passed over since their batch could not be read.",
          p.skipped);
}

}  // namespace

void add_to(client::PrometheusText& text, const std::string& client, const ConsumerStatistics& s) {
  const Labels labels{{"client", client}, {"group", s.group_id}};
  if (!s.group_id.empty()) {
    Labels with_state = labels;
    with_state.emplace_back("state", name(s.state));
    text.gauge("barnabas_group_state", "1; where this member stands.", with_state, 1);
    text.gauge("barnabas_group_generation", "Of the group, as this member knows it; -1 outside of one.", labels,
               s.generation);
    text.counter("barnabas_group_rebalances_total", "Assignments that this member got.", labels,
                 static_cast<double>(s.rebalances));
    if (s.last_rebalance_ms >= 0) {
      text.gauge("barnabas_group_last_rebalance_age_seconds", "Since the last assignment came.", labels,
                 static_cast<double>(s.last_rebalance_ms) / 1e3);
    }
    text.histogram("barnabas_group_rebalance_duration_seconds",
                   "From giving partitions up to having the next assignment.", labels, s.rebalance_latency);
    text.histogram("barnabas_group_commit_duration_seconds", "From sending a commit to its answer.", labels,
                   s.commit_latency);
  }
  text.gauge("barnabas_assigned_partitions", "Partitions that this consumer has.", labels,
             static_cast<double>(s.partitions.size()));
  for (const PartitionStatistics& partition : s.partitions) add_partition(text, labels, partition);
}

std::string prometheus_text(const client::ClientStatistics& client, const ConsumerStatistics& consumer) {
  client::PrometheusText text;
  client::add_to(text, client);
  add_to(text, client.name, consumer);
  return text.text();
}

}  // namespace barnabas::group
