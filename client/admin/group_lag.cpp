#include "barnabas/client/admin/group_lag.hpp"

#include <map>

#include "barnabas/client/admin/group_offsets.hpp"
#include "barnabas/client/admin/log_offsets.hpp"

namespace barnabas::client {
namespace {

using protocol::ErrorCode;

using Lags = std::map<TopicPartition, PartitionLag>;

void take_offsets(Lags& lags, const std::vector<GroupOffset>& offsets) {
  for (const GroupOffset& offset : offsets) {
    PartitionLag& lag = lags[offset.partition];
    lag.offset = offset.offset;
    lag.metadata = offset.metadata;
    if (offset.lag >= 0) lag.lag = offset.lag;
    lag.error = offset.error;
    if (offset.error != ErrorCode::none) lag.problem = protocol::error_name(offset.error);
  }
}

/// Members of a share group read the same partitions: there, nobody has one.
void take_members(Lags& lags, const GroupDescription& group) {
  for (std::size_t i = 0; i < group.members.size(); ++i) {
    for (const TopicPartition& partition : group.members[i].assigned) {
      PartitionLag& lag = lags[partition];
      if (group.type != GroupType::share) lag.member = i;
    }
  }
}

void take_end(PartitionLag& lag, const LogOffset& end) {
  lag.log_end = end.offset;
  if (!end.problem.empty()) {
    lag.error = end.error;
    lag.problem = end.problem;
  } else if (!lag.lag && lag.offset >= 0) {
    lag.lag = end.offset - lag.offset;
  }
}

}  // namespace

asio::awaitable<std::vector<PartitionLag>> find_group_lag(Client& client, const GroupDescription& group,
                                                          runtime::TimePoint deadline) {
  Lags lags;
  std::string id = group.id;
  const auto offsets = co_await fetch_group_offsets(client, std::move(id), group.type, deadline);
  take_offsets(lags, offsets);
  take_members(lags, group);
  std::vector<TopicPartition> partitions;
  for (const auto& [partition, lag] : lags) partitions.push_back(partition);
  const LogOffsets ends = co_await find_log_offsets(client, std::move(partitions), -1, deadline);
  std::vector<PartitionLag> all;
  for (auto& [partition, lag] : lags) {
    lag.partition = partition;
    take_end(lag, ends.at(partition));
    all.push_back(std::move(lag));
  }
  co_return all;
}

}  // namespace barnabas::client
