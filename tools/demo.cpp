// barnabas demo: the main job in one process, on real sockets: a cluster, a producer, the engine, an HTTP endpoint that
// fails for a while, and at the end the proof that nothing was lost.
#include <fmt/core.h>

#include <charconv>
#include <functional>
#include <mutex>

#include "barnabas/client/produce/producer.hpp"
#include "barnabas/client/runtime/asio_runtime.hpp"
#include "barnabas/client/runtime/tasks.hpp"
#include "barnabas/fixtures/broker/broker.hpp"
#include "barnabas/fixtures/http/sink.hpp"
#include "barnabas/tools/command.hpp"
#include "barnabas/tools/interrupt.hpp"
#include "barnabas/tools/progress.hpp"
#include "barnabas/tools/session.hpp"
#include "barnabas/tools/source.hpp"
#include "barnabas/tools/terminal.hpp"

namespace barnabas::tools {
namespace {

constexpr const char* topic = "orders";
constexpr int partitions = 4;
constexpr int nodes = 3;
constexpr std::int64_t ticks_max = 150;  // of 100 ms: with what closing may take, the demo ends within 20 s

struct DemoFlags {
  bool keep = false;
  bool json = false;
  bool quiet = false;
  bool verbose = false;
  int records = 200'000;
  int port = 0;
};

/// What arrived at the endpoint: values are "PARTITION:NUMBER:…", numbers count up from 0 in each partition.
class Ledger {
 public:
  void take(std::string_view value) {
    const std::lock_guard lock(mutex_);
    int partition = -1;
    std::int64_t number = -1;
    const char* const end = value.data() + value.size();
    const char* const colon = std::from_chars(value.data(), end, partition).ptr;
    if (colon != end) std::from_chars(colon + 1, end, number);
    if (partition < 0 || partition >= partitions || number < 0) return;
    std::int64_t& next = next_[partition];
    if (number < next) {
      ++duplicates_;
    } else if (number == next) {
      ++next;
      ++arrived_;
    } else {
      ++out_of_order_;  // something before it has not arrived yet
    }
  }
  std::uint64_t arrived() const { return locked(arrived_); }
  std::uint64_t duplicates() const { return locked(duplicates_); }
  std::uint64_t out_of_order() const { return locked(out_of_order_); }

 private:
  std::uint64_t locked(const std::uint64_t& value) const {
    const std::lock_guard lock(mutex_);
    return value;
  }
  mutable std::mutex mutex_;
  std::int64_t next_[partitions] = {};
  std::uint64_t arrived_ = 0, duplicates_ = 0, out_of_order_ = 0;
};

RunConfig demo_config(const std::string& brokers, const std::string& endpoint) {
  RunConfig config;
  handlers::HandlerOptions remote;
  remote.name = "endpoint";
  remote.type = handlers::HandlerType::remote;
  remote.remote.endpoint = endpoint;
  remote.remote.send_message_count = 500;
  remote.remote.flush_interval_ms = 500;
  remote.remote.retry_backoff_max_ms = 500;
  config.handlers.push_back(remote);
  SourceConfig source;
  source.name = "demo";
  source.client.bootstrap_servers = client::parse_endpoints(brokers);
  source.consumer.group.group_id = "demo";
  source.consumer.group.heartbeat_interval_ms = 1'000;
  source.consumer.fetch.offset_reset = client::OffsetReset::earliest;
  source.routes.push_back({topic, "endpoint"});
  config.sources.push_back(source);
  return config;
}

class Demo {
 public:
  Demo(runtime::AsioRuntime& runtime, const DemoFlags& flags)
      : runtime_(runtime),
        flags_(flags),
        began_(runtime.clock().now()),
        sink_([this](std::string_view, std::string_view value) { ledger_.take(value); }),
        progress_(choose_progress_style(flags.json, flags.quiet)),
        printer_(flags.verbose ? client::Severity::debug : client::Severity::error),
        tasks_(runtime),
        stop_(runtime.clock()) {
    printer_.set_progress(&progress_);
  }

