#include "barnabas/client/cluster/find_coordinator.hpp"

#include <fmt/core.h>

#include "barnabas/client/error.hpp"

namespace barnabas::client {
namespace {

constexpr std::int16_t first_version_with_key_type = 1;
constexpr std::int16_t first_version_with_keys = 4;

/// The two forms of the answer have fields of the same names.
template <class Fields>
FoundCoordinator read(const Fields& fields, const std::string& attempted, const std::string& peer) {
  const auto code = static_cast<protocol::ErrorCode>(*fields.error_code);
  if (code != protocol::ErrorCode::none) {
    throw broker_error(code, attempted, peer, fields.error_message ? std::string(**fields.error_message) : "");
  }
  const std::int32_t port = fields.port;
  const std::string host(*fields.host);
  if (fields.node_id < 0 || host.empty() || port <= 0 || port > 65535) {
    Error wrong(Error::Stage::protocol, attempted, peer,
                fmt::format("it names node {} at {}:{}", *fields.node_id, host, port));
    throw wrong.retriable(true);
  }
  FoundCoordinator found;
  found.node_id = fields.node_id;
  found.endpoint = runtime::Endpoint(host, static_cast<std::uint16_t>(port));
  return found;
}

}  // namespace

protocol::FindCoordinatorRequest make_find_coordinator(std::int8_t key_type, const std::string& key,
                                                       std::int16_t version, protocol::Arena& arena) {
  protocol::FindCoordinatorRequest request;
  if (version >= first_version_with_key_type) request.key_type = key_type;
  if (version < first_version_with_keys) {
    request.key = protocol::string(key);
    return request;
  }
  auto keys = arena.make_list<protocol::string>(1);
  keys[0] = key;
  request.coordinator_keys = keys;
  return request;
}

FoundCoordinator read_find_coordinator(const protocol::FindCoordinatorResponse& response, std::int16_t version,
                                       const std::string& attempted, const std::string& peer) {
  if (version < first_version_with_keys) return read(response, attempted, peer);
  if (response.coordinators.empty()) {
    throw Error(Error::Stage::protocol, attempted, peer, "the answer names no coordinator").retriable(true);
  }
  return read(response.coordinators[0], attempted, peer);
}

}  // namespace barnabas::client
