// UpdateRaftVoter (key 82): a voter tells its address and features.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct UpdateRaftVoterResponse;

/// Goes to the leader of the quorum (KIP-853).
struct UpdateRaftVoterRequest {
  using Response = UpdateRaftVoterResponse;
  static constexpr Api api{.key = 82, .versions = "0", .flexible = "0+"};

  struct Listener {
    Field<string> name;
    Field<string> host;
    Field<uint16> port;
  };
  struct KRaftVersionFeature {
    Field<int16> min_supported_version;
    Field<int16> max_supported_version;
  };

  Field<nullable<string>> cluster_id{string{}};
  /// To fence with.
  Field<LeaderEpoch> current_leader_epoch;
  Field<int32> voter_id;
  Field<Uuid> voter_directory_id;
  Field<list<Listener>> listeners;
  Field<KRaftVersionFeature> kraft_version_feature;
};

/// Who leads, when it is not the node that was asked.
struct UpdateRaftVoterResponse {
  static constexpr Api api{.key = 82, .versions = "0", .flexible = "0+"};

  struct CurrentLeader {
    Field<int32> leader_id{-1};
    Field<LeaderEpoch> leader_epoch{-1};
    Field<string> host;
    Field<int32> port;
  };

  Field<Millis> throttle_time_ms;
  Field<int16> error_code;
  Field<CurrentLeader, "0+ tag 0"> current_leader;
};

}  // namespace barnabas::protocol
