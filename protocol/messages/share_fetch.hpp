// ShareFetch (key 78): records for one member of a share group.
#pragma once

#include <limits>

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct ShareFetchResponse;

/// Acquires records for a time and acknowledges earlier ones in one request (KIP-932). Goes to the leaders. Version 0
/// was an early access in 3.9 and 4.0 and never became stable.
struct ShareFetchRequest {
  using Response = ShareFetchResponse;
  static constexpr Api api{.key = 78, .versions = "0-2", .flexible = "0+", .unstable = "0"};

  struct AcknowledgementBatch {
    Field<Offset> first_offset;
    Field<Offset> last_offset;
    /// One for all, or one a record: 0 gap, 1 accept, 2 release, 3 reject, 4 renew.
    Field<list<int8>> acknowledge_types;
  };
  struct Partition {
    Field<int32> partition_index;
    Field<int32, "0"> partition_max_bytes;
    Field<list<AcknowledgementBatch>> acknowledgement_batches;
  };
  struct Topic {
    Field<Uuid> topic_id;
    Field<list<Partition>> partitions;
  };
  /// Partitions that leave the session.
  struct Forgotten {
    Field<Uuid> topic_id;
    Field<list<int32>> partitions;
  };

  Field<nullable<string>> group_id;
  Field<nullable<string>> member_id{string{}};
  /// 0 = open a session, -1 = close it, else one more than in the request before.
  Field<int32> share_session_epoch;
  Field<Millis> max_wait_ms;
  Field<int32> min_bytes;
  Field<int32> max_bytes{std::numeric_limits<int32>::max()};
  /// Of all partitions together; a batch that was begun may exceed it.
  Field<int32, "1+"> max_records;
  /// In how big pieces the records are to be acquired.
  Field<int32, "1+"> batch_size;
  /// 0 = whole batches, 1 = max_records is a strict limit (KIP-1206).
  Field<int8, "2+ ignorable"> share_acquire_mode;
  /// Whether an acknowledgement renews the lock, type 4 (KIP-1222).
  Field<bool, "2+"> is_renew_ack;
  Field<list<Topic>> topics;
  Field<list<Forgotten>> forgotten_topics_data;
};

/// Records of the partitions that had some, and how the acknowledgements fared.
struct ShareFetchResponse {
  static constexpr Api api{.key = 78, .versions = "0-2", .flexible = "0+", .unstable = "0"};

  struct LeaderIdAndEpoch {
    Field<int32> leader_id;
    Field<LeaderEpoch> leader_epoch;
  };
  struct AcquiredRecords {
    Field<Offset> first_offset;
    Field<Offset> last_offset;
    /// 1 = for the first time.
    Field<int16> delivery_count;
  };
  struct Partition {
    Field<int32> partition_index;
    Field<int16> error_code;
    Field<nullable<string>> error_message;
    Field<int16> acknowledge_error_code;
    Field<nullable<string>> acknowledge_error_message;
    Field<LeaderIdAndEpoch> current_leader;
    /// Raw batches, which may hold more than acquired_records says: only those are this member's.
    Field<nullable<Records>, "0+ null 0"> records;
    Field<list<AcquiredRecords>> acquired_records;
  };
  struct Topic {
    Field<Uuid> topic_id;
    Field<list<Partition>> partitions;
  };
  /// Address of a broker that current_leader names.
  struct NodeEndpoint {
    Field<int32> node_id;
    Field<string> host;
    Field<int32> port;
    Field<nullable<string>> rack;
  };

  Field<Millis> throttle_time_ms;
  Field<int16> error_code;
  Field<nullable<string>> error_message;
  /// How long the records are this member's.
  Field<Millis, "1+"> acquisition_lock_timeout_ms;
  Field<list<Topic>> responses;
  Field<list<NodeEndpoint>> node_endpoints;
};

}  // namespace barnabas::protocol
