// What an error code in a coordinator's answer asks a group member to do.
#pragma once

#include <cstdint>

#include "barnabas/client/error.hpp"

namespace barnabas::group {

enum class Verdict : std::uint8_t {
  ok,
  retry,             ///< the same again after a pause
  find_coordinator,  ///< another broker is the coordinator by now
  rejoin,            ///< a rebalance has begun
  new_generation,    ///< the generation is over; the member id may still be known
  new_member,        ///< the coordinator does not know this member: join as a new one
  take_member_id,    ///< join again at once with the id in the answer (KIP-394)
  refused,           ///< these partitions only, and waiting does not help
  fatal,             ///< waiting does not help: the consumer stops
};

inline Verdict judge(protocol::ErrorCode code) {
  using enum protocol::ErrorCode;
  switch (code) {
    case none: return Verdict::ok;
    case coordinator_not_available:
    case not_coordinator: return Verdict::find_coordinator;
    case rebalance_in_progress: return Verdict::rejoin;
    case illegal_generation:
    case fenced_member_epoch: return Verdict::new_generation;
    case unknown_member_id: return Verdict::new_member;
    case member_id_required: return Verdict::take_member_id;
    case topic_authorization_failed:
    case offset_metadata_too_large:
    case invalid_commit_offset_size: return Verdict::refused;
    case fenced_instance_id:
    case group_authorization_failed:
    case invalid_group_id:
    case inconsistent_group_protocol:
    case unsupported_assignor:
    case invalid_regular_expression:
    case invalid_session_timeout: return Verdict::fatal;
    default: return Verdict::retry;  // STALE_MEMBER_EPOCH too: the next heartbeat's answer brings the newer one
  }
}

/// Whether no amount of waiting helps. Everything else is tried for ever, visibly.
inline bool hopeless(const Error& error) {
  return error.stage() == Error::Stage::config || judge(error.code()) == Verdict::fatal;
}

/// Whether the other side could not be reached or fell silent, so that a coordinator kept from before may be the wrong
/// one.
inline bool unreachable(const Error& error) {
  using enum Error::Stage;
  const auto stage = error.stage();
  return stage == resolve || stage == connect || stage == tls || stage == auth || stage == timeout || stage == closed;
}

}  // namespace barnabas::group
