// barnabas bench: reads records as fast as it can and prints one line that other clients' benchmarks print as well.
#include <fmt/core.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>

#include "barnabas/client/fetch/fetcher.hpp"
#include "barnabas/group/consumer.hpp"
#include "barnabas/tools/command.hpp"
#include "barnabas/tools/session.hpp"
#include "barnabas/tools/topic_positions.hpp"

namespace barnabas::tools {
namespace {

struct BenchFlags {
  ConnectFlags connect;
  std::string topic;
  std::uint64_t count = 0;
};

struct Usage {
  double wall_s, cpu_s, rss_mb;
};

Usage usage() {
  rusage self{};
  getrusage(RUSAGE_SELF, &self);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now().time_since_epoch();
  return {wall.count(), seconds(self.ru_utime) + seconds(self.ru_stime), static_cast<double>(self.ru_maxrss) / 1024};
}

asio::awaitable<int> bench(Session& session, const BenchFlags& flags) {
  const Usage before = usage();
  const auto find_deadline = session.deadline();
  const std::vector<int> all;
  const auto partitions = co_await topic_partitions(session.client, flags.topic, all, find_deadline);
  group::Consumer consumer(session.client, session.consumer);
  for (const auto& partition : partitions) consumer.assign(partition, client::StartPosition::earliest());
  session.long_work_begins();
  std::uint64_t records = 0, bytes = 0;
  while (records < flags.count) {
    group::Turn turn;
    if (!co_await consumer.next(turn)) break;
    records::RecordView record;
    while (turn.next(record)) {
      ++records;
      bytes += record.value.size();
    }
    turn.acker().done(turn.first_offset(), turn.end_offset());
  }
  const Usage after = usage();
  const auto deadline = session.client.deadline_in_ms(2'000);
  co_await consumer.close(deadline);
  fmt::print("records={} bytes={} wall_s={:.3f} cpu_s={:.3f} rss_mb={:.1f}\n", records, bytes,
             after.wall_s - before.wall_s, after.cpu_s - before.cpu_s, after.rss_mb);
  co_return exit_ok;
}

}  // namespace

void add_bench(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("bench", "Measure: CPU, wall time and memory of an engine at work");
  command->require_subcommand(1);
  auto* consume = command->add_subcommand(
      "consume", "Read records of a topic from its beginning and print records=N bytes=B wall_s=… cpu_s=… rss_mb=…");
  auto flags = std::make_shared<BenchFlags>();
  flags->connect.add_to(*consume);
  consume->add_option("-t,--topic", flags->topic, "Topic; all of its partitions are read")->required();
  consume->add_option("-c,--count", flags->count, "Records after which to stop")->required();
  consume->callback([flags, &exit_code] {
    group::ConsumerOptions options;
    options.group.commit = false;
    exit_code = run_session(flags->connect, [flags](Session& session) { return bench(session, *flags); }, options);
  });
}

}  // namespace barnabas::tools
