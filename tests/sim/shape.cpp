#include "barnabas/tests/sim/shape.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace barnabas::tests::sim {
namespace {

using fixtures::sim::SimRandom;
using protocol::ApiKey;
using std::chrono::milliseconds;

int pick(SimRandom& random, int low, int high) {
  return low + static_cast<int>(random.below(static_cast<std::uint64_t>(high - low + 1)));
}

template <class T>
T one_of(SimRandom& random, std::initializer_list<T> choices) {
  return choices.begin()[random.below(choices.size())];
}

/// Brokers as they were once: each API's newest version anywhere between the oldest and the newest one served.
void imitate_older_broker(SimRandom& random, fixtures::broker::BrokerOptions& broker) {
  const auto cap = [&](ApiKey api, int low, int high) {
    broker.versions[api] = {0, static_cast<std::int16_t>(pick(random, low, high))};
  };
  cap(ApiKey::fetch, 4, 18);
  cap(ApiKey::produce, 3, 12);
  cap(ApiKey::metadata, 1, 13);
  cap(ApiKey::list_offsets, 1, 11);
  cap(ApiKey::find_coordinator, 0, 6);
  cap(ApiKey::join_group, 0, 9);
  cap(ApiKey::sync_group, 0, 5);
  cap(ApiKey::heartbeat, 0, 4);
  cap(ApiKey::leave_group, 0, 5);
  cap(ApiKey::offset_commit, 2, 10);
  cap(ApiKey::offset_fetch, 1, 10);
}

void draw_broker(SimRandom& random, Shape& shape) {
  auto& broker = shape.broker;
  broker.nodes = pick(random, 1, 3);
  broker.base_port = 9092;
  broker.seed = shape.seed;
  broker.auto_create_topics = false;
  shape.by_name = random.one_in(4);
  for (int node = 1; node <= broker.nodes; ++node) {
    broker.hosts.push_back(shape.by_name ? "10.1.0.1" : fmt::format("10.1.0.{}", node));
    shape.bootstrap.push_back(fmt::format("{}:{}", shape.by_name ? "kafka" : broker.hosts.back(), 9091 + node));
  }
  if (shape.by_name) broker.advertised_host = "kafka";
  broker.segment_bytes = one_of<std::size_t>(random, {2'000, 20'000, 16u << 20});
  broker.fetch_sessions_max = one_of(random, {1000, 1000, 2, 0});
  broker.initial_rebalance_delay = one_of(random, {milliseconds(0), milliseconds(0), milliseconds(500)});
  if (random.one_in(3)) imitate_older_broker(random, broker);
}

void draw_topics(SimRandom& random, Shape& shape) {
  const int count = pick(random, 1, 3);
  for (int i = 0; i < count; ++i) {
    TopicShape topic;
    topic.name = fmt::format("t{}", i + 1);
    topic.partitions = pick(random, 1, 4);
    topic.records = pick(random, 20, 240 / count);
    topic.value_bytes_max = one_of<std::size_t>(random, {8, 100, 100, 3'000});
    topic.produce.codec = static_cast<records::Codec>(random.below(5));
    const bool knows_zstd = shape.broker.versions.empty() || (shape.broker.versions.at(ApiKey::fetch).max >= 10 &&
                                                              shape.broker.versions.at(ApiKey::produce).max >= 7);
    if (topic.produce.codec == records::Codec::zstd && !knows_zstd) topic.produce.codec = records::Codec::lz4;
    topic.produce.acks = one_of<std::int16_t>(random, {-1, 1});
    topic.produce.linger_ms = one_of(random, {0, 5, 100});
    topic.produce.batch_bytes_max = one_of(random, {300, 4'000, 128 << 10});
    topic.produce.request_timeout_ms = 3'000;
    topic.produce.delivery_timeout_ms = 600'000;
    topic.to_sink = random.one_in(3);
    shape.topics.push_back(std::move(topic));
  }
}

void draw_members(SimRandom& random, Shape& shape) {
  const int count = pick(random, 1, 4);
  for (int i = 0; i < count; ++i) {
    WorkerShape worker;
    worker.manner = static_cast<WorkerShape::Manner>(random.below(4));
    worker.pause_max = milliseconds(one_of(random, {2, 20, 120}));
    worker.stuck_one_in = one_of(random, {0, 40, 150});
    worker.stuck = milliseconds(pick(random, 1'500, 8'000));
    shape.members.push_back(worker);
  }
  // Static membership came with JoinGroup 5 and its like.
  shape.static_members = random.one_in(5) && shape.broker.versions.empty();
}

/// All members offer the same; several at once, so that the brokers choose.
std::vector<std::string> draw_assignors(SimRandom& random) {
  switch (random.below(6)) {
    case 0: return {"roundrobin"};
    case 1: return {"sticky", "range"};
    case 2: return {"cooperative-sticky"};
    case 3: return {"cooperative-sticky"};
    case 4: return {"cooperative-sticky", "range"};
    default: return {"range"};
  }
}

void draw_client(SimRandom& random, Shape& shape) {
  auto& client = shape.client;
  client.request_timeout_ms = pick(random, 2'000, 5'000);
  client.connect_timeout_ms = pick(random, 500, 2'000);
  client.metadata_max_age_ms = pick(random, 1'000, 10'000);
  client.connections_max_idle_ms = one_of(random, {1'500, 10'000, 540'000});
  client.memory_bytes_max = one_of(random, {32 << 10, 256 << 10, 256 << 20});

  auto& group = shape.consumer.group;
  group.group_id = group_id;
  group.session_timeout_ms = pick(random, 4'500, 8'000);
  group.heartbeat_interval_ms = pick(random, 300, 1'400);
  group.rebalance_timeout_ms = pick(random, 4'000, 8'000);
  group.rebalance_drain_ms = pick(random, 300, 3'000);
  group.assignors = draw_assignors(random);
  group.auto_commit_interval_ms = one_of(random, {20, 200, 1'000});

  auto& fetch = shape.consumer.fetch;
  fetch.max_wait_ms = one_of(random, {20, 200, 500});
  fetch.max_bytes = one_of(random, {500, 4'000, 2 << 20});
  fetch.partition_max_bytes = one_of(random, {200, 2'000, 1 << 20});
  fetch.lane_bytes_max = one_of(random, {500, 10'000, 4 << 20});
  fetch.isolation = random.one_in(2) ? client::Isolation::read_committed : client::Isolation::read_uncommitted;
  fetch.offset_reset = client::OffsetReset::earliest;
}

void draw_remote(SimRandom& random, Shape& shape) {
  auto& remote = shape.remote;
  remote.endpoint = sink_url;
  remote.endpoint += '/';
  remote.send_message_count = one_of(random, {1, 7, 100});
  remote.flush_interval_ms = pick(random, 50, 1'500);
  remote.thread = pick(random, 1, 3);
  remote.ordering = one_of(random, {handlers::Ordering::partition, handlers::Ordering::partition,
                                    handlers::Ordering::key, handlers::Ordering::none});
  remote.batch_bytes_max = one_of(random, {400, 16 << 20});
  remote.connect_timeout_ms = 500;
  remote.timeout_ms = pick(random, 500, 2'000);
  remote.retry_backoff_max_ms = 1'000;
  shape.sink_in_order = remote.thread == 1 || remote.ordering == handlers::Ordering::partition;
}

/// A third of the worlds. Brokers that coordinate such groups know all that belongs to it.
void draw_protocol(Shape& shape) {
  SimRandom random(shape.seed, "protocol");
  auto& broker = shape.broker;
  if (!random.one_in(3)) return;
  const bool by_chance = random.one_in(4);
  const bool offered = !by_chance || !random.one_in(3);
  shape.consumer.group.protocol = by_chance ? group::GroupProtocol::automatic : group::GroupProtocol::consumer;
  shape.consumer.group.remote_assignor = one_of<std::string>(random, {"", "uniform", "range"});
  broker.versions[ApiKey::consumer_group_heartbeat] =
      offered ? protocol::VersionRange{0, 1} : protocol::VersionRange{1, 0};
  if (!offered) return;
  shape.consumer_protocol = true;
  broker.consumer_session_timeout = milliseconds(pick(random, 4'500, 8'000));
  broker.consumer_heartbeat_interval = milliseconds(pick(random, 300, 1'400));
  if (random.one_in(4)) broker.versions[ApiKey::consumer_group_heartbeat] = {0, 0};
  const auto at_least = [&](ApiKey api, std::int16_t low) {
    const auto cap = broker.versions.find(api);
    if (cap != broker.versions.end()) cap->second.max = std::max(cap->second.max, low);
  };
  at_least(ApiKey::metadata, 12);
  at_least(ApiKey::offset_commit, 9);
  at_least(ApiKey::offset_fetch, 9);
}

}  // namespace

Shape::Shape(std::uint64_t world_seed) : seed(world_seed) {
  SimRandom random(seed, "shape");
  draw_broker(random, *this);
  draw_topics(random, *this);
  draw_members(random, *this);
  draw_client(random, *this);
  draw_remote(random, *this);
  draw_protocol(*this);
  disorder = milliseconds(pick(random, 3'000, 12'000));
  faults = random.one_in(6) ? 0 : pick(random, 1, 14);
}

std::string Shape::text() const {
  std::string what = fmt::format(
      "{} nodes{}, {} members{}{}, {} faults in {} ms, topics", broker.nodes,
      broker.versions.empty() ? "" : " of older versions", members.size(), static_members ? " (static)" : "",
      consumer_protocol ? " of the consumer protocol" : "", faults, disorder / milliseconds(1));
  for (const TopicShape& topic : topics) {
    what += fmt::format(" {}: {} partitions, {} records, {}, to {};", topic.name, topic.partitions, topic.records,
                        records::name(topic.produce.codec), topic.to_sink ? "the sink" : "workers");
  }
  return what;
}

}  // namespace barnabas::tests::sim
