// Tables of the messages of groups and their offsets.
#include "barnabas/protocol/messages/consumer_protocol.hpp"
#include "barnabas/protocol/messages/find_coordinator.hpp"
#include "barnabas/protocol/messages/heartbeat.hpp"
#include "barnabas/protocol/messages/join_group.hpp"
#include "barnabas/protocol/messages/leave_group.hpp"
#include "barnabas/protocol/messages/offset_commit.hpp"
#include "barnabas/protocol/messages/offset_fetch.hpp"
#include "barnabas/protocol/messages/sync_group.hpp"
#include "barnabas/protocol/reflect.hpp"

namespace barnabas::protocol {

template const MessageInfo& message_info<OffsetCommitRequest>();
template const MessageInfo& message_info<OffsetCommitResponse>();
template const MessageInfo& message_info<OffsetFetchRequest>();
template const MessageInfo& message_info<OffsetFetchResponse>();
template const MessageInfo& message_info<FindCoordinatorRequest>();
template const MessageInfo& message_info<FindCoordinatorResponse>();
template const MessageInfo& message_info<JoinGroupRequest>();
template const MessageInfo& message_info<JoinGroupResponse>();
template const MessageInfo& message_info<HeartbeatRequest>();
template const MessageInfo& message_info<HeartbeatResponse>();
template const MessageInfo& message_info<LeaveGroupRequest>();
template const MessageInfo& message_info<LeaveGroupResponse>();
template const MessageInfo& message_info<SyncGroupRequest>();
template const MessageInfo& message_info<SyncGroupResponse>();
template const MessageInfo& message_info<ConsumerProtocolSubscription>();
template const MessageInfo& message_info<ConsumerProtocolAssignment>();

}  // namespace barnabas::protocol