  asio::awaitable<int> run() {
    fixtures::broker::BrokerOptions options(nodes, static_cast<std::uint16_t>(flags_.port));
    fixtures::broker::Broker cluster(runtime_, options);
    if (auto started = cluster.start(); !started) {
      print_error_line(fmt::format("barnabas: could not start the embedded broker: {}", started.error()));
      co_return exit_failed;
    }
    cluster.create_topic(topic, partitions, nodes);
    if (sink_.start(0) == 0) {
      print_error_line("barnabas: could not start the HTTP endpoint: no free port");
      co_await cluster.stop();
      co_return exit_failed;
    }
    say("embedded Kafka cluster of {} nodes at {}", nodes, cluster.bootstrap_servers());
    say("topic {} with {} partitions; HTTP endpoint at {}", topic, partitions, sink_.url());

    const RunConfig config = demo_config(cluster.bootstrap_servers(), sink_.url());
    Source source(runtime_, printer_, config, config.sources.front());
    on_interrupt_ = [this] {
      interrupted_ = true;
      stop_.set();
    };
    tasks_.spawn("signals", watch_interrupts(runtime_, on_interrupt_));
    tasks_.spawn("source", run_source(source));
    tasks_.spawn("produce", produce(cluster.bootstrap_servers()));
    co_await follow(cluster, source);
    co_await settle(cluster);

    const auto deadline = runtime_.clock().now() + std::chrono::seconds(5);
    co_await source.close(deadline);
    runtime_.signals().stop();
    co_await tasks_.join();
    const int code = summary(cluster);
    co_await cluster.stop();
    sink_.stop();
    co_return code;
  }

 private:
  template <class... Args>
  void say(fmt::format_string<Args...> format, Args&&... args) {
    if (flags_.quiet || flags_.json) return;
    progress_.hide();
    const std::chrono::duration<double> since = runtime_.clock().now() - began_;
    print_error_line(fmt::format("{:5.1f} s  {}", since.count(), fmt::format(format, std::forward<Args>(args)...)));
  }

  asio::awaitable<void> run_source(Source& source) {
    auto failure = co_await source.run();
    if (failure) report(*failure);
  }

