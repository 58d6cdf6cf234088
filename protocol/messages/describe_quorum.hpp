// DescribeQuorum (key 55): how the controllers' log is replicated.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct DescribeQuorumResponse;

/// Asks the leader of __cluster_metadata for its voters and observers (KIP-595, KIP-836).
struct DescribeQuorumRequest {
  using Response = DescribeQuorumResponse;
  static constexpr Api api{.key = 55, .versions = "0-2", .flexible = "0+"};

  struct Partition {
    Field<int32> partition_index;
  };
  struct Topic {
    Field<string> topic_name;
    Field<list<Partition>> partitions;
  };

  Field<list<Topic>> topics;
};

/// The state of the quorum as its leader sees it.
struct DescribeQuorumResponse {
  static constexpr Api api{.key = 55, .versions = "0-2", .flexible = "0+"};

  struct ReplicaState {
    Field<int32> replica_id;
    Field<Uuid, "2+"> replica_directory_id;
    /// -1 = unknown.
    Field<Offset> log_end_offset;
    /// When the leader last saw a fetch of it; -1 = unknown.
    Field<TimestampMs, "1+ ignorable"> last_fetch_timestamp{-1};
    /// When it last had all that the leader had; -1 = unknown.
    Field<TimestampMs, "1+ ignorable"> last_caught_up_timestamp{-1};
  };
  struct Partition {
    Field<int32> partition_index;
    Field<int16> error_code;
    Field<nullable<string>, "2+ ignorable"> error_message{string{}};
    Field<int32> leader_id;
    Field<LeaderEpoch> leader_epoch;
    Field<Offset> high_watermark;
    Field<list<ReplicaState>> current_voters;
    Field<list<ReplicaState>> observers;
  };
  struct Topic {
    Field<string> topic_name;
    Field<list<Partition>> partitions;
  };
  struct Listener {
    Field<string> name;
    Field<string> host;
    Field<uint16> port;
  };
  struct Node {
    Field<int32> node_id;
    Field<list<Listener>> listeners;
  };

  Field<int16> error_code;
  Field<nullable<string>, "2+ ignorable"> error_message{string{}};
  Field<list<Topic>> topics;
  Field<list<Node>, "2+"> nodes;
};

}  // namespace barnabas::protocol
