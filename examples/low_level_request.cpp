// Any message of Kafka to any broker: asks each broker for its groups, the controller for the cluster, and the leader
// of a partition for its end. Every message reads like the protocol guide:
//   low_level_request localhost:9092 my-topic
// pkg-config: barnabas-client
#include <cstdio>

#include "barnabas/client/client.hpp"
#include "barnabas/client/runtime/asio_runtime.hpp"
#include "barnabas/protocol/messages/api_versions.hpp"
#include "barnabas/protocol/messages/list_offsets.hpp"
#include "barnabas/protocol/messages/metadata.hpp"

using namespace barnabas;

asio::awaitable<void> ask(client::Client& client, std::string topic) {
  const auto deadline = client.deadline_in_ms(10'000);
  co_await client.connect(deadline);

  const protocol::ApiVersionsRequest versions;
  for (const auto& [node_id, broker] : client.metadata().brokers()) {
    const auto served = co_await client.call(versions, client::Target::node(node_id), deadline);
    std::printf("broker %d serves %d APIs\n", node_id, static_cast<int>(served->api_keys->size()));
  }

  protocol::MetadataRequest everything;
  everything.topics = std::nullopt;
  const auto cluster = co_await client.call(everything, client::Target::controller(), deadline);
  for (const auto& known : *cluster->topics) std::printf("topic %s\n", std::string(**known.name).c_str());

  protocol::Arena arena;  // what a request points to lives here
  protocol::ListOffsetsRequest offsets;
  offsets.replica_id = -1;  // a consumer, no broker
  offsets.topics = arena.make_list<protocol::ListOffsetsRequest::Topic>(1);
  auto& asked = *offsets.topics->begin();
  asked.name = topic;
  asked.partitions = arena.make_list<protocol::ListOffsetsRequest::Partition>(1);
  asked.partitions->begin()->timestamp = -1;  // the end
  const client::TopicPartition partition(topic, 0);
  const client::Target leader = co_await client.leader(partition, deadline);
  const auto ends = co_await client.call(offsets, leader, deadline);
  std::printf("%s ends at %lld\n", partition.text().c_str(),
              static_cast<long long>(*(*(*ends->topics)[0].partitions)[0].offset));
  co_await client.close(deadline);
}

int main(int argc, char** argv) try {
  if (argc != 3) return std::fprintf(stderr, "usage: %s HOST:PORT TOPIC\n", argv[0]), 2;
  client::ClientOptions options;
  options.bootstrap_servers = client::parse_endpoints(argv[1]);
  runtime::AsioRuntime runtime;
  client::EventStream events;
  client::Client client(runtime, options, events);
  runtime.run(ask(client, argv[2]));
  return 0;
} catch (const std::exception& error) {
  return std::fprintf(stderr, "%s\n", error.what()), 1;
}
