#include "barnabas/client/fetch/reset.hpp"

#include <map>

#include "barnabas/client/cluster/connection.hpp"
#include "barnabas/protocol/messages/list_offsets.hpp"

namespace barnabas::client {
namespace {

using Request = protocol::ListOffsetsRequest;

void write_queries(Request& request, const Metadata& metadata, const std::vector<OffsetQuery>& queries,
                   protocol::Arena& arena) {
  std::map<std::string_view, std::vector<const OffsetQuery*>> groups;
  for (const OffsetQuery& query : queries) groups[query.partition.topic].push_back(&query);
  auto topics = arena.make_list<Request::Topic>(groups.size());
  std::size_t t = 0;
  for (const auto& [name, members] : groups) {
    topics[t].name = protocol::string(name);
    auto partitions = arena.make_list<Request::Partition>(members.size());
    for (std::size_t p = 0; p < members.size(); ++p) {
      const PartitionInfo* info = metadata.partition(members[p]->partition.topic, members[p]->partition.partition);
      partitions[p].partition_index = members[p]->partition.partition;
      partitions[p].current_leader_epoch = info ? info->leader_epoch : -1;
      partitions[p].timestamp = members[p]->timestamp;
    }
    topics[t++].partitions = partitions;
  }
  request.topics = topics;
}

}  // namespace

asio::awaitable<void> list_offsets(Client& client, std::int32_t node_id, std::vector<OffsetQuery>& queries,
                                   Isolation isolation, runtime::TimePoint deadline) {
  protocol::Arena arena;
  Request request;
  request.replica_id = -1;
  write_queries(request, client.metadata(), queries, arena);
  const Target target = Target::node(node_id);
  auto connection = co_await client.connection(target, deadline);
  const RequestRef ref = RequestRef::of(request);
  // Brokers before 0.11 know no transactions, and no field to ask about them.
  if (connection->pick_version(ref) >= 2) request.isolation_level = static_cast<std::int8_t>(isolation);
  auto response = co_await client.call(request, target, deadline);
  std::map<std::pair<std::string_view, std::int32_t>, OffsetQuery*> asked;
  for (OffsetQuery& query : queries) {
    query.error = protocol::ErrorCode::unknown_server_error;
    asked[{query.partition.topic, query.partition.partition}] = &query;
  }
  for (const auto& topic : response->topics) {
    for (const auto& partition : topic.partitions) {
      const auto found = asked.find({*topic.name, *partition.partition_index});
      if (found == asked.end()) continue;
      OffsetQuery& query = *found->second;
      query.error = static_cast<protocol::ErrorCode>(*partition.error_code);
      const auto& old = partition.old_style_offsets;
      const protocol::Offset first_of_old = old.empty() ? protocol::Offset{-1} : old[0];
      query.offset = response.version == 0 ? first_of_old : *partition.offset;
      query.leader_epoch = partition.leader_epoch;
    }
  }
}

}  // namespace barnabas::client