  asio::awaitable<void> produce(std::string brokers) {
    client::ClientOptions options;
    options.bootstrap_servers = client::parse_endpoints(brokers);
    client::Client client(runtime_, options, printer_);
    const auto deadline = client.deadline_in_ms(5'000);
    co_await client.connect(deadline);
    client::ProduceOptions produce_options;
    produce_options.codec = records::Codec::lz4;
    client::Producer producer(client, produce_options);
    const std::string padding(80, '.');
    std::string value;
    for (int i = 0; i < flags_.records && !interrupted_; ++i) {
      const int partition = i % partitions;
      value = fmt::format("{}:{}:{}", partition, i / partitions, padding);
      co_await producer.send(topic, partition, std::nullopt, value);
      // Spread over some seconds, so that the faults fall into the middle of the work.
      if (i % 2'000 == 1'999) {
        const auto pause = std::chrono::milliseconds(70);
        co_await runtime::sleep_for(runtime_.clock(), pause);
      }
    }
    const auto end = client.deadline_in_ms(10'000);
    co_await producer.close(end);
    written_ = producer.records_written();
    co_await client.close(end);
    produced_all_ = true;
    say("produced {} numbered records", written_);
  }

  /// Shows progress, makes things fail, and ends when everything has arrived.
  asio::awaitable<void> follow(fixtures::broker::Broker& cluster, Source& source) {
    std::int64_t ticks = 0;
    while (!interrupted_) {
      const auto next = runtime_.clock().now() + std::chrono::milliseconds(100);
      co_await stop_.wait_until(next);
      if (!first_said_ && ledger_.arrived() > 0) {
        first_said_ = true;
        say("first records delivered");
      }
      switch (++ticks) {
        case 15:
          sink_.answer(503);
          say("the endpoint answers 503: delivery stops, nothing is committed beyond what arrived");
          break;
        case 35:
          sink_.answer(200);
          say("the endpoint is back: delivery goes on where it stopped");
          break;
        case 45: {
          const auto leader = cluster.leader(topic, 0);
          cluster.stop_node(leader);
          say("broker {} killed: its partitions move, the consumer follows", leader);
          killed_ = leader;
          break;
        }
        case 60:
          if (cluster.start_node(killed_)) say("broker {} is back", killed_);
          break;
      }
      if (ticks % 3 == 0) progress_.show(source.metrics(), source.partitions(), runtime_.clock().now());
      const bool complete = produced_all_ && ledger_.arrived() >= written_ && ticks > 60;
      if (complete && flags_.keep && !told_kept_) {
        told_kept_ = true;
        say("everything has arrived; the cluster stays at {} until Ctrl-C", cluster.bootstrap_servers());
      }
      const bool give_up = ticks > ticks_max;
      if (!flags_.keep && (complete || give_up)) break;
    }
  }

  /// Waits for the commits of what has arrived.
  asio::awaitable<void> settle(fixtures::broker::Broker& cluster) {
    for (int i = 0; i < 20 && committed(cluster) < static_cast<std::int64_t>(written_); ++i) {
      const auto pause = std::chrono::milliseconds(100);
      co_await runtime::sleep_for(runtime_.clock(), pause);
    }
  }

  std::int64_t committed(fixtures::broker::Broker& cluster) const {
    std::int64_t sum = 0;
    for (int p = 0; p < partitions; ++p) sum += std::max<std::int64_t>(0, cluster.committed("demo", topic, p));
    return sum;
  }

  int summary(fixtures::broker::Broker& cluster) {
    progress_.hide();
    const auto arrived = ledger_.arrived();
    const std::int64_t missing = static_cast<std::int64_t>(written_) - static_cast<std::int64_t>(arrived);
    const bool good = missing == 0 && ledger_.out_of_order() == 0 && produced_all_;
    if (flags_.json) {
      fmt::print(
          "{{\"produced\":{},\"delivered\":{},\"missing\":{},\"duplicates\":{},\"out_of_order\":{},\"committed\":{},"
          "\"requests\":{},\"refused\":{}}}\n",
          written_, arrived, missing, ledger_.duplicates(), ledger_.out_of_order(), committed(cluster),
          sink_.requests(), sink_.refused());
    } else {
      fmt::print(
          "\nproduced      {:>9}\ndelivered     {:>9}\nmissing       {:>9}\nduplicates    {:>9}\nout of order  {:>9}\n"
          "committed     {:>9}\nHTTP requests {:>9}  of which answered with 503: {}\n\n{}\n",
          written_, arrived, missing, ledger_.duplicates(), ledger_.out_of_order(), committed(cluster),
          sink_.requests(), sink_.refused(),
          good           ? "Nothing was lost."
          : interrupted_ ? "Interrupted."
                         : "SOMETHING IS WRONG.");
    }
    return good ? exit_ok : interrupted_ ? exit_interrupted : exit_data;
  }

  runtime::AsioRuntime& runtime_;
  const DemoFlags& flags_;
  runtime::TimePoint began_;
  Ledger ledger_;
  fixtures::HttpSink sink_;
  Progress progress_;
  EventPrinter printer_;
  runtime::TaskGroup tasks_;
  runtime::Wakeup stop_;
  std::function<void()> on_interrupt_;
  std::uint64_t written_ = 0;
  std::int32_t killed_ = -1;
  bool produced_all_ = false, interrupted_ = false, first_said_ = false, told_kept_ = false;
};

asio::awaitable<void> run_demo(runtime::AsioRuntime& runtime, const DemoFlags& flags, int& exit_code) {
  Demo demo(runtime, flags);
  exit_code = co_await demo.run();
}

}  // namespace

void add_demo(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
      "demo", "The main job in one process: a cluster, an endpoint that fails, a broker that dies, and nothing lost");
  auto flags = std::make_shared<DemoFlags>();
  command->add_flag("--keep", flags->keep, "Go on until SIGINT");
  command->add_flag("--json", flags->json, "Summary and progress as JSON");
  command->add_flag("-q,--quiet", flags->quiet, "Only the summary");
  command->add_flag("-v,--verbose", flags->verbose, "All events");
  command->add_option("--records", flags->records, "How many records")
      ->check(CLI::Range(1000, 10'000'000))
      ->capture_default_str();
  command->add_option("--port", flags->port, "Port of the first broker; 0 takes free ones")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  command->callback([flags, &exit_code] {
    runtime::AsioOptions options;
    options.handle_signals = true;
    runtime::AsioRuntime runtime(options);
    runtime.run(run_demo(runtime, *flags, exit_code));
  });
}

}  // namespace barnabas::tools
