#include "barnabas/protocol/messages/registry.hpp"

#include <cstring>
#include <vector>

#include "barnabas/protocol/messages/api_versions.hpp"
#include "barnabas/protocol/messages/consumer_protocol.hpp"
#include "barnabas/protocol/messages/create_topics.hpp"
#include "barnabas/protocol/messages/delete_topics.hpp"
#include "barnabas/protocol/messages/fetch.hpp"
#include "barnabas/protocol/messages/find_coordinator.hpp"
#include "barnabas/protocol/messages/heartbeat.hpp"
#include "barnabas/protocol/messages/init_producer_id.hpp"
#include "barnabas/protocol/messages/join_group.hpp"
#include "barnabas/protocol/messages/leave_group.hpp"
#include "barnabas/protocol/messages/list_offsets.hpp"
#include "barnabas/protocol/messages/metadata.hpp"
#include "barnabas/protocol/messages/offset_commit.hpp"
#include "barnabas/protocol/messages/offset_fetch.hpp"
#include "barnabas/protocol/messages/offset_for_leader_epoch.hpp"
#include "barnabas/protocol/messages/produce.hpp"
#include "barnabas/protocol/messages/sync_group.hpp"

namespace barnabas::protocol {

namespace {

template <class... Requests>
void add_apis(std::vector<const MessageInfo*>& to) {
  (to.insert(to.end(), {&message_info<Requests>(), &message_info<typename Requests::Response>()}), ...);
}

std::vector<const MessageInfo*> list_messages() {
  std::vector<const MessageInfo*> all;
  add_apis<ProduceRequest, FetchRequest, ListOffsetsRequest, MetadataRequest, OffsetCommitRequest, OffsetFetchRequest,
           FindCoordinatorRequest, JoinGroupRequest, HeartbeatRequest, LeaveGroupRequest, SyncGroupRequest,
           ApiVersionsRequest, CreateTopicsRequest, DeleteTopicsRequest, InitProducerIdRequest,
           OffsetForLeaderEpochRequest>(all);
  all.insert(all.end(), {&message_info<ConsumerProtocolSubscription>(), &message_info<ConsumerProtocolAssignment>()});
  return all;
}

}  // namespace

std::span<const MessageInfo* const> all_messages() {
  static const std::vector<const MessageInfo*> all = list_messages();
  return all;
}

const MessageInfo* find_message(int16 api_key, MessageKind kind) {
  for (const MessageInfo* info : all_messages()) {
    if (info->kind != MessageKind::data && info->kind == kind && info->api.key == api_key) return info;
  }
  return nullptr;
}

const MessageInfo* find_message(string name) {
  for (const MessageInfo* info : all_messages()) {
    if (info->name == name) return info;
  }
  return nullptr;
}

void* new_message(const MessageInfo& info, Arena& arena) {
  void* const room = arena.allocate(info.root->size, alignof(std::max_align_t));
  return std::memcpy(room, info.root->defaults, info.root->size);
}

}  // namespace barnabas::protocol
