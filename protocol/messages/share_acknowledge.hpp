// ShareAcknowledge (key 79): what became of acquired records.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct ShareAcknowledgeResponse;

/// Acknowledges without fetching (KIP-932); ShareFetch can do both at once.
struct ShareAcknowledgeRequest {
  using Response = ShareAcknowledgeResponse;
  static constexpr Api api{.key = 79, .versions = "0-2", .flexible = "0+", .unstable = "0"};

  struct AcknowledgementBatch {
    Field<Offset> first_offset;
    Field<Offset> last_offset;
    /// One for all, or one a record: 0 gap, 1 accept, 2 release, 3 reject, 4 renew.
    Field<list<int8>> acknowledge_types;
  };
  struct Partition {
    Field<int32> partition_index;
    Field<list<AcknowledgementBatch>> acknowledgement_batches;
  };
  struct Topic {
    Field<Uuid> topic_id;
    Field<list<Partition>> partitions;
  };

  Field<nullable<string>> group_id;
  Field<nullable<string>> member_id{string{}};
  /// -1 = close the session, else one more than in the request before.
  Field<int32> share_session_epoch;
  Field<bool, "2+"> is_renew_ack;
  Field<list<Topic>> topics;
};

/// One result a partition.
struct ShareAcknowledgeResponse {
  static constexpr Api api{.key = 79, .versions = "0-2", .flexible = "0+", .unstable = "0"};

  struct LeaderIdAndEpoch {
    Field<int32> leader_id;
    Field<LeaderEpoch> leader_epoch;
  };
  struct Partition {
    Field<int32> partition_index;
    Field<int16> error_code;
    Field<nullable<string>> error_message;
    Field<LeaderIdAndEpoch> current_leader;
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
  Field<Millis, "2+ ignorable"> acquisition_lock_timeout_ms;
  Field<list<Topic>> responses;
  Field<list<NodeEndpoint>> node_endpoints;
};

}  // namespace barnabas::protocol
