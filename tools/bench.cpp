// barnabas bench: reads records and prints one line that other clients' benchmarks print as well.
#include <fmt/core.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <vector>

#include "barnabas/client/fetch/fetcher.hpp"
#include "barnabas/client/runtime/tasks.hpp"
#include "barnabas/group/consumer.hpp"
#include "barnabas/tools/command.hpp"
#include "barnabas/tools/session.hpp"
#include "barnabas/tools/statistics_lines.hpp"
#include "barnabas/tools/topic_positions.hpp"

namespace barnabas::tools {
namespace {

// Latencies of the first records are left out: the source may have been writing while this connected.
constexpr std::uint64_t unmeasured_records = 100;

struct BenchFlags {
  ConnectFlags connect;
  std::string topic;
  std::uint64_t count = 0;
  std::int64_t pause_ms = 0;
};

struct Usage {
  double wall_s, cpu_s, rss_mb;
};

/// Not ru_maxrss: that one begins with what the parent had before exec.
double resident_mb() {
  std::ifstream status("/proc/self/status");
  double kib = 0;
  for (std::string line; std::getline(status, line);) {
    if (std::sscanf(line.c_str(), "VmHWM: %lf", &kib) == 1) break;
  }
  return kib / 1024;
}

Usage usage() {
  rusage self{};
  getrusage(RUSAGE_SELF, &self);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now().time_since_epoch();
  return {wall.count(), seconds(self.ru_utime) + seconds(self.ru_stime), resident_mb()};
}

/// Throws before there is a consumer to close.
asio::awaitable<std::vector<client::TopicPartition>> partitions_of(Session& session, std::string topic) {
  const auto deadline = session.deadline();
  const std::vector<int> all;
  co_return co_await topic_partitions(session.client, std::move(topic), all, deadline);
}

asio::awaitable<int> consume(Session& session, const BenchFlags& flags) {
  const Usage before = usage();
  const auto partitions = co_await partitions_of(session, flags.topic);
  group::Consumer consumer(session.client, session.consumer);
  const StatisticsLines statistics(session.client, consumer);
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
    if (flags.pause_ms > 0) {
      const auto until = session.client.deadline_in_ms(flags.pause_ms);
      co_await runtime::sleep_until(session.runtime.clock(), until);
    }
    turn.acker().done(turn.first_offset(), turn.end_offset());
  }
  const Usage after = usage();
  fmt::print("records={} bytes={} wall_s={:.3f} cpu_s={:.3f} rss_mb={:.1f}\n", records, bytes,
             after.wall_s - before.wall_s, after.cpu_s, after.rss_mb);
  std::fflush(stdout);
  const auto deadline = session.client.deadline_in_ms(2'000);
  co_await consumer.close(deadline);
  co_return exit_ok;
}

/// How old a record is whose value is the time at which it was written, in nanoseconds since 1970; negative when it is
/// something else.
double age_us(const records::RecordView& record) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto written = parse_number(std::string_view(record.value.data(), record.value.size()));
  return written ? static_cast<double>(std::chrono::nanoseconds(now).count() - *written) / 1e3 : -1;
}

asio::awaitable<int> latency(Session& session, const BenchFlags& flags) {
  const auto partitions = co_await partitions_of(session, flags.topic);
  group::Consumer consumer(session.client, session.consumer);
  const StatisticsLines statistics(session.client, consumer);
  for (const auto& partition : partitions) consumer.assign(partition, client::StartPosition::latest());
  session.long_work_begins();
  std::vector<double> ages_us;
  bool readable = true;
  for (std::uint64_t seen = 0; ages_us.size() < flags.count && readable;) {
    group::Turn turn;
    if (!co_await consumer.next(turn)) break;
    records::RecordView record;
    while (turn.next(record)) {
      const double age = age_us(record);
      readable = readable && age >= 0;
      if (++seen > unmeasured_records) ages_us.push_back(age);
    }
    turn.acker().done(turn.first_offset(), turn.end_offset());
  }
  std::ranges::sort(ages_us);
  const auto deadline = session.client.deadline_in_ms(2'000);
  co_await consumer.close(deadline);
  if (!readable) {
    throw Error(Error::Stage::config, "measure latency", "", "the value of a record is not the time of its writing");
  }
  if (ages_us.empty()) co_return exit_failed;
  fmt::print("p50_us={:.1f} p99_us={:.1f} max_us={:.1f}\n", ages_us[ages_us.size() / 2],
             ages_us[ages_us.size() * 99 / 100], ages_us.back());
  co_return exit_ok;
}

void add_work(CLI::App& bench, const char* name, const char* description, int& exit_code,
              asio::awaitable<int> (*work)(Session&, const BenchFlags&)) {
  auto* command = bench.add_subcommand(name, description);
  auto flags = std::make_shared<BenchFlags>();
  flags->connect.add_to(*command);
  command->add_option("-t,--topic", flags->topic, "Topic; all of its partitions are read")->required();
  command->add_option("-c,--count", flags->count, "Records after which to stop")->required();
  if (work == &consume) command->add_option("--pause-ms", flags->pause_ms, "Pause after each turn, as a slow handler");
  command->callback([flags, work, &exit_code] {
    group::ConsumerOptions options;
    options.group.commit = false;
    exit_code = run_session(flags->connect, [flags, work](Session& s) { return work(s, *flags); }, options);
  });
}

}  // namespace

void add_bench(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("bench", "Measure: CPU, wall time and memory of an engine at work");
  command->require_subcommand(1);
  add_work(*command, "consume",
           "Read records of a topic from its beginning and print records=N bytes=B wall_s=… cpu_s=… rss_mb=…",
           exit_code, &consume);
  add_work(*command, "latency",
           "Read from the end of a topic records whose values are nanoseconds since 1970, and print how old they were",
           exit_code, &latency);
}

}  // namespace barnabas::tools
