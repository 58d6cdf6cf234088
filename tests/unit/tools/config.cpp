// The native form: what is read, and where problems are said to be.
#include "barnabas/tools/config/config.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "barnabas/tests/unit/tools/golden.hpp"

namespace {

using namespace barnabas;

/// All problems of a text, one a line.
std::string problems_of(std::string_view text) {
  const auto config = tools::read_config("run.toml", text);
  std::string all;
  if (!config) {
    for (const auto& problem : config.error()) all += problem.text() + "\n";
  }
  return all;
}

tools::RunConfig read(std::string_view text) {
  auto config = tools::read_config("run.toml", text);
  REQUIRE_MESSAGE(config.has_value(), (config ? "" : config.error()[0].text()));
  return *config;
}

constexpr std::string_view full = R"(
[[source]]
name = "eu"
brokers = ["kafka1:9092", "kafka2"]
group = "telemetry"
topics = ["logs", "spans"]
auto.offset.reset = "earliest"
"session.timeout.ms" = 10000
fetch.max.bytes = 1048576
fetch.max.wait.ms = 100

[[source]]
bootstrap.servers = "us:9092"
group.id = "telemetry"
topics = ["logs"]

[[route]]
topics = ["logs"]
handler = "backend"

[[route]]
source = "eu"
topics = ["spans"]
handler = "screen"

[handler.backend]
type = "remote"
endpoint = "http://backend:8080/in"
send_message_count = 1000
thread = 4
ordering = "key"
on_rejected = "drop"

[handler.screen]
type = "stdout"
format = "json"

[run]
shutdown_timeout_ms = 5000
)";

constexpr std::string_view small = R"([[source]]
brokers = ["k:9092"]
group = "g"
topics = ["t"]
[handler.h]
type = "null"
)";

std::string with(std::string_view extra) { return std::string(small) + std::string(extra); }

}  // namespace

