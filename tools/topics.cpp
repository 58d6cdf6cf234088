// barnabas topics: list, describe, create, delete.
#include <fmt/core.h>
#include <fmt/ranges.h>

#include "barnabas/client/admin/topics.hpp"
#include "barnabas/handlers/json_text.hpp"
#include "barnabas/tools/command.hpp"
#include "barnabas/tools/session.hpp"

namespace barnabas::tools {
namespace {

struct TopicsFlags {
  ConnectFlags connect;
  std::vector<std::string> names;
  int partitions = -1;
  int replication = -1;
  std::vector<std::string> configs;
  bool json = false;
  bool internal = false;
};

using Descriptions = std::vector<client::TopicDescription>;

void print_json(const Descriptions& topics) {
  for (const auto& topic : topics) {
    fmt::print("{{\"topic\":{},\"id\":\"{}\",\"internal\":{},\"error\":{},\"partitions\":[",
               handlers::json_string(topic.name), topic.id.to_string(), topic.internal,
               topic.error == protocol::ErrorCode::none ? std::string("null")
                                                        : handlers::json_string(protocol::error_name(topic.error)));
    const char* comma = "";
    for (const auto& p : topic.partitions) {
      fmt::print("{}{{\"partition\":{},\"leader\":{},\"leader_epoch\":{},\"replicas\":[{}],\"isr\":[{}]}}", comma,
                 p.index, p.leader, p.leader_epoch, fmt::join(p.replicas, ","), fmt::join(p.in_sync, ","));
      comma = ",";
    }
    fmt::print("]}}\n");
  }
}

void print_details(const Descriptions& topics) {
  for (const auto& topic : topics) {
    fmt::print("{}  partitions {}  id {}{}\n", topic.name, topic.partitions.size(),
               topic.id.is_zero() ? "-" : topic.id.to_string(), topic.internal ? "  internal" : "");
    for (const auto& p : topic.partitions) {
      fmt::print("  {:>5}  leader {:>3}  epoch {:>3}  replicas {}  isr {}\n", p.index, p.leader, p.leader_epoch,
                 fmt::join(p.replicas, ","), fmt::join(p.in_sync, ","));
    }
  }
}

int report_missing(const Descriptions& topics) {
  int code = exit_ok;
  for (const auto& topic : topics) {
    if (topic.error == protocol::ErrorCode::none) continue;
    code = report(broker_error(topic.error, "describe topic " + topic.name, ""));
  }
  return code;
}

asio::awaitable<int> list(Session& session, const TopicsFlags& flags) {
  const auto deadline = session.deadline();
  const std::vector<std::string> all;
  Descriptions topics = co_await client::describe_topics(session.client, all, deadline);
  if (!flags.internal) std::erase_if(topics, [](const auto& topic) { return topic.internal; });
  if (flags.json) {
    print_json(topics);
  } else {
    for (const auto& topic : topics) fmt::print("{}\n", topic.name);
  }
  co_return exit_ok;
}

asio::awaitable<int> describe(Session& session, const TopicsFlags& flags) {
  const auto deadline = session.deadline();
  Descriptions topics = co_await client::describe_topics(session.client, flags.names, deadline);
  const int code = report_missing(topics);
  std::erase_if(topics, [](const auto& topic) { return topic.error != protocol::ErrorCode::none; });
  flags.json ? print_json(topics) : print_details(topics);
  co_return code;
}

asio::awaitable<int> create(Session& session, const TopicsFlags& flags) {
  for (const std::string& name : flags.names) {
    client::NewTopic topic;
    topic.name = name;
    topic.partitions = flags.partitions;
    topic.replication_factor = static_cast<std::int16_t>(flags.replication);
    for (const std::string& pair : flags.configs) {
      const auto equals = pair.find('=');
      if (equals == pair.npos) throw Error(Error::Stage::config, "take --config " + pair, "", "write name=value");
      topic.configs.emplace_back(pair.substr(0, equals), pair.substr(equals + 1));
    }
    const auto deadline = session.deadline();
    co_await client::create_topic(session.client, topic, deadline);
    if (!flags.connect.quiet) fmt::print("created {}\n", name);
  }
  co_return exit_ok;
}

asio::awaitable<int> remove(Session& session, const TopicsFlags& flags) {
  for (const std::string& name : flags.names) {
    const auto deadline = session.deadline();
    co_await client::delete_topic(session.client, name, deadline);
    if (!flags.connect.quiet) fmt::print("deleted {}\n", name);
  }
  co_return exit_ok;
}

using Action = asio::awaitable<int> (*)(Session&, const TopicsFlags&);

CLI::App* add_action(CLI::App& parent, const char* name, const char* sentence, std::shared_ptr<TopicsFlags> flags,
                     int& exit_code, Action action) {
  auto* command = parent.add_subcommand(name, sentence);
  flags->connect.add_to(*command);
  command->callback([flags, &exit_code, action] {
    exit_code = run_session(flags->connect, [flags, action](Session& s) { return action(s, *flags); });
  });
  return command;
}

}  // namespace

void add_topics(CLI::App& app, int& exit_code) {
  auto* topics = app.add_subcommand("topics", "List, describe, create and delete topics");
  topics->require_subcommand(1);
  auto flags = std::make_shared<TopicsFlags>();
  auto* listing = add_action(*topics, "list", "Names of all topics", flags, exit_code, list);
  listing->add_flag("--json", flags->json, "One JSON object a line");
  listing->add_flag("--internal", flags->internal, "Kafka's own topics as well");
  auto* describing = add_action(*topics, "describe", "Partitions, leaders and replicas", flags, exit_code, describe);
  describing->add_option("topics", flags->names, "Topics; all without any");
  describing->add_flag("--json", flags->json, "One JSON object a line");
  auto* creating = add_action(*topics, "create", "Create topics", flags, exit_code, create);
  creating->add_option("topics", flags->names, "Names")->required();
  creating->add_option("--partitions", flags->partitions, "Partitions; the broker's default without")
      ->check(CLI::Range(1, max_partition));
  creating->add_option("--replication-factor", flags->replication, "Replicas; the broker's default without")
      ->check(CLI::Range(1, 0x7fff));
  creating->add_option("--config", flags->configs, "name=value, for example retention.ms=60000; may be repeated")
      ->allow_extra_args(false);
  auto* deleting = add_action(*topics, "delete", "Delete topics", flags, exit_code, remove);
  deleting->add_option("topics", flags->names, "Names")->required();
}

}  // namespace barnabas::tools
