// AddRaftVoter (key 80): a controller joins the voters.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct AddRaftVoterResponse;

/// Goes to the leader of the quorum (a broker passes it on; KIP-853).
struct AddRaftVoterRequest {
  using Response = AddRaftVoterResponse;
  static constexpr Api api{.key = 80, .versions = "0-1", .flexible = "0+"};

  struct Listener {
    Field<string> name;
    Field<string> host;
    Field<uint16> port;
  };

  /// Null = do not check.
  Field<nullable<string>> cluster_id{string{}};
  Field<Millis> timeout_ms;
  Field<int32> voter_id;
  Field<Uuid> voter_directory_id;
  Field<list<Listener>> listeners;
  /// False = answer as soon as the leader has written the change (KIP-1186).
  Field<bool, "1+"> ack_when_committed{true};
};

/// Whether the quorum has taken the change in.
struct AddRaftVoterResponse {
  static constexpr Api api{.key = 80, .versions = "0-1", .flexible = "0+"};

  Field<Millis> throttle_time_ms;
  Field<int16> error_code;
  Field<nullable<string>, "0+ ignorable"> error_message{string{}};
};

}  // namespace barnabas::protocol
