// BeginQuorumEpoch (key 53): a controller has won the vote.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct BeginQuorumEpochResponse;

/// The new leader tells the voters so (KIP-595).
struct BeginQuorumEpochRequest {
  using Response = BeginQuorumEpochResponse;
  static constexpr Api api{.key = 53, .versions = "0-1", .flexible = "1+"};

  struct Partition {
    Field<int32> partition_index;
    Field<Uuid, "1+ ignorable"> voter_directory_id;
    Field<int32> leader_id;
    Field<LeaderEpoch> leader_epoch;
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
  /// Whom the request is meant for; -1 = do not check.
  Field<int32, "1+ ignorable"> voter_id{-1};
  Field<list<Topic>> topics;
  Field<list<LeaderEndpoint>, "1+ ignorable"> leader_endpoints;
};

/// Who leads as far as the voter knows.
struct BeginQuorumEpochResponse {
  static constexpr Api api{.key = 53, .versions = "0-1", .flexible = "1+"};

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
