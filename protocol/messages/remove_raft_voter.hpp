// RemoveRaftVoter (key 81): a controller leaves the voters.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct RemoveRaftVoterResponse;

/// Goes to the leader of the quorum (a broker passes it on; KIP-853).
struct RemoveRaftVoterRequest {
  using Response = RemoveRaftVoterResponse;
  static constexpr Api api{.key = 81, .versions = "0", .flexible = "0+"};

  /// Null = do not check.
  Field<nullable<string>> cluster_id{string{}};
  Field<int32> voter_id;
  Field<Uuid> voter_directory_id;
};

/// Whether the quorum has taken the change in.
struct RemoveRaftVoterResponse {
  static constexpr Api api{.key = 81, .versions = "0", .flexible = "0+"};

  Field<Millis> throttle_time_ms;
  Field<int16> error_code;
  Field<nullable<string>, "0+ ignorable"> error_message{string{}};
};

}  // namespace barnabas::protocol
