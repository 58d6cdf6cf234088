// A worker of a queue (KIP-932): any number of these share the records of a topic; each record is accepted, given back
// for somebody to try again, or rejected after three attempts. Until SIGINT or SIGTERM:
//   share_group localhost:9092 my-workers my-topic
// pkg-config: barnabas-group
#include <cstdio>

#include "barnabas/client/runtime/asio_runtime.hpp"
#include "barnabas/client/runtime/tasks.hpp"
#include "barnabas/group/consumer.hpp"

using namespace barnabas;

/// Pretends to fail at values that begin with "bad".
bool work_on(const records::RecordView& record) {
  return !std::string_view(record.value.data(), record.value.size()).starts_with("bad");
}

void finish(const group::Turn& turn, std::int64_t first, const records::RecordView& record) {
  const bool done = work_on(record);
  const bool tried_enough = turn.delivery_count() >= 3;
  std::printf("%lld %s\n", static_cast<long long>(record.offset),
              done           ? "accepted"
              : tried_enough ? "rejected"
                             : "released");
  const std::int64_t next = record.offset + 1;
  if (done) return turn.acker().done(first, next);
  tried_enough ? turn.acker().reject(first, next) : turn.acker().release(first, next);
}

/// Lets what is under way finish, gives the rest back and leaves the group; next() then returns false.
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
  consumer.subscribe({topic});
  group::Turn turn;
  records::RecordView record;
  while (co_await consumer.next(turn)) {
    std::int64_t next = turn.first_offset();  // offsets without a record go with the record behind them
    for (; turn.next(record); next = record.offset + 1) finish(turn, next, record);
    turn.acker().done(next, turn.end_offset());
    std::fflush(stdout);
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
  options.group.type = group::GroupType::share;
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
