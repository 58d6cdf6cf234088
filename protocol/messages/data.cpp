// Tables of the messages that move records and find their way to them.
#include "barnabas/protocol/messages/api_versions.hpp"
#include "barnabas/protocol/messages/fetch.hpp"
#include "barnabas/protocol/messages/init_producer_id.hpp"
#include "barnabas/protocol/messages/list_offsets.hpp"
#include "barnabas/protocol/messages/metadata.hpp"
#include "barnabas/protocol/messages/offset_for_leader_epoch.hpp"
#include "barnabas/protocol/messages/produce.hpp"
#include "barnabas/protocol/reflect.hpp"

namespace barnabas::protocol {

template const MessageInfo& message_info<ProduceRequest>();
template const MessageInfo& message_info<ProduceResponse>();
template const MessageInfo& message_info<FetchRequest>();
template const MessageInfo& message_info<FetchResponse>();
template const MessageInfo& message_info<ListOffsetsRequest>();
template const MessageInfo& message_info<ListOffsetsResponse>();
template const MessageInfo& message_info<MetadataRequest>();
template const MessageInfo& message_info<MetadataResponse>();
template const MessageInfo& message_info<ApiVersionsRequest>();
template const MessageInfo& message_info<ApiVersionsResponse>();
template const MessageInfo& message_info<InitProducerIdRequest>();
template const MessageInfo& message_info<InitProducerIdResponse>();
template const MessageInfo& message_info<OffsetForLeaderEpochRequest>();
template const MessageInfo& message_info<OffsetForLeaderEpochResponse>();

}  // namespace barnabas::protocol
