// Statistics and events as others read them.
#include <doctest/doctest.h>

#include "barnabas/client/events_text.hpp"
#include "barnabas/client/statistics/json_writer.hpp"
#include "barnabas/client/statistics/prometheus.hpp"
#include "prometheus_text.hpp"

using namespace barnabas;
using namespace barnabas::client;
using client::testing::PrometheusReader;
using std::chrono::milliseconds;

namespace {

ClientStatistics statistics_of(const std::string& name) {
  ClientStatistics statistics;
  statistics.name = statistics.client_id = name;
  statistics.cluster_id = "c1";
  statistics.uptime_ms = 61'500;
  statistics.metadata_age_ms = 250;
  statistics.metadata_refreshes = 3;
  statistics.memory.budget_bytes = 1000;
  statistics.memory.used_bytes = 700;
  statistics.memory.decompressed_bytes = 300;
  BrokerStatistics broker;
  broker.node_id = 2;
  broker.address = "kafka2:9092";
  broker.state = BrokerState::connected;
  broker.connections = 2;
  broker.traffic.sent(1);
  broker.traffic.sent(3);
  broker.traffic.answered(1, milliseconds(500), 1000);
  broker.traffic.answered(3, milliseconds(2), 50);
  broker.traffic.throttled_ms = 1'250;
  statistics.brokers.push_back(BrokerStatistics());
  statistics.brokers.back().address = "kafka:9092";
  statistics.brokers.push_back(broker);
  return statistics;
}

}  // namespace

TEST_CASE("prometheus: a client's figures, in units of the base") {
  const PrometheusReader read(prometheus_text(statistics_of("c")));
  CHECK(read.value("barnabas_client_info{client=\"c\",client_id=\"c\",cluster_id=\"c1\"}") == 1);
  CHECK(read.value("barnabas_client_uptime_seconds{client=\"c\"}") == 61.5);
  CHECK(read.value("barnabas_metadata_age_seconds{client=\"c\"}") == 0.25);
  CHECK(read.value("barnabas_metadata_refreshes_total{client=\"c\"}") == 3);
  CHECK(read.value("barnabas_memory_used_bytes{client=\"c\",kind=\"received\"}") == 400);
  CHECK(read.value("barnabas_memory_used_bytes{client=\"c\",kind=\"decompressed\"}") == 300);
  const std::string broker = "address=\"kafka2:9092\",broker=\"2\",client=\"c\"";
  CHECK(read.value("barnabas_broker_up{" + broker + "}") == 1);
  CHECK(read.value("barnabas_broker_requests_total{" + broker + "}") == 2);
  CHECK(read.value("barnabas_broker_received_bytes_total{" + broker + "}") == 1050);
  CHECK(read.value("barnabas_broker_throttled_seconds_total{" + broker + "}") == 1.25);
  CHECK(read.value("barnabas_broker_up{address=\"kafka:9092\",broker=\"bootstrap\",client=\"c\"}") == 0);
  CHECK(read.type("barnabas_broker_request_duration_seconds") == "histogram");
  const std::string duration = "barnabas_broker_request_duration_seconds_";
  CHECK(read.value(duration + "sum{" + broker + ",kind=\"fetch\"}") == 0.5);
  CHECK(read.value(duration + "count{" + broker + ",kind=\"prompt\"}") == 1);
  CHECK(read.value(duration + "bucket{" + broker + ",kind=\"prompt\",le=\"0.001024\"}") == 0);
  CHECK(read.value(duration + "bucket{" + broker + ",kind=\"prompt\",le=\"0.004096\"}") == 1);
}

TEST_CASE("prometheus: several clients share their families, and names may hold anything") {
  PrometheusText text;
  const std::string odd = "a\\b\"c\nd";
  add_to(text, statistics_of("one"));
  add_to(text, statistics_of(odd));
  const PrometheusReader read(text.text());
  CHECK(read.value("barnabas_client_uptime_seconds{client=\"one\"}") == 61.5);
  CHECK(read.value("barnabas_client_uptime_seconds{client=\"" + odd + "\"}") == 61.5);
  for (const auto& [family, type] : read.types()) CHECK(family.starts_with("barnabas_"));
}

TEST_CASE("prometheus: without metadata there is no age of it, and no text without samples") {
  ClientStatistics statistics = statistics_of("c");
  statistics.metadata_age_ms = -1;
  const PrometheusReader read(prometheus_text(statistics));
  CHECK(!read.types().contains("barnabas_metadata_age_seconds"));
  CHECK(PrometheusText().text().empty());
}

