// EndQuorumEpoch (key 54): a leading controller resigns.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct EndQuorumEpochResponse;

/// Lets the voters elect another at once instead of after a timeout (KIP-595).
struct EndQuorumEpochRequest {
  using Response = EndQuorumEpochResponse;
  static constexpr Api api{.key = 54, .versions = "0-1", .flexible = "1+"};

  struct Candidate {
    Field<int32> candidate_id;
    Field<Uuid> candidate_directory_id;
  };
  struct Partition {
    Field<int32> partition_index;
    Field<int32> leader_id;
    Field<LeaderEpoch> leader_epoch;
    /// Those who have caught up furthest come first.
    Field<list<int32>, "0 ignorable"> preferred_successors;
    /// Those who have caught up furthest come first.
    Field<list<Candidate>, "1+ ignorable"> preferred_candidates;
  };
  struct Topic {
    Field<string> topic_name;
    Field<list<Partition>> partitions;
  };
  struct LeaderEndpoint {
    Field<string> name;
    Field<string> host;
    Field<uint16> port;
  };

  Field<nullable<string>> cluster_id;
  Field<list<Topic>> topics;
  Field<list<LeaderEndpoint>, "1+ ignorable"> leader_endpoints;
};

/// Who leads as far as the voter knows.
struct EndQuorumEpochResponse {
  static constexpr Api api{.key = 54, .versions = "0-1", .flexible = "1+"};

  struct Partition {
    Field<int32> partition_index;
    Field<int16> error_code;
    Field<int32> leader_id;
    Field<LeaderEpoch> leader_epoch;
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
