// The one stream of state changes. Logs, metrics, the CLI and tests are readers of it; nothing changes state in
// silence.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "barnabas/protocol/errors.hpp"

namespace barnabas::client {

enum class EventKind : std::uint8_t {
  // connections
  connecting,
  connected,
  negotiated,
  connect_failed,
  disconnected,
  throttled,
  rebootstrapped,
  // metadata
  metadata_refreshed,
  metadata_failed,
  topic_missing,
  topic_recreated,
  leader_moved,
  partitions_added,
  // fetching
  fetch_session_reset,
  fetch_failed,
  offset_reset,
  offset_out_of_range,
  truncated,
  corrupt_batch,
  batch_skipped,
  partition_stopped,
  end_reached,
  partition_slow,
  partition_resumed,
  partition_unfetched,
  budget_exhausted,
  // groups
  coordinator_found,
  coordinator_lost,
  joining,
  joined,
  assigned,
  revoked,
  lost,
  drained,
  drain_timed_out,
  committed,
  commit_failed,
  stale_ack_dropped,
  acquisition_lost,
  acknowledge_failed,
  heartbeat_failed,
  left,
  fenced,
  // dispatch and handlers
  delivery_failed,
  delivery_retrying,
  delivery_recovered,
  record_dropped,
  handler_stalled,
  // telemetry
  metrics_pushed,
  // producing
  produce_failed,
  // life of the process
  started,
  stopping,
  stopped,
  config_warning,
};

std::string_view name(EventKind kind);

enum class Severity : std::uint8_t { debug, info, warning, error };

/// One state change. Fields that do not apply keep their defaults.
struct Event {
  Event(EventKind event_kind, Severity event_severity, std::string event_text)
      : kind(event_kind), severity(event_severity), text(std::move(event_text)) {}

  EventKind kind;
  Severity severity;
  std::string text;  ///< one line for people; never holds a secret
  std::int32_t node_id = -1;
  std::string topic;
  std::int32_t partition = -1;
  std::int64_t offset = -1;
  std::int64_t count = 0;  ///< records, bytes or milliseconds, as the kind implies
  protocol::ErrorCode code = protocol::ErrorCode::none;
};

/// Called on the loop thread, at the moment of the change. Must not block or throw.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void on_event(const Event& event) noexcept = 0;
};

/// Hands each event to several readers, in the order they were added, on the thread it was told (the loop). Readers
/// outlive it, and are added before the loop runs or on it.
class EventStream final : public EventSink {
 public:
  void add(EventSink& reader) { readers_.push_back(&reader); }
  void on_event(const Event& event) noexcept override {
    for (EventSink* reader : readers_) reader->on_event(event);
  }

 private:
  std::vector<EventSink*> readers_;
};

}  // namespace barnabas::client
