#include "barnabas/group/librdkafka_statistics.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "barnabas/client/statistics/json_writer.hpp"
#include "barnabas/protocol/api.hpp"

namespace barnabas::group {
namespace {

using client::BrokerState;
using client::BrokerStatistics;
using client::ClientStatistics;
using client::JsonWriter;

const char* state_word(BrokerState state) {
  switch (state) {
    case BrokerState::idle: return "INIT";
    case BrokerState::connecting: return "CONNECT";
    case BrokerState::connected: return "UP";
    case BrokerState::backing_off: break;
  }
  return "DOWN";
}

const char* fetch_state(PartitionState state) {
  switch (state) {
    case PartitionState::finding_position: return "offset-query";
    case PartitionState::fetching:
    case PartitionState::paused: return "active";
    case PartitionState::leaving: return "stopping";
    case PartitionState::stopped: break;
  }
  return "stopped";
}

std::string broker_name(const BrokerStatistics& broker) {
  return broker.node_id < 0 ? broker.address + "/bootstrap" : fmt::format("{}/{}", broker.address, broker.node_id);
}

void write_window(JsonWriter& json, std::string_view key, const client::Latency& window) {
  json.open(key)
      .member("min", window.smallest_us())
      .member("max", window.largest_us())
      .member("avg", window.average_us())
      .member("sum", window.sum_us())
      .member("stddev", window.deviation_us())
      .member("p50", window.quantile_us(0.5))
      .member("p75", window.quantile_us(0.75))
      .member("p90", window.quantile_us(0.9))
      .member("p95", window.quantile_us(0.95))
      .member("p99", window.quantile_us(0.99))
      .member("p99_99", window.quantile_us(0.9999))
      .member("cnt", window.count())
      .close();
}

/// Long polls and waiting for a rebalance say nothing about the network.
client::Latency round_trips(const BrokerStatistics& broker, const ClientStatistics& before) {
  const auto prompt = static_cast<std::size_t>(client::RequestKind::prompt);
  const auto earlier = std::find_if(before.brokers.begin(), before.brokers.end(), [&](const auto& b) {
    return b.node_id == broker.node_id && b.address == broker.address;
  });
  const client::Latency& now = broker.traffic.latency[prompt];
  return earlier == before.brokers.end() ? now : now.since(earlier->traffic.latency[prompt]);
}

void write_broker(JsonWriter& json, const BrokerStatistics& broker, const ConsumerStatistics* consumer,
                  const ClientStatistics& before) {
  const client::Traffic& t = broker.traffic;
  const std::string full_name = broker_name(broker);
  json.open(full_name)
      .member("name", full_name)
      .member("nodeid", std::max(broker.node_id, -1))
      .member("nodename", broker.address)
      .member("source", broker.node_id < 0 ? "configured" : "learned")
      .member("state", state_word(broker.state))
      .member("waitresp_cnt", broker.requests_outstanding)
      .member("tx", t.requests_sent)
      .member("txbytes", t.bytes_sent)
      .member("txerrs", t.requests_failed - t.requests_timed_out)
      .member("req_timeouts", t.requests_timed_out)
      .member("rx", t.responses_received)
      .member("rxbytes", t.bytes_received)
      .member("connects", t.connect_attempts)
      .member("disconnects", t.disconnects);
  write_window(json, "rtt", round_trips(broker, before));
  json.open("req");
  for (const auto& [key, count] : t.requests_by_api) {
    const auto api = static_cast<protocol::ApiKey>(key);
    json.member(api == protocol::ApiKey::api_versions ? "ApiVersion" : protocol::name(api), count);
  }
  json.close().open("toppars");
  if (consumer) {
    for (const PartitionStatistics& p : consumer->partitions) {
      if (p.broker_id != broker.node_id) continue;
      json.open(fmt::format("{}-{}", p.topic, p.partition))
          .member("topic", p.topic)
          .member("partition", p.partition)
          .close();
    }
  }
  json.close().close();
}

/// librdkafka says -1001 for an offset that it does not know.
std::int64_t offset(std::int64_t value) { return value < 0 ? -1001 : value; }

void write_partition(JsonWriter& json, const PartitionStatistics& p) {
  json.open(std::to_string(p.partition))
      .member("partition", p.partition)
      .member("broker", p.broker_id)
      .member("leader", p.broker_id)
      .member("desired", true)
      .member("unknown", false)
      .member("fetchq_size", p.queued_bytes)
      .member("fetch_state", fetch_state(p.state))
      .member("next_offset", std::max<std::int64_t>(p.fetch_position, 0))
      .member("app_offset", offset(p.handed_out))
      .member("stored_offset", offset(p.position))
      .member("committed_offset", offset(p.committed))
      .member("lo_offset", offset(p.log_start_offset))
      .member("hi_offset", offset(p.high_watermark))
      .member("ls_offset", offset(p.last_stable_offset))
      .member("consumer_lag", p.handed_out < 0 || p.high_watermark < 0
                                  ? std::int64_t{-1}
                                  : std::max<std::int64_t>(p.high_watermark - std::max(p.handed_out, p.committed), 0))
      .member("consumer_lag_stored", p.lag())
      .member("rxmsgs", p.records)
      .member("rxbytes", p.bytes)
      .member("msgs", p.records)
      .close();
}

void write_topics(JsonWriter& json, const ClientStatistics& client, const ConsumerStatistics* consumer) {
  json.open("topics");
  std::map<std::string_view, std::vector<const PartitionStatistics*>> topics;
  if (consumer) {
    for (const PartitionStatistics& p : consumer->partitions) topics[p.topic].push_back(&p);
  }
  for (const auto& [topic, partitions] : topics) {
    json.open(topic).member("topic", topic).member("metadata_age", client.metadata_age_ms).open("partitions");
    for (const PartitionStatistics* p : partitions) write_partition(json, *p);
    json.close().close();
  }
  json.close();
}

void write_group(JsonWriter& json, const ConsumerStatistics& s) {
  const bool stable = s.state == MemberState::stable;
  json.open("cgrp")
      .member("state", s.state == MemberState::stopped ? "term"
                       : s.coordinator_id >= 0         ? "up"
                                                       : "query-coord")
      .member("join_state", stable ? "steady" : "wait-join")
      .member("rebalance_cnt", s.rebalances)
      .member("assignment_size", s.partitions.size());
  if (s.last_rebalance_ms >= 0) json.member("rebalance_age", s.last_rebalance_ms);
  json.close();
}

}  // namespace

std::string librdkafka_json(const ClientStatistics& client, const ConsumerStatistics* consumer,
                            const ClientStatistics& before) {
  std::uint64_t tx = 0, txbytes = 0, rx = 0, rxbytes = 0, rxmsgs = 0, rxmsg_bytes = 0;
  for (const BrokerStatistics& broker : client.brokers) {
    tx += broker.traffic.requests_sent;
    txbytes += broker.traffic.bytes_sent;
    rx += broker.traffic.responses_received;
    rxbytes += broker.traffic.bytes_received;
  }
  if (consumer) {
    for (const PartitionStatistics& p : consumer->partitions) {
      rxmsgs += p.records;
      rxmsg_bytes += p.bytes;
    }
  }
  JsonWriter json;
  json.open()
      .member("name", client.name)
      .member("client_id", client.client_id)
      .member("type", "consumer")
      .member("ts", std::chrono::duration_cast<std::chrono::microseconds>(client.taken_at.time_since_epoch()).count())
      .member("time", client.taken_at_unix_ms / 1000)
      .member("age", client.uptime_ms * 1000)
      .member("replyq", 0)
      .member("metadata_cache_cnt", client.topics)
      .member("tx", tx)
      .member("tx_bytes", txbytes)
      .member("rx", rx)
      .member("rx_bytes", rxbytes)
      .member("rxmsgs", rxmsgs)
      .member("rxmsg_bytes", rxmsg_bytes)
      .open("brokers");
  for (const BrokerStatistics& broker : client.brokers) write_broker(json, broker, consumer, before);
  json.close();
  write_topics(json, client, consumer);
  if (consumer && !consumer->group_id.empty()) write_group(json, *consumer);
  json.close();
  return json.take();
}

}  // namespace barnabas::group
