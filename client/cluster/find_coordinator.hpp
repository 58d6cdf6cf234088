// FindCoordinator in all its versions: one key in, one broker out.
#pragma once

#include <cstdint>
#include <string>

#include "barnabas/client/runtime/dialer.hpp"
#include "barnabas/protocol/arena.hpp"
#include "barnabas/protocol/messages/find_coordinator.hpp"

namespace barnabas::client {

/// `key_type` as the protocol numbers it: 0 group, 1 transactional id, 2 share group. The request points to `key` and
/// into `arena`.
protocol::FindCoordinatorRequest make_find_coordinator(std::int8_t key_type, const std::string& key,
                                                       std::int16_t version, protocol::Arena& arena);

struct FoundCoordinator {
  std::int32_t node_id = -1;
  runtime::Endpoint endpoint;
};

/// Throws Error: Kafka's code, or an answer that names nobody who can be reached (retriable). `attempted` and `peer`
/// are for its text.
FoundCoordinator read_find_coordinator(const protocol::FindCoordinatorResponse& response, std::int16_t version,
                                       const std::string& attempted, const std::string& peer);

}  // namespace barnabas::client
