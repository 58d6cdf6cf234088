// Calls a plain function for each record, and says which partitions come and go, until SIGINT or SIGTERM:
//   consumer_with_callbacks localhost:9092 my-group my-topic
// pkg-config: barnabas-group
#include <cstdio>

#include "barnabas/client/runtime/asio_runtime.hpp"
#include "barnabas/client/runtime/tasks.hpp"
#include "barnabas/group/consumer.hpp"

using namespace barnabas;

void print_record(const std::string& partition, const records::RecordView& record) {
  std::printf("%s %.*s\n", partition.c_str(), static_cast<int>(record.value.size()), record.value.data());
}

/// One coroutine a partition: a slow one does not hold up the others.
class EachRecord final : public group::AssignmentListener {
 public:
  explicit EachRecord(runtime::Runtime& runtime) : tasks(runtime) {}
  void on_assigned(std::shared_ptr<group::TurnSource> source) override {
    std::fprintf(stderr, "+ %s\n", source->partition().text().c_str());
    tasks.spawn("partition", serve(source));
  }
  void on_revoked(group::TurnSource& source, runtime::TimePoint) override {
    std::fprintf(stderr, "- %s\n", source.partition().text().c_str());  // and serve() ends: next() returns false
  }
  asio::awaitable<void> serve(std::shared_ptr<group::TurnSource> source) {
    group::Turn turn;
    records::RecordView record;
    while (co_await source->next(turn)) {
      while (turn.next(record)) print_record(source->partition().text(), record);
      turn.acker().done(turn.first_offset(), turn.end_offset());
    }
  }
  runtime::TaskGroup tasks;
};

asio::awaitable<void> consume(runtime::Runtime& runtime, char** arguments) {
  client::ClientOptions cluster;
  cluster.bootstrap_servers = client::parse_endpoints(arguments[1]);
  group::ConsumerOptions options;
  options.group.group_id = arguments[2];
  options.fetch.offset_reset = client::OffsetReset::earliest;
  client::EventStream events;
  client::Client client(runtime, cluster, events);
  group::Consumer consumer(client, options);
  EachRecord each_record(runtime);
  const auto patience = client.deadline_in_ms(10'000);
  co_await client.connect(patience);
  consumer.listen(&each_record);
  consumer.subscribe({arguments[3]});
  co_await runtime.signals().next();
  const auto deadline = client.deadline_in_ms(5'000);
  co_await consumer.close(deadline);
  co_await each_record.tasks.join();
  co_await client.close(deadline);
}

int main(int argc, char** argv) try {
  if (argc != 4) return std::fprintf(stderr, "usage: %s HOST:PORT GROUP TOPIC\n", argv[0]), 2;
  runtime::AsioOptions with_signals;
  with_signals.handle_signals = true;
  runtime::AsioRuntime runtime(with_signals);
  runtime.run(consume(runtime, argv));
} catch (const std::exception& error) {
  return std::fprintf(stderr, "%s\n", error.what()), 1;
}
