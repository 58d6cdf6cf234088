// Works on records side by side and acknowledges each when it is finished, in whatever order that is: what is committed
// is the lowest unfinished offset, so nothing is lost. Until SIGINT or SIGTERM:
//   group_with_acks localhost:9092 my-group my-topic
// pkg-config: barnabas-group
#include <cstdio>

#include "barnabas/client/runtime/asio_runtime.hpp"
#include "barnabas/client/runtime/tasks.hpp"
#include "barnabas/group/consumer.hpp"

using namespace barnabas;

/// Pretends to work on it: every third record takes long. The acker may outlive the turn, the view may not.
asio::awaitable<void> work_on(client::Client& client, records::OwnedRecord record, group::Acker acker) {
  const auto effort = std::chrono::milliseconds(record.offset() % 3 == 0 ? 50 : 1);
  co_await runtime::sleep_for(client.runtime().clock(), effort);
  std::printf("finished %lld\n", static_cast<long long>(record.offset()));
  acker.done(record.offset(), record.offset() + 1);
}

/// Waits until what is under way is finished, commits it and leaves the group; next() then returns false.
asio::awaitable<void> close_at_signal(client::Client& client, group::Consumer& consumer) {
  co_await client.runtime().signals().next();
  const auto deadline = client.deadline_in_ms(5'000);
  co_await consumer.close(deadline);
}

asio::awaitable<void> consume(client::Client& client, group::Consumer& consumer, std::string topic) {
  runtime::TaskGroup tasks(client.runtime());
  tasks.spawn("close at a signal", close_at_signal(client, consumer));
  const auto patience = client.deadline_in_ms(10'000);
  co_await client.connect(patience);
  group::Turn turn;
  records::RecordView record;
  consumer.subscribe({topic});
  while (co_await consumer.next(turn)) {
    std::int64_t next = turn.first_offset();
    for (; turn.next(record); next = record.offset + 1) {
      turn.acker().done(next, record.offset);  // offsets without a record are finished, too
      tasks.spawn("work", work_on(client, record.own(), turn.acker()));
    }
    turn.acker().done(next, turn.end_offset());
  }
  co_await tasks.join();
  const auto deadline = client.deadline_in_ms(5'000);
  co_await client.close(deadline);
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
  client::EventStream events;
  client::Client client(runtime, cluster, events);
  group::Consumer consumer(client, options);
  runtime.run(consume(client, consumer, argv[3]));
} catch (const std::exception& error) {
  return std::fprintf(stderr, "%s\n", error.what()), 1;
}
