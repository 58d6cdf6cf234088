#include "barnabas/client/events.hpp"

namespace barnabas::client {

std::string_view name(EventKind kind) {
  switch (kind) {
    case EventKind::connecting: return "connecting";
    case EventKind::connected: return "connected";
    case EventKind::negotiated: return "negotiated";
    case EventKind::connect_failed: return "connect_failed";
    case EventKind::disconnected: return "disconnected";
    case EventKind::throttled: return "throttled";
    case EventKind::rebootstrapped: return "rebootstrapped";
    case EventKind::metadata_refreshed: return "metadata_refreshed";
    case EventKind::metadata_failed: return "metadata_failed";
    case EventKind::topic_missing: return "topic_missing";
    case EventKind::topic_recreated: return "topic_recreated";
    case EventKind::leader_moved: return "leader_moved";
    case EventKind::partitions_added: return "partitions_added";
    case EventKind::fetch_session_reset: return "fetch_session_reset";
    case EventKind::fetch_failed: return "fetch_failed";
    case EventKind::offset_reset: return "offset_reset";
    case EventKind::offset_out_of_range: return "offset_out_of_range";
    case EventKind::truncated: return "truncated";
    case EventKind::corrupt_batch: return "corrupt_batch";
    case EventKind::batch_skipped: return "batch_skipped";
    case EventKind::partition_stopped: return "partition_stopped";
    case EventKind::end_reached: return "end_reached";
    case EventKind::partition_slow: return "partition_slow";
    case EventKind::partition_resumed: return "partition_resumed";
    case EventKind::partition_unfetched: return "partition_unfetched";
    case EventKind::budget_exhausted: return "budget_exhausted";
    case EventKind::coordinator_found: return "coordinator_found";
    case EventKind::coordinator_lost: return "coordinator_lost";
    case EventKind::joining: return "joining";
    case EventKind::joined: return "joined";
    case EventKind::assigned: return "assigned";
    case EventKind::revoked: return "revoked";
    case EventKind::lost: return "lost";
    case EventKind::drained: return "drained";
    case EventKind::drain_timed_out: return "drain_timed_out";
    case EventKind::committed: return "committed";
    case EventKind::commit_failed: return "commit_failed";
    case EventKind::stale_ack_dropped: return "stale_ack_dropped";
    case EventKind::acquisition_lost: return "acquisition_lost";
    case EventKind::acknowledge_failed: return "acknowledge_failed";
    case EventKind::heartbeat_failed: return "heartbeat_failed";
    case EventKind::left: return "left";
    case EventKind::fenced: return "fenced";
    case EventKind::delivery_failed: return "delivery_failed";
    case EventKind::delivery_retrying: return "delivery_retrying";
    case EventKind::delivery_recovered: return "delivery_recovered";
    case EventKind::record_dropped: return "record_dropped";
    case EventKind::handler_stalled: return "handler_stalled";
    case EventKind::metrics_pushed: return "metrics_pushed";
    case EventKind::produce_failed: return "produce_failed";
    case EventKind::started: return "started";
    case EventKind::stopping: return "stopping";
    case EventKind::stopped: return "stopped";
    case EventKind::config_warning: return "config_warning";
  }
  return "unknown";
}

}  // namespace barnabas::client
