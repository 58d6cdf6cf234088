// Vote (key 52): a controller wants to lead.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct VoteResponse;

/// Between the voters of the metadata quorum (KIP-595).
struct VoteRequest {
  using Response = VoteResponse;
  static constexpr Api api{.key = 52, .versions = "0-2", .flexible = "0+"};

  struct Partition {
    Field<int32> partition_index;
    /// The epoch the candidate wants to lead in, or with pre_vote the one it is in.
    Field<int32> replica_epoch;
    Field<int32> replica_id;
    Field<Uuid, "1+ ignorable"> replica_directory_id;
    Field<Uuid, "1+ ignorable"> voter_directory_id;
    /// With last_offset: how far the candidate's log goes; a voter with a longer one refuses.
    Field<LeaderEpoch> last_offset_epoch;
    Field<Offset> last_offset;
    /// Only ask who would vote (KIP-996).
    Field<bool, "2+"> pre_vote;
  };
  struct Topic {
    Field<string> topic_name;
    Field<list<Partition>> partitions;
  };

  Field<nullable<string>> cluster_id;
  /// Whom the request is meant for; -1 = do not check.
  Field<int32, "1+ ignorable"> voter_id{-1};
  Field<list<Topic>> topics;
};

/// One vote a partition; there is one, __cluster_metadata.
struct VoteResponse {
  static constexpr Api api{.key = 52, .versions = "0-2", .flexible = "0+"};

  struct Partition {
    Field<int32> partition_index;
    Field<int16> error_code;
    /// -1 = unknown.
    Field<int32> leader_id;
    Field<LeaderEpoch> leader_epoch;
    Field<bool> vote_granted;
  };
  struct Topic {
    Field<string> topic_name;
    Field<list<Partition>> partitions;
  };
  struct NodeEndpoint {
    Field<int32> node_id;
    Field<string> host;
    Field<uint16> port;
  };

  Field<int16> error_code;
  Field<list<Topic>> topics;
  Field<list<NodeEndpoint>, "1+ tag 0"> node_endpoints;
};

}  // namespace barnabas::protocol
