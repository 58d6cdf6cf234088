// Tables of the messages that move records and find their way to them.
#include "barnabas/protocol/messages/api_versions.hpp"
#include "barnabas/protocol/messages/fetch.hpp"
#include "barnabas/protocol/messages/metadata.hpp"
#include "barnabas/protocol/reflect.hpp"

namespace barnabas::protocol {

template const MessageInfo& message_info<FetchRequest>();
template const MessageInfo& message_info<FetchResponse>();
template const MessageInfo& message_info<MetadataRequest>();
template const MessageInfo& message_info<MetadataResponse>();
template const MessageInfo& message_info<ApiVersionsRequest>();
template const MessageInfo& message_info<ApiVersionsResponse>();

}  // namespace barnabas::protocol
