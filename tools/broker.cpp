// barnabas broker: the embedded cluster on real ports, for trying things out and for other people's tests.
#include <fmt/core.h>

#include <csignal>
#include <cstdio>

#include "barnabas/client/runtime/asio_runtime.hpp"
#include "barnabas/fixtures/broker/broker.hpp"
#include "barnabas/tools/command.hpp"

namespace barnabas::tools {
namespace {

struct BrokerFlags {
  int nodes = 1;
  int port = 9092;
  int partitions = 1;
  bool no_auto_create = false;
  std::vector<std::string> topics;  ///< NAME[:PARTITIONS]
  bool json = false;
};

asio::awaitable<void> serve(runtime::AsioRuntime& runtime, const BrokerFlags& flags, int& exit_code) {
  namespace broker = fixtures::broker;
  broker::BrokerOptions options(flags.nodes, static_cast<std::uint16_t>(flags.port));
  options.default_partitions = flags.partitions;
  options.auto_create_topics = !flags.no_auto_create;
  options.default_replication = flags.nodes < 3 ? flags.nodes : 3;
  broker::Broker cluster(runtime, options);
  if (auto started = cluster.start(); !started) {
    fmt::print(stderr, "barnabas: could not start the embedded broker: {}; choose another --port\n", started.error());
    exit_code = exit_failed;
    co_return;
  }
  for (const std::string& topic : flags.topics) {
    const auto colon = topic.rfind(':');
    const int partitions = colon == topic.npos ? flags.partitions : std::atoi(topic.c_str() + colon + 1);
    cluster.create_topic(topic.substr(0, colon), partitions < 1 ? 1 : partitions, options.default_replication);
  }
  if (flags.json) {
    fmt::print("{{\"bootstrap_servers\":\"{}\"}}\n", cluster.bootstrap_servers());
  } else {
    fmt::print("bootstrap={}\n", cluster.bootstrap_servers());
  }
  std::fflush(stdout);
  int signal = co_await runtime.signals().next();
  while (signal == SIGHUP) signal = co_await runtime.signals().next();
  co_await cluster.stop();
}

}  // namespace

void add_broker(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
      "broker", "An embedded Kafka cluster in this process, kept in memory, until SIGINT or SIGTERM; listens on 127.0.0.1");
  auto flags = std::make_shared<BrokerFlags>();
  command->add_option("-n,--nodes", flags->nodes, "Number of nodes")->check(CLI::Range(1, 64))->capture_default_str();
  command->add_option("-p,--port", flags->port, "Port of the first node, the others follow; 0 takes free ones")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  command->add_option("--partitions", flags->partitions, "Partitions of topics that create themselves")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  command->add_option("-t,--topic", flags->topics, "Topic to create at the start, NAME or NAME:PARTITIONS");
  command->add_flag("--no-auto-create", flags->no_auto_create, "Topics do not create themselves");
  command->add_flag("--json", flags->json, "Say the address as JSON");
  command->callback([flags, &exit_code] {
    runtime::AsioOptions options;
    options.handle_signals = true;
    runtime::AsioRuntime runtime(options);
    runtime.run(serve(runtime, *flags, exit_code));
  });
}

}  // namespace barnabas::tools
