#include "barnabas/client/fetch/epoch_check.hpp"

#include <map>

#include "barnabas/client/cluster/connection.hpp"
#include "barnabas/protocol/messages/offset_for_leader_epoch.hpp"

namespace barnabas::client {
namespace {

using Request = protocol::OffsetForLeaderEpochRequest;

// Older versions are the brokers' among themselves, and want the rights of one.
constexpr std::int16_t first_version_for_consumers = 3;

void write_queries(Request& request, const std::vector<EpochQuery>& queries, protocol::Arena& arena) {
  std::map<std::string_view, std::vector<const EpochQuery*>> groups;
  for (const EpochQuery& query : queries) groups[query.partition.topic].push_back(&query);
  auto topics = arena.make_list<Request::Topic>(groups.size());
  std::size_t t = 0;
  for (const auto& [name, members] : groups) {
    topics[t].topic = protocol::string(name);
    auto partitions = arena.make_list<Request::Partition>(members.size());
    for (std::size_t p = 0; p < members.size(); ++p) {
      partitions[p].partition = members[p]->partition.partition;
      partitions[p].current_leader_epoch = members[p]->current_leader_epoch;
      partitions[p].leader_epoch = members[p]->leader_epoch;
    }
    topics[t++].partitions = partitions;
  }
  request.topics = topics;
}

}  // namespace

asio::awaitable<void> end_of_epochs(Client& client, std::int32_t node_id, std::vector<EpochQuery>& queries,
                                    runtime::TimePoint deadline) {
  protocol::Arena arena;
  Request request;
  request.replica_id = -1;
  write_queries(request, queries, arena);
  RequestRef ref = RequestRef::of(request);
  ref.version_min = first_version_for_consumers;
  const Target target = Target::node(node_id);
  Reply reply = co_await client.exchange(ref, target, deadline);
  const auto response =
      protocol::decode<protocol::OffsetForLeaderEpochResponse>(reply.body, reply.version, arena, protocol::lenient);
  if (!response) {
    throw Error(Error::Stage::protocol, "decode the OffsetForLeaderEpoch response", reply.peer,
                response.error().text());
  }
  std::map<std::pair<std::string_view, std::int32_t>, EpochQuery*> asked;
  for (EpochQuery& query : queries) {
    query.error = protocol::ErrorCode::unknown_server_error;
    asked[{query.partition.topic, query.partition.partition}] = &query;
  }
  for (const auto& topic : response->topics) {
    for (const auto& partition : topic.partitions) {
      const auto found = asked.find({*topic.topic, *partition.partition});
      if (found == asked.end()) continue;
      found->second->error = static_cast<protocol::ErrorCode>(*partition.error_code);
      found->second->end_epoch = partition.leader_epoch;
      found->second->end_offset = partition.end_offset;
    }
  }
}

}  // namespace barnabas::client
