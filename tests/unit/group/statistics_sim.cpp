// What a consumer says about itself, against what happened to it; and how librdkafka's readers see it.
#include "barnabas/group/statistics.hpp"

#include <doctest/doctest.h>
#include <simdjson.h>

#include "barnabas/group/librdkafka_statistics.hpp"
#include "barnabas/tests/unit/client/prometheus_text.hpp"
#include "world.hpp"

using namespace barnabas;
using namespace barnabas::group;
using namespace barnabas::group::testing;
using client::testing::PrometheusReader;

TEST_CASE("consumer statistics: partitions, offsets, lag, commits and rebalances of a member") {
  World world;
  Member a(world, "a", "10.0.0.11"), b(world, "b", "10.0.0.12");
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 2);
    world.produce("t", 0, 30);
    world.produce("t", 1, 50);
    co_await a.connect();
    const ConsumerStatistics fresh = a.consumer->statistics();
    CHECK(fresh.state == MemberState::no_group);
    CHECK(fresh.group_id == "g");
    CHECK(fresh.lag() == -1);
    co_await a.start("t");
    co_await world.until([&] { return world.committed("t", 0) == 30 && world.committed("t", 1) == 50; }, "commits");
    co_await world.sleep(seconds(1));

    const ConsumerStatistics s = a.consumer->statistics();
    CHECK(s.state == MemberState::stable);
    CHECK(s.generation == a.consumer->generation());
    CHECK(s.member_id == a.consumer->member_id());
    CHECK(s.coordinator_id == 1);
    CHECK(s.rebalances == 1);
    CHECK(s.last_rebalance_ms >= 900);
    CHECK(s.rebalance_latency.count() == 1);
    CHECK(s.rebalance_latency.sum_us() > 0);
    CHECK(s.commit_latency.count() >= 1);
    CHECK(s.lag() == 0);
    REQUIRE(s.partitions.size() == 2);
    const PartitionStatistics& p = s.partitions[1];
    CHECK(p.topic == "t");
    CHECK(p.partition == 1);
    CHECK(p.state == PartitionState::fetching);
    CHECK(p.broker_id == 1);
    CHECK(p.position == 50);
    CHECK(p.handed_out == 50);
    CHECK(p.fetch_position == 50);
    CHECK(p.committed == 50);
    CHECK(p.high_watermark == 50);
    CHECK(p.last_stable_offset == 50);
    CHECK(p.log_start_offset == 0);
    CHECK(p.records == 50);
    CHECK(p.batches == 5);
    CHECK(p.bytes > 50 * 10);
    CHECK(p.queued_bytes == 0);
    CHECK(p.committed_lag() == 0);

    co_await b.start("t");
    co_await world.until([&] { return b.partitions() == 1 && a.partitions() == 1; }, "the other member");
    co_await world.until([&] { return a.consumer->statistics().state == MemberState::stable; }, "a stable group");
    CHECK(a.consumer->statistics().rebalances == 2);
    CHECK(a.consumer->statistics().rebalance_latency.count() == 2);
    co_await b.stop();
    co_await a.stop();
    CHECK(a.consumer->statistics().state == MemberState::stopped);
    CHECK(a.consumer->statistics().partitions.empty());
  });
}

TEST_CASE("consumer statistics: what is not finished is lag, and what is paused says so") {
  World world;
  Member a(world, "a", "10.0.0.11");
  a.stuck = true;
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    world.produce("t", 0, 30);
    co_await a.start("t");
    co_await world.until([&] { return a.partitions() == 1 && a.consumer->statistics().partitions[0].lag() == 30; },
                         "the lag");
    const PartitionStatistics p = a.consumer->statistics().partitions[0];
    CHECK(p.committed == -1);
    CHECK(p.committed_lag() == -1);
    CHECK(p.position == 0);
    CHECK(p.fetch_position == 30);
    CHECK(p.queued_bytes > 0);
    a.consumer->lanes()[0]->pause();
    CHECK(a.consumer->statistics().partitions[0].state == PartitionState::paused);
    a.consumer->lanes()[0]->resume();
    a.stuck = false;
    co_await world.until([&] { return world.committed("t", 0) == 30; }, "the commit");
    CHECK(a.consumer->statistics().lag() == 0);
    co_await a.stop();
  });
}

