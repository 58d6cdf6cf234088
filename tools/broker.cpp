// barnabas broker: the embedded cluster on real ports, for trying things out and for other people's tests.
#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <stdexcept>

#include "barnabas/client/error.hpp"
#include "barnabas/client/runtime/asio_runtime.hpp"
#include "barnabas/fixtures/broker/broker.hpp"
#include "barnabas/tools/command.hpp"
#include "barnabas/tools/terminal.hpp"

namespace barnabas::tools {
namespace {

constexpr int partitions_max = 10'000;

struct BrokerFlags {
  int nodes = 1;
  int port = 9092;
  int partitions = 1;
  std::string advertised_host;
  bool no_auto_create = false;
  std::vector<std::string> topics;  ///< NAME[:PARTITIONS]
  bool json = false;
};

struct TopicText {
  std::string name;
  int partitions;
};

/// NAME or NAME:PARTITIONS. Throws Error(config).
TopicText parse_topic(const std::string& text, int default_partitions) {
  const auto colon = text.rfind(':');
  TopicText topic{text.substr(0, colon), default_partitions};
  const char* const end = text.data() + text.size();
  bool good = !topic.name.empty();
  if (colon != text.npos) {
    const auto read = std::from_chars(text.data() + colon + 1, end, topic.partitions);
    good = good && read.ec == std::errc() && read.ptr == end && topic.partitions >= 1 &&
           topic.partitions <= partitions_max;
  }
  if (good) return topic;
  throw Error(Error::Stage::config, "take --topic " + text, "",
              fmt::format("write NAME or NAME:PARTITIONS with 1 to {} partitions", partitions_max));
}

fixtures::broker::BrokerOptions broker_options(const BrokerFlags& flags) {
  fixtures::broker::BrokerOptions options(flags.nodes, static_cast<std::uint16_t>(flags.port));
  if (flags.port > 0 && flags.port + flags.nodes - 1 > 0xffff) {
    throw Error(Error::Stage::config, fmt::format("take --port {} for {} nodes", flags.port, flags.nodes), "",
                "the last ones would be beyond 65535");
  }
  options.default_partitions = flags.partitions;
  options.auto_create_topics = !flags.no_auto_create;
  options.default_replication = std::min(flags.nodes, 3);
  options.advertised_host = flags.advertised_host;
  return options;
}

asio::awaitable<void> serve(runtime::AsioRuntime& runtime, const BrokerFlags& flags, int& exit_code) {
  const auto options = broker_options(flags);
  fixtures::broker::Broker cluster(runtime, options);
  if (auto started = cluster.start(); !started) {
    print_error_line(
        fmt::format("barnabas: could not start the embedded broker: {}; choose another --port", started.error()));
    exit_code = exit_failed;
    co_return;
  }
  for (const std::string& text : flags.topics) {
    const TopicText topic = parse_topic(text, flags.partitions);
    try {
      cluster.create_topic(topic.name, topic.partitions, options.default_replication);
    } catch (const std::invalid_argument& refused) {
      throw Error(Error::Stage::config, "take --topic " + text, "", refused.what());
    }
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
      "broker",
      "An embedded Kafka cluster in this process, kept in memory, until SIGINT or SIGTERM; listens on 127.0.0.1");
  auto flags = std::make_shared<BrokerFlags>();
  command->add_option("-n,--nodes", flags->nodes, "Number of nodes")->check(CLI::Range(1, 64))->capture_default_str();
  command->add_option("-p,--port", flags->port, "Port of the first node, the others follow; 0 takes free ones")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  command->add_option("--partitions", flags->partitions, "Partitions of topics that create themselves")
      ->check(CLI::Range(1, partitions_max))
      ->capture_default_str();
  command
      ->add_option("-t,--topic", flags->topics,
                   "Topic to create at the start, NAME or NAME:PARTITIONS; may be repeated")
      ->allow_extra_args(false);
  command->add_option("--advertised-host", flags->advertised_host,
                      "Host that clients are told to use, instead of 127.0.0.1");
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
