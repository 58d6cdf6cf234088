// ShareGroupHeartbeat (key 76): joining and staying in a share group.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct ShareGroupHeartbeatResponse;

/// As ConsumerGroupHeartbeat, for groups whose members share partitions record by record (KIP-932). Version 0 was
/// an early access in 3.9 and 4.0 and never became stable.
struct ShareGroupHeartbeatRequest {
  using Response = ShareGroupHeartbeatResponse;
  static constexpr Api api{.key = 76, .versions = "0-1", .flexible = "0+", .unstable = "0"};

  Field<string> group_id;
  Field<string> member_id;
  /// 0 = join, -1 = leave; else the epoch that it was told.
  Field<int32> member_epoch;
  /// Null = unchanged.
  Field<nullable<string>> rack_id;
  /// Null = unchanged.
  Field<nullable<list<string>>> subscribed_topic_names;
};

/// What the member shall do next.
struct ShareGroupHeartbeatResponse {
  static constexpr Api api{.key = 76, .versions = "0-1", .flexible = "0+", .unstable = "0"};

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
  Field<Millis> heartbeat_interval_ms;
  /// Null = unchanged.
  Field<nullable<Assignment>> assignment;
};

}  // namespace barnabas::protocol
