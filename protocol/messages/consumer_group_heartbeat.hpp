// ConsumerGroupHeartbeat (key 68): the one request of the next-generation protocol.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct ConsumerGroupHeartbeatResponse;

/// Joins, stays in, and leaves a group, and learns the assignment that the coordinator computed (KIP-848). Fields that
/// are null or -1 have not changed since the last heartbeat; the first one after joining has them all.
struct ConsumerGroupHeartbeatRequest {
  using Response = ConsumerGroupHeartbeatResponse;
  static constexpr Api api{.key = 68, .versions = "0-1", .flexible = "0+"};

  struct TopicPartitions {
    Field<Uuid> topic_id;
    Field<list<int32>> partitions;
  };

  Field<string> group_id;
  /// Made by the member itself, a UUID (since version 1; before, the coordinator handed it out).
  Field<string> member_id;
  /// 0 = join, -1 = leave, -2 = a static member leaves for a while; else the epoch that it was told.
  Field<int32> member_epoch;
  Field<nullable<string>> instance_id;
  Field<nullable<string>> rack_id;
  /// -1 = unchanged.
  Field<Millis> rebalance_timeout_ms{-1};
  Field<nullable<list<string>>> subscribed_topic_names;
  /// In RE2's syntax, which the coordinator evaluates; "" = none any more.
  Field<nullable<string>, "1+"> subscribed_topic_regex;
  /// Null = the coordinator picks, or unchanged.
  Field<nullable<string>> server_assignor;
  /// What the member owns: it tells so after each change.
  Field<nullable<list<TopicPartitions>>> topic_partitions;
};

/// What the member shall do next.
struct ConsumerGroupHeartbeatResponse {
  static constexpr Api api{.key = 68, .versions = "0-1", .flexible = "0+"};

  struct TopicPartitions {
    Field<Uuid> topic_id;
    Field<list<int32>> partitions;
  };
  struct Assignment {
    Field<list<TopicPartitions>> topic_partitions;
  };

  Field<Millis> throttle_time_ms;
  Field<int16> error_code;
  Field<nullable<string>> error_message;
  Field<nullable<string>> member_id;
  Field<int32> member_epoch;
  /// How long to wait before the next one.
  Field<Millis> heartbeat_interval_ms;
  /// Null = unchanged.
  Field<nullable<Assignment>> assignment;
};

}  // namespace barnabas::protocol
