// Produce (key 0): writing record batches.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct ProduceResponse;

/// Hands batches to the leaders of their partitions. With acks 0 there is no response at all. Versions 0 to 2 are for
/// message formats 0 and 1; from 3 on each partition carries exactly one batch of format 2. Brokers of 4.x advertise 0
/// to 2 but refuse them. zstd needs version 7; from 13 on topics go by id; above 11 only for transactions of the second
/// protocol (KIP-890), or without any.
struct ProduceRequest {
  using Response = ProduceResponse;
  static constexpr Api api{.key = 0, .versions = "0-13", .flexible = "9+"};

  struct Partition {
    Field<int32> index;
    Field<nullable<Records>> records;
  };
  struct Topic {
    Field<string, "0-12 ignorable"> name;
    Field<Uuid, "13+ ignorable"> topic_id;
    Field<list<Partition>> partition_data;
  };

  Field<nullable<string>, "3+"> transactional_id;
  /// 0 = no answer, 1 = the leader has it, -1 = all replicas in sync have it.
  Field<int16> acks;
  /// How long the leader may wait for the others.
  Field<Millis> timeout_ms;
  Field<list<Topic>> topic_data;
};

/// Where the batches landed.
struct ProduceResponse {
  static constexpr Api api{.key = 0, .versions = "0-13", .flexible = "9+"};

  struct RecordError {
    Field<int32> batch_index;  // the record's place in its batch
    Field<nullable<string>> batch_index_error_message;
  };
  /// The new leader, as a hint beside error NOT_LEADER_OR_FOLLOWER (KIP-951).
  struct LeaderIdAndEpoch {
    Field<int32> leader_id{-1};
    Field<LeaderEpoch> leader_epoch{-1};
  };
  struct Partition {
    Field<int32> index;
    Field<int16> error_code;
    /// Offset of the batch's first record.
    Field<Offset> base_offset;
    /// -1 unless the topic stamps records with the time of the append.
    Field<TimestampMs, "2+ ignorable"> log_append_time_ms{-1};
    Field<Offset, "5+ ignorable"> log_start_offset{-1};
    /// Which records made the broker refuse the batch (KIP-467).
    Field<list<RecordError>, "8+ ignorable"> record_errors;
    Field<nullable<string>, "8+ ignorable"> error_message;
    Field<LeaderIdAndEpoch, "10+ tag 0"> current_leader;
  };
  struct Topic {
    Field<string, "0-12 ignorable"> name;
    Field<Uuid, "13+ ignorable"> topic_id;
    Field<list<Partition>> partition_responses;
  };
  /// Address of a broker that current_leader names.
  struct NodeEndpoint {
    Field<int32> node_id;
    Field<string> host;
    Field<int32> port;
    Field<nullable<string>> rack;
  };

  Field<list<Topic>> responses;
  Field<Millis, "1+ ignorable"> throttle_time_ms;
  Field<list<NodeEndpoint>, "10+ tag 0"> node_endpoints;
};

}  // namespace barnabas::protocol
