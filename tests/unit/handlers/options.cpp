// Options by name, across the tables of all rooms.
#include <doctest/doctest.h>

#include <set>
#include <string>

#include "barnabas/client/option_table.hpp"
#include "barnabas/group/option_table.hpp"

namespace {

using namespace barnabas;

struct Options {
  client::ClientOptions client;
  client::FetchOptions fetch;
  group::GroupOptions group;
  client::OptionSet set;

  Options() {
    set.add(client::client_option_table(), client);
    set.add(client::fetch_option_table(), fetch);
    set.add(group::group_option_table(), group);
  }
  std::string problem(std::string_view name, std::string_view value) {
    const auto result = set.set(name, value);
    return result ? "" : result.error();
  }
};

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

}  // namespace

TEST_CASE("options: each type is read into its struct") {
  Options o;
  CHECK(o.problem("session.timeout.ms", "10000") == "");
  CHECK(o.problem("bootstrap.servers", "a:1, [::1]:2") == "");
  CHECK(o.problem("enable.auto.commit", "no") == "");
  CHECK(o.problem("isolation.level", "read_uncommitted") == "");
  CHECK(o.problem("client.id", "collector") == "");
  CHECK(o.problem("partition.assignment.strategy",
                  "cooperative-sticky,org.apache.kafka.clients.consumer.StickyAssignor,roundrobin") == "");
  CHECK(o.problem("partition.assignment.strategy", "org.apache.kafka.clients.consumer.RangeAssignor") == "");
  CHECK(o.group.session_timeout_ms == 10'000);
  REQUIRE(o.client.bootstrap_servers.size() == 2);
  CHECK(o.client.bootstrap_servers[1].host == "::1");
  CHECK_FALSE(o.group.commit);
  CHECK(o.fetch.isolation == client::Isolation::read_uncommitted);
  CHECK(o.client.client_id == "collector");
  CHECK(o.group.assignors == std::vector<std::string>{"range"});
}

TEST_CASE("options: aliases, spellings of names and of choices") {
  Options o;
  CHECK(o.problem("fetch.wait.max.ms", "7") == "");
  CHECK(o.fetch.max_wait_ms == 7);
  CHECK(o.problem("session_timeout-MS", "9000") == "");
  CHECK(o.group.session_timeout_ms == 9'000);
  CHECK(o.problem("auto.offset.reset", "smallest") == "");
  CHECK(o.fetch.offset_reset == client::OffsetReset::earliest);
  CHECK(o.problem("auto.offset.reset", "error") == "");
  CHECK(o.fetch.offset_reset == client::OffsetReset::none);
  CHECK(o.set.value("auto.offset.reset") == "none");
}

TEST_CASE("options: name=value") {
  Options o;
  CHECK(o.set.set_pair("group.id = g=1"));
  CHECK(o.group.group_id == "g=1");
  const auto bad = o.set.set_pair("group.id");
  REQUIRE_FALSE(bad);
  CHECK(contains(bad.error(), "name=value"));
}

TEST_CASE("options: unknown names are refused, with the nearest one") {
  Options o;
  CHECK(o.problem("sesion.timeout.ms", "1") ==
        R"(unknown option "sesion.timeout.ms"; did you mean "session.timeout.ms"?)");
  CHECK(o.problem("gruop.id", "1") == R"(unknown option "gruop.id"; did you mean "group.id"?)");
  CHECK(o.problem("zzzzzzzz", "1") == R"(unknown option "zzzzzzzz")");
  CHECK(o.problem(std::string(10'000, 'x'), "1").starts_with("unknown option"));
}

TEST_CASE("options: values out of range or of the wrong form say so and change nothing") {
  Options o;
  CHECK(contains(o.problem("session.timeout.ms", "45s"), "not a whole number from 1000 to 3600000"));
  CHECK(contains(o.problem("session.timeout.ms", "999"), "from 1000"));
  CHECK(contains(o.problem("session.timeout.ms", "99999999999999999999"), "whole number"));
  CHECK(contains(o.problem("enable.auto.commit", "maybe"), "neither true nor false"));
  CHECK(contains(o.problem("auto.offset.reset", "newest"), "none of earliest, latest, none and by_duration"));
  CHECK(contains(o.problem("partition.assignment.strategy", "stick"), "there is range"));
  CHECK(contains(o.problem("bootstrap.servers", "host:99999"), "port"));
  CHECK(contains(o.problem("group.id", ""), "must not be empty"));
  CHECK(o.group.session_timeout_ms == group::GroupOptions().session_timeout_ms);
  CHECK(o.fetch.offset_reset == client::OffsetReset::latest);
}

TEST_CASE("options: relations between options") {
  Options o;
  CHECK(group::check_relations(o.group).empty());
  o.group.heartbeat_interval_ms = 15'000;
  REQUIRE(group::check_relations(o.group).size() == 1);
  CHECK(contains(group::check_relations(o.group)[0], "third of session.timeout.ms"));
  o.group = {};
  o.group.rebalance_drain_ms = 60'000;
  CHECK(group::check_relations(o.group).size() == 1);

  CHECK(contains(client::check_relations(o.client)[0], "bootstrap.servers is missing"));
  o.client.bootstrap_servers = client::parse_endpoints("a");
  CHECK(client::check_relations(o.client, o.fetch).empty());
  o.client.retry_backoff_ms = 2'000;
  o.fetch.max_bytes = 1 << 30;
  CHECK(client::check_relations(o.client, o.fetch).size() == 3);
}

TEST_CASE("options: the defaults lie within the ranges, and no name means two things") {
  Options defaults, o;
  std::set<std::string> names;
  const auto check = [&](const client::OptionTable& table) {
    for (const client::OptionRow& row : table.rows) {
      const std::string value = defaults.set.value(row.name);
      if (!value.empty()) CHECK_MESSAGE(o.problem(row.name, value) == "", row.name);
      CHECK_MESSAGE(names.insert(std::string(row.name)).second, row.name);
      CHECK_MESSAGE(row.sentence.ends_with('.'), row.name);
    }
  };
  check(client::client_option_table());
  check(client::fetch_option_table());
  check(group::group_option_table());
}

TEST_CASE("options: help and reference name every row with its default") {
  const std::string help = client::option_help(client::fetch_option_table(), 60);
  const std::string page = client::option_markdown(client::fetch_option_table());
  for (const auto& row : client::fetch_option_table().rows) {
    CHECK(contains(help, row.name));
    CHECK(contains(page, "`" + std::string(row.name) + "`"));
  }
  CHECK(contains(help, "fetch.max.wait.ms=500  (0 to 300000)"));
  for (std::size_t at = 0; at < help.size();) {
    const auto end = help.find('\n', at);
    if (help.substr(at, 6) == "      ") CHECK(end - at <= 60);
    at = end + 1;
  }
}
