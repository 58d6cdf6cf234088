#include "barnabas/client/admin/topics.hpp"

#include <algorithm>

#include "barnabas/client/cluster/connection.hpp"
#include "barnabas/protocol/messages/create_topics.hpp"
#include "barnabas/protocol/messages/delete_topics.hpp"
#include "barnabas/protocol/messages/metadata.hpp"

namespace barnabas::client {
namespace {

std::int32_t milliseconds_left(Client& client, runtime::TimePoint deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - client.now()).count();
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(left, 1, 60'000));
}

void check(protocol::ErrorCode code, std::string attempted, std::string with,
           const protocol::nullable<protocol::string>& message) {
  if (code != protocol::ErrorCode::none) {
    throw broker_error(code, std::move(attempted), std::move(with), message ? *message : protocol::string());
  }
}

void check_answered(bool answered, std::string attempted, std::string with) {
  if (answered) return;
  Error silent(Error::Stage::protocol, std::move(attempted), std::move(with), "the answer does not mention the topic");
  throw silent;
}

}  // namespace

asio::awaitable<void> create_topic(Client& client, const NewTopic& topic, runtime::TimePoint deadline) {
  protocol::Arena arena;
  protocol::CreateTopicsRequest request;
  auto topics = arena.make_list<protocol::CreateTopicsRequest::Topic>(1);
  topics[0].name = protocol::string(topic.name);
  topics[0].num_partitions = topic.partitions;
  topics[0].replication_factor = topic.replication_factor;
  auto configs = arena.make_list<protocol::CreateTopicsRequest::Config>(topic.configs.size());
  for (std::size_t i = 0; i < topic.configs.size(); ++i) {
    configs[i].name = protocol::string(topic.configs[i].first);
    configs[i].value = protocol::string(topic.configs[i].second);
  }
  topics[0].configs = configs;
  request.topics = topics;
  request.timeout_ms = milliseconds_left(client, deadline);
  const Target controller = Target::controller();
  auto response = co_await client.call(request, controller, deadline);
  for (const auto& result : response->topics) {
    check(static_cast<protocol::ErrorCode>(*result.error_code), "create topic " + topic.name,
          client.describe(response.node_id), *result.error_message);
  }
  check_answered(!response->topics.empty(), "create topic " + topic.name, client.describe(response.node_id));
}

asio::awaitable<void> delete_topic(Client& client, const std::string& name, runtime::TimePoint deadline) {
  protocol::Arena arena;
  protocol::DeleteTopicsRequest request;
  // Names stand in another field from version 6 on; each version leaves the other one out.
  auto states = arena.make_list<protocol::DeleteTopicsRequest::Topic>(1);
  states[0].name = protocol::string(name);
  auto names = arena.make_list<protocol::string>(1);
  names[0] = protocol::string(name);
  const std::int16_t version_with_states = 6;
  const std::int16_t version = client.version_for(client.metadata().controller_id(),
                                                  protocol::DeleteTopicsRequest::api.key, 0, version_with_states);
  if (version == version_with_states) {
    request.topics = states;
  } else {
    request.topic_names = names;
  }
  request.timeout_ms = milliseconds_left(client, deadline);
  const Target controller = Target::controller();
  const std::int16_t cap = version == version_with_states ? version_with_states : std::int16_t{5};
  auto response = co_await client.call(request, controller, deadline, cap);
  for (const auto& result : response->responses) {
    check(static_cast<protocol::ErrorCode>(*result.error_code), "delete topic " + name,
          client.describe(response.node_id), *result.error_message);
  }
  check_answered(!response->responses.empty(), "delete topic " + name, client.describe(response.node_id));
}

asio::awaitable<std::vector<TopicDescription>> describe_topics(Client& client, const std::vector<std::string>& names,
                                                               runtime::TimePoint deadline) {
  protocol::Arena arena;
  protocol::MetadataRequest request;
  if (!names.empty()) {
    auto topics = arena.make_list<protocol::MetadataRequest::Topic>(names.size());
    for (std::size_t i = 0; i < names.size(); ++i) topics[i].name = protocol::string(names[i]);
    request.topics = topics;
  }
  const Target any = Target::any();
  auto connection = co_await client.connection(any, deadline);
  const RequestRef ref = RequestRef::of(request);
  const std::int16_t version = connection->pick_version(ref);
  if (version >= 4) request.allow_auto_topic_creation = false;
  // An empty list asks for all topics in version 0 and for none later, where null asks for all.
  if (names.empty() && version >= 1) request.topics = std::nullopt;
  auto response = co_await client.call(request, any, deadline);
  std::vector<TopicDescription> found;
  for (const auto& topic : response->topics) {
    TopicDescription description;
    if (topic.name) description.name = std::string(**topic.name);
    description.id = topic.topic_id;
    description.internal = topic.is_internal;
    description.error = static_cast<protocol::ErrorCode>(*topic.error_code);
    for (const auto& p : topic.partitions) {
      TopicDescription::Partition partition;
      partition.index = p.partition_index;
      partition.leader = p.leader_id;
      partition.leader_epoch = p.leader_epoch;
      partition.replicas.assign(p.replica_nodes.begin(), p.replica_nodes.end());
      partition.in_sync.assign(p.isr_nodes.begin(), p.isr_nodes.end());
      partition.error = static_cast<protocol::ErrorCode>(*p.error_code);
      description.partitions.push_back(std::move(partition));
    }
    std::sort(description.partitions.begin(), description.partitions.end(),
              [](const auto& a, const auto& b) { return a.index < b.index; });
    found.push_back(std::move(description));
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  co_return found;
}

}  // namespace barnabas::client
