// A consumer in plain calls that wait: prints a topic as a member of a group until nothing came for a while:
//   consumer_without_coroutines localhost:9092 my-group my-topic [MILLISECONDS]
// pkg-config: barnabas-group
#include <cstdio>
#include <cstdlib>

#include "barnabas/group/blocking.hpp"

using namespace barnabas;

int main(int argc, char** argv) try {
  if (argc < 4) return std::fprintf(stderr, "usage: %s HOST:PORT GROUP TOPIC [MILLISECONDS]\n", argv[0]), 2;
  client::ClientOptions cluster;
  cluster.bootstrap_servers = client::parse_endpoints(argv[1]);
  group::ConsumerOptions options;
  options.group.group_id = argv[2];
  options.fetch.offset_reset = client::OffsetReset::earliest;
  const std::chrono::milliseconds patience(argc > 4 ? std::atoi(argv[4]) : 10'000);

  group::BlockingConsumer consumer(cluster, options);
  consumer.subscribe({argv[3]});
  for (;;) {
    const group::PolledBatch batch = consumer.poll(patience);
    if (batch.empty()) break;
    for (const records::OwnedRecord& owned : batch.records()) {
      const records::RecordView record = owned.view();
      std::printf("%.*s\n", static_cast<int>(record.value.size()), record.value.data());
    }
    consumer.done(batch);  // not before: what is committed will not come again
  }
  consumer.close(std::chrono::seconds(5));
  return 0;
} catch (const std::exception& error) {
  return std::fprintf(stderr, "%s\n", error.what()), 1;
}