TEST_CASE("prometheus: large counters keep every digit that a double has") {
  PrometheusText text;
  text.counter("barnabas_x_total", "X.", {}, 9'007'199'254'740'991.0);
  CHECK(PrometheusReader(text.text()).value("barnabas_x_total") == 9'007'199'254'740'991.0);
}

TEST_CASE("the strict reader refuses what is wrong") {
  const std::string head = "# HELP a_total A.\n# TYPE a_total counter\n";
  CHECK_NOTHROW(PrometheusReader(head + "a_total{x=\"1\"} 1\n"));
  for (const char* bad : {"a_total 1", "b_total 1\n", "a_total{x=1} 1\n", "a_total{x=\"1} 1\n", "a_total\n",
                          "a_total x\n", "a_total 1\na_total 2\n", "a_total{x=\"\\q\"} 1\n"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(PrometheusReader(head + bad), std::runtime_error);
  }
  CHECK_THROWS_AS(PrometheusReader(head + head), std::runtime_error);
  CHECK_THROWS_AS(PrometheusReader("a_total 1\n"), std::runtime_error);
  CHECK_THROWS_AS(PrometheusReader("# HELP a A.\n# TYPE a counter\na 1\n"), std::runtime_error);
}

TEST_CASE("json writer: members in order, strings escaped") {
  JsonWriter json;
  json.open().member("a", 1).open("b").close().open("c").member("d", "x\"\n").member("e", true).close();
  json.member("f", std::uint64_t{18'446'744'073'709'551'615u}).member("g", std::int64_t{-1}).close();
  CHECK(json.take() == "{\"a\":1,\"b\":{},\"c\":{\"d\":\"x\\\"\\n\",\"e\":true},\"f\":18446744073709551615,\"g\":-1}");
}

TEST_CASE("events: counted by kind and severity") {
  EventCounter counter;
  counter.on_event(Event(EventKind::committed, Severity::debug, ""));
  counter.on_event(Event(EventKind::committed, Severity::debug, ""));
  counter.on_event(Event(EventKind::committed, Severity::error, ""));
  CHECK(counter.count(EventKind::committed) == 3);
  CHECK(counter.count(EventKind::committed, Severity::error) == 1);
  CHECK(counter.count(EventKind::joined) == 0);
  PrometheusText text;
  counter.add_to(text);
  const PrometheusReader read(text.text());
  CHECK(read.value("barnabas_events_total{kind=\"committed\",severity=\"debug\"}") == 2);
  CHECK(read.value("barnabas_events_total{kind=\"committed\",severity=\"error\"}") == 1);
  CHECK(read.size() == 2);
}

TEST_CASE("events: lines for log collectors, with the fields that apply") {
  Event event(EventKind::commit_failed, Severity::warning, "could not \"commit\"\nagain");
  event.topic = "t";
  event.partition = 0;
  event.offset = 12;
  event.code = protocol::ErrorCode::not_coordinator;
  CHECK(event_line(event, EventFormat::logfmt, 1'772'368'205'007) ==
        "time=2026-03-01T12:30:05.007Z level=warning event=commit_failed msg=\"could not \\\"commit\\\"\\nagain\" "
        "topic=t partition=0 offset=12 error=NOT_COORDINATOR");
  CHECK(event_line(event, EventFormat::json, 1'772'368'205'007) ==
        "{\"time\":\"2026-03-01T12:30:05.007Z\",\"level\":\"warning\",\"event\":\"commit_failed\","
        "\"msg\":\"could not \\\"commit\\\"\\nagain\",\"topic\":\"t\",\"partition\":0,\"offset\":12,"
        "\"error\":\"NOT_COORDINATOR\"}");
  const Event bare(EventKind::started, Severity::info, "");
  CHECK(event_line(bare, EventFormat::logfmt, -1) == "time=1969-12-31T23:59:59.999Z level=info event=started msg=\"\"");
}

TEST_CASE("events: a log takes what is severe enough") {
  struct Still final : runtime::Clock {
    runtime::TimePoint now() const override { return {}; }
    std::int64_t unix_ms() const override { return 0; }
    std::unique_ptr<runtime::Timer> make_timer() override { return nullptr; }
  } clock;
  std::vector<std::string> lines;
  EventLog log(clock, EventFormat::json, Severity::warning, [&](const std::string& line) { lines.push_back(line); });
  log.on_event(Event(EventKind::committed, Severity::info, "no"));
  log.on_event(Event(EventKind::commit_failed, Severity::warning, "yes"));
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find("\"msg\":\"yes\"") != std::string::npos);
}