TEST_CASE("config: sources, options by any of their names, routes and handlers") {
  const auto config = read(full);
  REQUIRE(config.sources.size() == 2);
  const auto& eu = config.sources[0];
  CHECK(eu.name == "eu");
  CHECK(eu.client.bootstrap_servers.size() == 2);
  CHECK(eu.client.bootstrap_servers[1].port == 9092);
  CHECK(eu.consumer.group.group_id == "telemetry");
  CHECK(eu.consumer.group.session_timeout_ms == 10'000);
  CHECK(eu.consumer.fetch.offset_reset == client::OffsetReset::earliest);
  CHECK(eu.consumer.fetch.max_bytes == 1'048'576);
  CHECK(eu.consumer.fetch.max_wait_ms == 100);
  REQUIRE(eu.routes.size() == 2);
  CHECK(eu.routes[0].topic == "logs");
  CHECK(eu.routes[0].handler == "backend");
  CHECK(eu.routes[1].handler == "screen");
  CHECK(config.sources[1].name == "source2");
  CHECK(config.sources[1].client.bootstrap_servers[0].host == "us");
  CHECK(config.sources[1].consumer.fetch.offset_reset == client::OffsetReset::latest);

  const auto* backend = config.find_handler("backend");
  REQUIRE(backend);
  CHECK(backend->type == handlers::HandlerType::remote);
  CHECK(backend->remote.endpoint == "http://backend:8080/in");
  CHECK(backend->remote.send_message_count == 1'000);
  CHECK(backend->remote.thread == 4);
  CHECK(backend->remote.ordering == handlers::Ordering::key);
  CHECK(backend->remote.on_rejected == handlers::OnRejected::drop);
  CHECK(config.find_handler("screen")->standard_output.format == handlers::OutputFormat::json);
  CHECK(config.shutdown_timeout_ms == 5'000);
  CHECK(config.warnings.empty());
}

TEST_CASE("config: one handler and no route takes all topics") {
  const auto config = read(small);
  REQUIRE(config.sources[0].routes.size() == 1);
  CHECK(config.sources[0].routes[0].handler == "h");
}

TEST_CASE("config: patterns and exclusions") {
  const std::string head = "[[source]]\nbrokers = [\"k\"]\ngroup = \"g\"\ntopics = ";
  const std::string tail = "\n[handler.n]\ntype = \"null\"\n";
  const auto config = read(head + R"(["^logs-", "!^logs-.*-test$", "spans"])" + tail);
  REQUIRE(config.sources[0].routes.size() == 3);
  CHECK(config.sources[0].routes[1].topic == "!^logs-.*-test$");
  const auto problem = [&](const std::string& topics) {
    const auto result = tools::read_config("x.toml", head + topics + tail);
    REQUIRE(!result);
    return result.error().front().text();
  };
  CHECK(problem(R"(["^logs("])").find("missing )") != std::string::npos);
  CHECK(problem(R"(["!logs"])").find("only leaves topics out") != std::string::npos);
  CHECK(problem(R"(["logs*"])").find("cannot be a topic") != std::string::npos);
}

TEST_CASE("config: problems have file, line, column, key and a way out") {
  CHECK(
      problems_of(with("[run]\nshutdown_timeout = 1\n")) ==
      "run.toml:8:1: run.shutdown_timeout: unknown key \"shutdown_timeout\"; did you mean \"shutdown_timeout_ms\"?\n");
  CHECK(problems_of(with("[handler.r]\ntype = \"remote\"\nendpoint = \"http://h\"\nthreat = "
                         "2\n[[route]]\ntopics=[\"t\"]\nhandler=\"r\"")) ==
        "run.toml:10:1: handler.r.threat: unknown option \"threat\"; did you mean \"thread\"?\n");
  CHECK(problems_of("[[sorce]]\n") == "run.toml:1:3: sorce: unknown key \"sorce\"; did you mean \"source\"?\n");
  CHECK(problems_of("a = ").starts_with("run.toml:1:"));
  CHECK(problems_of("") == "run.toml:1:1: source: there is no [[source]]: nothing to consume\n");
}

TEST_CASE("config: each kind of mistake in a source") {
  const auto source = [](std::string_view lines) {
    return problems_of("[[source]]\n" + std::string(lines) + "\n[handler.h]\ntype = \"null\"\n");
  };
  const auto says = [](const std::string& problems, std::string_view part) {
    CHECK_MESSAGE(problems.find(part) != std::string::npos, problems);
  };
  constexpr std::string_view rest = "brokers = \"k\"\ngroup = \"g\"\ntopics = [\"t\"]\n";
  const auto also = [&](std::string_view line) { return source(std::string(rest) + std::string(line)); };
  says(source("group = \"g\"\ntopics = [\"t\"]"), "bootstrap.servers is missing");
  says(source("brokers = \"k\"\ntopics = [\"t\"]"), "group.id is missing");
  CHECK(source("brokers = \"k\"\noffset.store.path = \"/tmp/o\"\ntopics = [\"t\"]") == "");
  CHECK(source("brokers = \"k\"\nenable.auto.commit = false\ntopics = [\"t\"]") == "");
  says(also("offset.store.path = \"/tmp/o\""), "offset.store.path is for reading without a group");
  says(source("brokers = \"k\"\ngroup = \"g\""), "topics is missing");
  says(source("brokers = \"k:x\"\ngroup = \"g\"\ntopics = [\"t\"]"), "run.toml:2:11: source[0].brokers: ");
  says(source("brokers = \"k\"\ngroup = \"g\"\ntopics = []"), "it names no topic");
  says(source("brokers = \"k\"\ngroup = \"g\"\ntopics = [\"a b\"]"), "cannot be a topic");
  says(source("brokers = \"k\"\ngroup = \"g\"\ntopics = [1]"), "only strings");
  says(also("sesion.timeout.ms = 1"), "run.toml:5:16: source[0].sesion.timeout.ms: unknown option");
  says(also("session.timeout.ms = 1"), "source[0].session.timeout.ms: \"1\" is not a whole number from 1000");
  says(also("session.timeout.ms = 1.5"), "\"1.5\" is not a whole number");
  says(also("session.timeout.ms = 1979-05-27"), "found a date or time");
  says(also("heartbeat.interval.ms = 15000"), "below a third of session.timeout.ms");
  says(also("bootstrap.servers = \"h\""), "bootstrap.servers is set twice");
  says(also("[source.session]\nx = 1"), "source[0].session.x");
  says(also("name = 5"), "expected a string");
}

TEST_CASE("config: each kind of mistake in routes and handlers") {
  const auto says = [](std::string_view extra, std::string_view part) {
    const std::string problems = problems_of(with(extra));
    CHECK_MESSAGE(problems.find(part) != std::string::npos, problems);
  };
  says("[[route]]\ntopics = [\"t\"]\nhandler = \"g\"", "run.toml:9:11: route[0].handler: there is no [handler.g]");
  says("[[route]]\ntopics = [\"t\"]", "handler is missing");
  says("[[route]]\nhandler = \"h\"", "topics is missing");
  says("[[route]]\ntopics = [\"u\"]\nhandler = \"h\"", "topic \"t\" has no handler");
  says("[[route]]\ntopics = [\"t\"]\nhandler = \"h\"\nsource = \"x\"", "no source named \"x\"");
  says("[[route]]\ntopics = [\"t\"]\nhandler = \"h\"\n[[route]]\ntopics = [\"t\"]\nhandler = \"h\"", "already goes to");
  says("[[route]]\ntopic = [\"t\"]\nhandler = \"h\"", "did you mean \"topics\"?");
  says("[handler.r]\ntype = \"remot\"", "there is no handler \"remot\"; did you mean \"remote\"?");
  says("[handler.r]\nendpoint = \"x\"", "type is missing");
  says("[handler.r]\ntype = \"remote\"", "endpoint is missing");
  says("[handler.r]\ntype = \"remote\"\nendpoint = \"backend:80\"", "write http://HOST:PORT/PATH");
  says("[handler.r]\ntype = \"remote\"\nendpoint = \"http://h\"\nordering = \"some\"", "one of partition, key, none");
  says("[handler.r]\ntype = \"null\"\nformat = \"json\"", "unknown option \"format\"");
  says("[handler]\nx = 1", "");
  says("[[source]]\nname = \"source1\"\nbrokers = \"k\"\ngroup = \"g\"\ntopics = [\"t\"]", "two sources are named");
  says("[run]\nshutdown_timeout_ms = -1", "expected a whole number");
}

TEST_CASE("config: what is unused is warned about") {
  const auto config =
      read(with("[handler.spare]\ntype = \"null\"\n[[route]]\ntopics = [\"t\"]\nhandler = \"h\"\n"
                "[[route]]\ntopics = [\"u\"]\nhandler = \"h\"\n"));
  REQUIRE(config.warnings.size() == 2);
  CHECK(config.warnings[0].text() == "run.toml:12:1: route[1]: no source asks for a topic of this route");
  CHECK(config.warnings[1].text() == "run.toml:7:1: handler.spare: nothing is routed to this handler");
}

TEST_CASE("config: a kafkamq.conf is recognised and translated, with its warnings") {
  const auto config = read(R"(
[[inputs.kafkamq]]
  addrs = ["localhost:9092"]
  group_id = "g"
  assignor = "sticky"
  sampling_rate = 0.5
  [inputs.kafkamq.remote_handle]
    endpoint = "http://localhost:8080"
    topics = ["spans"]
)");
  REQUIRE(config.sources.size() == 1);
  CHECK(config.sources[0].routes[0].topic == "spans");
  CHECK(config.find_handler(config.sources[0].routes[0].handler)->remote.send_message_count == 1);
  REQUIRE(config.warnings.size() == 1);
  CHECK(config.warnings[0].line == 6);
  CHECK(config.sources[0].consumer.group.assignors == std::vector<std::string>{"sticky"});
}

TEST_CASE("config: any prefix of a good file is read or refused, never worse") {
  for (std::size_t size = 0; size < full.size(); ++size) {
    const auto config = tools::read_config("run.toml", full.substr(0, size));
    if (!config) CHECK_FALSE(config.error().empty());
  }
}

TEST_CASE("config: the examples of docs/configuration.md are read without a complaint") {
  const std::string page = tests::read_source_file("docs/configuration.md");
  constexpr std::string_view fence = "```toml\n";
  int examples = 0;
  for (std::size_t at = page.find(fence); at != page.npos; at = page.find(fence, at)) {
    at += fence.size();
    const auto config = read(page.substr(at, page.find("```", at) - at));
    CHECK(config.warnings.empty());
    ++examples;
  }
  CHECK(examples == 2);
}
