// From what coordinators answer to GroupDescription, one function a protocol.
#pragma once

#include "barnabas/client/admin/groups.hpp"
#include "barnabas/protocol/messages/consumer_group_describe.hpp"
#include "barnabas/protocol/messages/describe_groups.hpp"
#include "barnabas/protocol/messages/share_group_describe.hpp"
#include "barnabas/protocol/messages/streams_group_describe.hpp"

namespace barnabas::client {

GroupDescription read_description(const protocol::DescribeGroupsResponse::Group& group);
GroupDescription read_description(const protocol::ConsumerGroupDescribeResponse::Group& group);
GroupDescription read_description(const protocol::ShareGroupDescribeResponse::Group& group);
/// Tasks are no partitions: the members of a streams group have nothing assigned here.
GroupDescription read_description(const protocol::StreamsGroupDescribeResponse::Group& group);

}  // namespace barnabas::client