TEST_CASE("consumer statistics: as Prometheus and as librdkafka's readers want them") {
  World world;
  Member a(world, "a", "10.0.0.11");
  std::string prometheus, first, second;
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    world.produce("t", 0, 30);
    co_await a.start("t");
    co_await world.until([&] { return world.committed("t", 0) == 30; }, "the commit");
    const ConsumerStatistics consumer = a.consumer->statistics();
    const client::ClientStatistics before = a.client->statistics();
    prometheus = prometheus_text(before, consumer);
    first = librdkafka_json(before, &consumer, client::ClientStatistics());
    co_await world.sleep(milliseconds(100));
    second = librdkafka_json(a.client->statistics(), &consumer, before);
    co_await a.stop();
  });

  const PrometheusReader read(prometheus);
  const std::string client = a.client->options().client_id;
  const std::string partition = "{client=\"" + client + "\",group=\"g\",partition=\"0\",topic=\"t\"}";
  CHECK(read.value("barnabas_partition_lag_records" + partition) == 0);
  CHECK(read.value("barnabas_partition_committed_offset" + partition) == 30);
  CHECK(read.value("barnabas_partition_records_total" + partition) == 30);
  CHECK(read.value("barnabas_group_rebalances_total{client=\"" + client + "\",group=\"g\"}") == 1);
  CHECK(read.value("barnabas_group_state{client=\"" + client + "\",group=\"g\",state=\"stable\"}") == 1);
  CHECK(read.type("barnabas_group_commit_duration_seconds") == "histogram");

  simdjson::dom::parser parser;
  const simdjson::dom::element root = parser.parse(first);
  CHECK(std::string_view(root["type"]) == "consumer");
  const simdjson::dom::element p0 = root["topics"]["t"]["partitions"]["0"];
  CHECK(std::int64_t(p0["hi_offset"]) == 30);
  CHECK(std::int64_t(p0["committed_offset"]) == 30);
  CHECK(std::int64_t(p0["consumer_lag"]) == 0);
  CHECK(std::int64_t(p0["rxmsgs"]) == 30);
  CHECK(std::string_view(p0["fetch_state"]) == "active");
  CHECK(std::int64_t(root["rxmsgs"]) == 30);
  CHECK(std::string_view(root["cgrp"]["state"]) == "up");
  CHECK(std::int64_t(root["cgrp"]["rebalance_cnt"]) == 1);
  CHECK(std::int64_t(root["cgrp"]["assignment_size"]) == 1);
  std::int64_t tx = 0, in_windows = 0, brokers = 0;
  for (const auto& [name, broker] : simdjson::dom::object(root["brokers"])) {
    ++brokers;
    CHECK(std::string_view(broker["name"]) == name);
    tx += std::int64_t(broker["tx"]);
    in_windows += std::int64_t(broker["rtt"]["cnt"]);
    if (std::int64_t(broker["nodeid"]) != 1) continue;
    CHECK(std::string_view(broker["state"]) == "UP");
    CHECK(std::int64_t(broker["toppars"]["t-0"]["partition"]) == 0);
    CHECK(std::int64_t(broker["req"]["Fetch"]) > 0);
  }
  CHECK(brokers == static_cast<std::int64_t>(a.client->options().bootstrap_servers.size()) + 1);
  CHECK(std::int64_t(root["tx"]) == tx);
  CHECK(in_windows > 0);
  CHECK(in_windows < tx);  // long polls are not round trips

  simdjson::dom::parser other;
  const simdjson::dom::element later = other.parse(second);
  std::int64_t later_windows = 0;
  for (const auto& [name, broker] : simdjson::dom::object(later["brokers"])) {
    later_windows += std::int64_t(broker["rtt"]["cnt"]);
  }
  CHECK(later_windows < in_windows);
}

TEST_CASE("consumer statistics: KIP-714's figures are those since the last push") {
  World world;
  Member a(world, "a", "10.0.0.11");
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    world.produce("t", 0, 30);
    co_await a.start("t");
    co_await world.until([&] { return world.committed("t", 0) == 30; }, "the commit");
    ConsumerMetrics metrics(*a.consumer);
    std::vector<client::Metric> first, second;
    metrics.collect(first);
    metrics.collect(second);
    std::map<std::string, double> values;
    for (const auto& metric : first) values[metric.name] = metric.value;
    const std::string prefix = "org.apache.kafka.consumer.coordinator.";
    CHECK(values.at(prefix + "assigned.partitions") == 1);
    CHECK(values.at(prefix + "rebalance.latency.total") > 0);
    CHECK(values.at(prefix + "rebalance.latency.avg") ==
          doctest::Approx(values.at(prefix + "rebalance.latency.total")));
    CHECK(values.at(prefix + "commit.latency.max") > 0);
    CHECK(second.size() == 2);  // nothing happened since: no averages
    co_await a.stop();
  });
}
