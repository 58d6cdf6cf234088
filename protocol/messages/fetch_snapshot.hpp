// FetchSnapshot (key 59): the metadata log's snapshots, in pieces.
#pragma once

#include <limits>

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct FetchSnapshotResponse;

/// For replicas that are too far behind for the log itself (KIP-630).
struct FetchSnapshotRequest {
  using Response = FetchSnapshotResponse;
  static constexpr Api api{.key = 59, .versions = "0-1", .flexible = "0+"};

  struct SnapshotId {
    Field<Offset> end_offset;
    Field<LeaderEpoch> epoch;
  };
  struct Partition {
    Field<int32> partition;
    Field<LeaderEpoch> current_leader_epoch;
    Field<SnapshotId> snapshot_id;
    /// Where the piece begins, in bytes.
    Field<int64> position;
    Field<Uuid, "1+ tag 0 ignorable"> replica_directory_id;
  };
  struct Topic {
    Field<string> name;
    Field<list<Partition>> partitions;
  };

  Field<nullable<string>, "0+ tag 0"> cluster_id;
  /// -1 = an observer.
  Field<int32> replica_id{-1};
  Field<int32> max_bytes{std::numeric_limits<int32>::max()};
  Field<list<Topic>> topics;
};

/// One piece of each snapshot.
struct FetchSnapshotResponse {
  static constexpr Api api{.key = 59, .versions = "0-1", .flexible = "0+"};

  struct SnapshotId {
    Field<Offset> end_offset;
    Field<LeaderEpoch> epoch;
  };
  struct LeaderIdAndEpoch {
    Field<int32> leader_id;
    Field<LeaderEpoch> leader_epoch;
  };
  struct Partition {
    Field<int32> index;
    Field<int16> error_code;
    Field<SnapshotId> snapshot_id;
    Field<LeaderIdAndEpoch, "0+ tag 0"> current_leader;
    /// Of the whole snapshot, in bytes.
    Field<int64> size;
    Field<int64> position;
    /// Cut anywhere: batches begin and end in other pieces.
    Field<Records> unaligned_records;
  };
  struct Topic {
    Field<string> name;
    Field<list<Partition>> partitions;
  };
  struct NodeEndpoint {
    Field<int32> node_id;
    Field<string> host;
    Field<uint16> port;
  };

  Field<Millis, "0+ ignorable"> throttle_time_ms;
  Field<int16> error_code;
  Field<list<Topic>> topics;
  Field<list<NodeEndpoint>, "1+ tag 0"> node_endpoints;
};

}  // namespace barnabas::protocol
