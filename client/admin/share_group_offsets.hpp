// The offsets of share groups, which have requests of their own (KIP-932). Behind group_offsets.hpp.
#pragma once

#include "barnabas/client/admin/group_offsets.hpp"

namespace barnabas::client {

asio::awaitable<std::vector<GroupOffset>> fetch_share_group_offsets(Client& client, const std::string& group,
                                                                    runtime::TimePoint deadline);
/// `offsets` are sorted, as are `partitions` below.
asio::awaitable<std::vector<RefusedPartition>> alter_share_group_offsets(Client& client, const std::string& group,
                                                                         const std::vector<GroupOffset>& offsets,
                                                                         runtime::TimePoint deadline);
asio::awaitable<std::vector<RefusedPartition>> delete_share_group_offsets(Client& client, const std::string& group,
                                                                          const std::vector<TopicPartition>& partitions,
                                                                          runtime::TimePoint deadline);

}  // namespace barnabas::client
