// Fetch (key 1): the records.
#pragma once

#include <limits>

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct FetchResponse;

/// Asks a partition leader (or, since version 11, a nearby follower) for record batches, and waits at the broker until
/// there are enough or the time is up. Since version 7 a broker remembers the partitions of a session (KIP-227), so
/// that a request names only what changed; since 13 topics go by id, and a request has to use ids for all of them.
struct FetchRequest {
  using Response = FetchResponse;
  static constexpr Api api{.key = 1, .versions = "0-18", .flexible = "12+"};

  /// Only replicas fill this in (KIP-903).
  struct ReplicaState {
    Field<int32> replica_id{-1};
    Field<int64> replica_epoch{-1};
  };
  struct Partition {
    Field<int32> partition;
    /// Lets the broker fence a client with old metadata, or tell it that the broker's are older (KIP-320); -1 = do not
    /// check.
    Field<LeaderEpoch, "9+ ignorable"> current_leader_epoch{-1};
    Field<Offset> fetch_offset;
    /// Epoch of the last record that was read; the broker answers with diverging_epoch when its log says otherwise. -1
    /// = unknown.
    Field<LeaderEpoch, "12+"> last_fetched_epoch{-1};
    Field<Offset, "5+ ignorable"> log_start_offset{-1};
    /// The first batch comes whole even when it is bigger (KIP-74, from version 3).
    Field<int32> partition_max_bytes;
    Field<Uuid, "17+ tag 0 ignorable"> replica_directory_id;
    Field<Offset, "18+ tag 1 ignorable"> high_watermark{std::numeric_limits<int64>::max()};
  };
  struct Topic {
    Field<string, "0-12 ignorable"> topic;
    Field<Uuid, "13+ ignorable"> topic_id;
    Field<list<Partition>> partitions;
  };
  /// Partitions that leave the session.
  struct Forgotten {
    Field<string, "7-12 ignorable"> topic;
    Field<Uuid, "13+ ignorable"> topic_id;
    Field<list<int32>> partitions;
  };

  Field<nullable<string>, "12+ tag 0 ignorable"> cluster_id;
  Field<int32, "0-14"> replica_id{-1};  // a consumer is -1
  Field<ReplicaState, "15+ tag 1"> replica_state;
  Field<Millis> max_wait_ms;
  Field<int32> min_bytes;
  /// Of the whole response, as a wish; partitions are served in the order of the request.
  Field<int32, "3+ ignorable"> max_bytes{std::numeric_limits<int32>::max()};
  /// 0 = read uncommitted, 1 = read committed.
  Field<int8, "4+ ignorable"> isolation_level;
  /// 0 with epoch 0 opens a session, 0 with epoch -1 does without one.
  Field<int32, "7+ ignorable"> session_id;
  Field<int32, "7+ ignorable"> session_epoch{-1};
  Field<list<Topic>> topics;
  Field<list<Forgotten>, "7+"> forgotten_topics_data;
  /// The client's rack, for follower fetching (KIP-392); empty = none.
  Field<string, "11+ ignorable"> rack_id;
};

/// Batches of the partitions that had something to say. In a session a partition without news is left out.
struct FetchResponse {
  static constexpr Api api{.key = 1, .versions = "0-18", .flexible = "12+"};

  /// Where the log of the client and that of the broker part: read again from here.
  struct EpochEndOffset {
    Field<LeaderEpoch> epoch{-1};
    Field<Offset> end_offset{-1};
  };
  /// The new leader, as a hint beside error NOT_LEADER_OR_FOLLOWER and FENCED_LEADER_EPOCH (KIP-951).
  struct LeaderIdAndEpoch {
    Field<int32> leader_id{-1};
    Field<LeaderEpoch> leader_epoch{-1};
  };
  struct SnapshotId {
    Field<Offset> end_offset{-1};
    Field<LeaderEpoch> epoch{-1};
  };
  /// Records of this producer from this offset on, up to its abort marker, are not committed.
  struct Aborted {
    Field<int64> producer_id;
    Field<Offset> first_offset;
  };
  struct Partition {
    Field<int32> partition_index;
    Field<int16> error_code;
    Field<Offset> high_watermark;
    /// Below it every transaction is decided.
    Field<Offset, "4+ ignorable"> last_stable_offset{-1};
    Field<Offset, "5+ ignorable"> log_start_offset{-1};
    Field<EpochEndOffset, "12+ tag 0"> diverging_epoch;
    Field<LeaderIdAndEpoch, "12+ tag 1"> current_leader;
    Field<SnapshotId, "12+ tag 2"> snapshot_id;
    /// Null when the request read uncommitted.
    Field<nullable<list<Aborted>>, "4+ ignorable"> aborted_transactions{list<Aborted>{}};
    /// Broker to fetch from next time; -1 = stay.
    Field<int32, "11+"> preferred_read_replica{-1};
    /// Raw batches, the last one perhaps cut short; barnabas::records reads them.
    Field<nullable<Records>> records;
  };
  struct Topic {
    Field<string, "0-12 ignorable"> topic;
    Field<Uuid, "13+ ignorable"> topic_id;
    Field<list<Partition>> partitions;
  };
  /// Address of a broker that current_leader names.
  struct NodeEndpoint {
    Field<int32> node_id;
    Field<string> host;
    Field<int32> port;
    Field<nullable<string>> rack;
  };

  Field<Millis, "1+ ignorable"> throttle_time_ms;
  Field<int16, "7+ ignorable"> error_code;
  Field<int32, "7+"> session_id;
  Field<list<Topic>> responses;
  Field<list<NodeEndpoint>, "16+ tag 0"> node_endpoints;
};

}  // namespace barnabas::protocol
