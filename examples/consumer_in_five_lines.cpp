// Prints a topic as a member of a consumer group, and commits what was printed, until SIGINT or SIGTERM:
//   consumer_in_five_lines localhost:9092 my-group my-topic
// pkg-config: barnabas-group
#include <cstdio>

#include "barnabas/client/runtime/asio_runtime.hpp"
#include "barnabas/client/runtime/tasks.hpp"
#include "barnabas/group/consumer.hpp"

using namespace barnabas;

asio::awaitable<void> print_topic(client::Client& client, group::Consumer& consumer, std::string topic) {
  const auto patience = client.deadline_in_ms(10'000);
  co_await client.connect(patience);
  group::Turn turn;
  records::RecordView record;

  consumer.subscribe({topic});
  while (co_await consumer.next(turn)) {
    while (turn.next(record)) std::printf("%.*s\n", static_cast<int>(record.value.size()), record.value.data());
    turn.acker().done(turn.first_offset(), turn.end_offset());
  }

  if (consumer.error()) throw Error(*consumer.error());
  const auto deadline = client.deadline_in_ms(5'000);
  co_await consumer.close(deadline);
  co_await client.close(deadline);
}

/// Commits what was printed and leaves the group; next() then returns false.
asio::awaitable<void> close_at_signal(client::Client& client, group::Consumer& consumer) {
  co_await client.runtime().signals().next();
  const auto deadline = client.deadline_in_ms(5'000);
  co_await consumer.close(deadline);
}

int main(int argc, char** argv) try {
  if (argc != 4) return std::fprintf(stderr, "usage: %s HOST:PORT GROUP TOPIC\n", argv[0]), 2;
  client::ClientOptions cluster;
  cluster.bootstrap_servers = client::parse_endpoints(argv[1]);
  group::ConsumerOptions options;
  options.group.group_id = argv[2];
  options.fetch.offset_reset = client::OffsetReset::earliest;
  runtime::AsioOptions surroundings;
  surroundings.handle_signals = true;

  runtime::AsioRuntime runtime(surroundings);
  client::EventStream events;  // readers of state changes would be added here
  client::Client client(runtime, cluster, events);
  group::Consumer consumer(client, options);
  runtime::TaskGroup tasks(runtime);
  tasks.spawn("close at a signal", close_at_signal(client, consumer));
  runtime.run(print_topic(client, consumer, argv[3]));
  return 0;
} catch (const std::exception& error) {
  return std::fprintf(stderr, "%s\n", error.what()), 1;
}
