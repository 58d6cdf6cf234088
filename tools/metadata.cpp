// barnabas metadata: who is in the cluster and who leads what, as kcat -L tells it.
#include <fmt/core.h>
#include <fmt/ranges.h>

#include "barnabas/client/admin/topics.hpp"
#include "barnabas/handlers/json_text.hpp"
#include "barnabas/tools/command.hpp"
#include "barnabas/tools/session.hpp"

namespace barnabas::tools {
namespace {

struct MetadataFlags {
  ConnectFlags connect;
  std::vector<std::string> topics;
  bool json = false;
};

using Descriptions = std::vector<client::TopicDescription>;

std::string error_json(protocol::ErrorCode code) {
  return code == protocol::ErrorCode::none ? std::string("null") : handlers::json_string(protocol::error_name(code));
}

std::string note(protocol::ErrorCode code) {
  return code == protocol::ErrorCode::none ? std::string() : fmt::format(", {}", protocol::error_name(code));
}

void print_text(const client::Metadata& cluster, const Descriptions& topics) {
  fmt::print("cluster {}\n", cluster.cluster_id().empty() ? "(has no id)" : cluster.cluster_id());
  fmt::print("{} brokers\n", cluster.brokers().size());
  for (const auto& [node_id, broker] : cluster.brokers()) {
    fmt::print("  broker {} at {}{}{}\n", node_id, broker.endpoint.text(),
               broker.rack.empty() ? "" : " rack " + broker.rack,
               node_id == cluster.controller_id() ? " (controller)" : "");
  }
  fmt::print("{} topics\n", topics.size());
  for (const auto& topic : topics) {
    fmt::print("  topic {} with {} partitions{}\n", topic.name, topic.partitions.size(), note(topic.error));
    for (const auto& p : topic.partitions) {
      fmt::print("    partition {}, leader {}, replicas {}, isr {}{}\n", p.index, p.leader, fmt::join(p.replicas, ","),
                 fmt::join(p.in_sync, ","), note(p.error));
    }
  }
}

void print_json(const client::Metadata& cluster, const Descriptions& topics) {
  fmt::print("{{\"cluster_id\":{},\"controller_id\":{},\"brokers\":[", handlers::json_string(cluster.cluster_id()),
             cluster.controller_id());
  const char* comma = "";
  for (const auto& [node_id, broker] : cluster.brokers()) {
    fmt::print("{}{{\"node_id\":{},\"host\":{},\"port\":{},\"rack\":{}}}", comma, node_id,
               handlers::json_string(broker.endpoint.host), broker.endpoint.port,
               broker.rack.empty() ? std::string("null") : handlers::json_string(broker.rack));
    comma = ",";
  }
  fmt::print("],\"topics\":[");
  comma = "";
  for (const auto& topic : topics) {
    fmt::print("{}{{\"topic\":{},\"error\":{},\"partitions\":[", comma, handlers::json_string(topic.name),
               error_json(topic.error));
    const char* inner = "";
    for (const auto& p : topic.partitions) {
      fmt::print("{}{{\"partition\":{},\"leader\":{},\"replicas\":[{}],\"isr\":[{}],\"error\":{}}}", inner, p.index,
                 p.leader, fmt::join(p.replicas, ","), fmt::join(p.in_sync, ","), error_json(p.error));
      inner = ",";
    }
    fmt::print("]}}");
    comma = ",";
  }
  fmt::print("]}}\n");
}

asio::awaitable<int> show(Session& session, const MetadataFlags& flags) {
  const auto deadline = session.deadline();
  const Descriptions topics = co_await client::describe_topics(session.client, flags.topics, deadline);
  flags.json ? print_json(session.client.metadata(), topics) : print_text(session.client.metadata(), topics);
  const bool missing = std::ranges::any_of(
      topics, [](const client::TopicDescription& topic) { return topic.error != protocol::ErrorCode::none; });
  co_return missing && !flags.topics.empty() ? exit_failed : exit_ok;
}

}  // namespace

void add_metadata(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("metadata", "Brokers, topics, leaders and replicas");
  auto flags = std::make_shared<MetadataFlags>();
  flags->connect.add_to(*command);
  command->add_option("-t,--topic,topics", flags->topics, "Only these topics")->allow_extra_args(false);
  command->add_flag("-J,--json", flags->json, "One JSON object");
  command->add_flag("-L")->group("");  // kcat's letter for this command: its command lines work as they are
  command->callback([flags, &exit_code] {
    exit_code = run_session(flags->connect, [flags](Session& session) { return show(session, *flags); });
  });
}

}  // namespace barnabas::tools
