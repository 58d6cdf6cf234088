#include "barnabas/client/cluster/versions.hpp"

#include <fmt/core.h>

#include "barnabas/protocol/api.hpp"
#include "barnabas/protocol/messages/fetch.hpp"
#include "barnabas/protocol/messages/find_coordinator.hpp"
#include "barnabas/protocol/messages/heartbeat.hpp"
#include "barnabas/protocol/messages/join_group.hpp"
#include "barnabas/protocol/messages/list_offsets.hpp"
#include "barnabas/protocol/messages/metadata.hpp"
#include "barnabas/protocol/messages/offset_commit.hpp"
#include "barnabas/protocol/messages/offset_fetch.hpp"
#include "barnabas/protocol/messages/offset_for_leader_epoch.hpp"
#include "barnabas/protocol/messages/produce.hpp"
#include "barnabas/protocol/messages/sync_group.hpp"

namespace barnabas::client {
namespace {

template <class Request>
void append(std::string& text, const VersionTable& table) {
  constexpr auto versions = protocol::versions_of<Request>();
  const auto key = static_cast<protocol::ApiKey>(Request::api.key);
  const std::int16_t picked = table.pick(static_cast<std::int16_t>(key), versions.min, versions.max);
  if (!text.empty()) text += ", ";
  text += protocol::name(key);
  text += picked < 0 ? " none" : fmt::format(" {}", picked);
}

}  // namespace

std::string picked_versions(const VersionTable& table) {
  std::string text;
  append<protocol::ProduceRequest>(text, table);
  append<protocol::FetchRequest>(text, table);
  append<protocol::ListOffsetsRequest>(text, table);
  append<protocol::MetadataRequest>(text, table);
  append<protocol::OffsetCommitRequest>(text, table);
  append<protocol::OffsetFetchRequest>(text, table);
  append<protocol::FindCoordinatorRequest>(text, table);
  append<protocol::JoinGroupRequest>(text, table);
  append<protocol::SyncGroupRequest>(text, table);
  append<protocol::HeartbeatRequest>(text, table);
  append<protocol::OffsetForLeaderEpochRequest>(text, table);
  return text;
}

}  // namespace barnabas::client
