// Tables of the messages that administer a cluster.
#include "barnabas/protocol/messages/create_topics.hpp"
#include "barnabas/protocol/messages/delete_topics.hpp"
#include "barnabas/protocol/reflect.hpp"

namespace barnabas::protocol {

template const MessageInfo& message_info<CreateTopicsRequest>();
template const MessageInfo& message_info<CreateTopicsResponse>();
template const MessageInfo& message_info<DeleteTopicsRequest>();
template const MessageInfo& message_info<DeleteTopicsResponse>();

}  // namespace barnabas::protocol
