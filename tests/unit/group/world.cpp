#include "world.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <stdexcept>

#include "barnabas/protocol/records/builder.hpp"

namespace barnabas::group::testing {
namespace {

fixtures::broker::BrokerOptions on_machines(fixtures::broker::BrokerOptions options, int nodes) {
  options.nodes = nodes;
  options.base_port = 9092;
  for (int node = 1; node <= nodes; ++node) options.hosts.push_back("10.1.0." + std::to_string(node));
  return options;
}

}  // namespace

World::World(std::uint64_t seed, int nodes, fixtures::broker::BrokerOptions broker_options)
    : World(fixtures::sim::SimOptions(seed), nodes, std::move(broker_options)) {}

World::World(fixtures::sim::SimOptions options, int nodes, fixtures::broker::BrokerOptions broker_options)
    : sim(std::move(options)),
      invariants(fixtures::sim::Invariants::On::collect),
      broker(sim, on_machines(std::move(broker_options), nodes)),
      tasks(sim) {}

void World::run(std::function<asio::awaitable<void>()> main) {
  const auto whole = [this, main = std::move(main)]() -> asio::awaitable<void> {
    const auto started = broker.start();
    if (!started) throw std::runtime_error(started.error());
    co_await main();
    co_await tasks.join();
    co_await broker.stop();
  };
  sim.run(whole);
  for (const auto& violation : invariants.violations()) FAIL_CHECK(violation);
}

asio::awaitable<void> World::sleep(runtime::Duration duration) { return runtime::sleep_for(sim.clock(), duration); }

void World::produce(const std::string& topic, std::int32_t partition, int count, int batch) {
  const TopicPartition key(topic, partition);
  for (int done = 0; done < count;) {
    records::BatchBuilder builder;
    for (int i = 0; i < batch && done < count; ++i, ++done) {
      const std::string value = "value " + std::to_string(done);
      builder.append(1'700'000'000'000 + done, std::nullopt, protocol::string(value), {});
    }
    const int in_batch = builder.count();
    const std::string bytes = builder.finish();
    const auto base = broker.append(topic, partition, protocol::bytes(bytes));
    for (int i = 0; i < in_batch; ++i) invariants.produced(key, base + i);
  }
}

protocol::bytes one_record() {
  static const std::string batch = [] {
    records::BatchBuilder builder;
    builder.append(1'700'000'000'000, std::nullopt, protocol::string("value"), {});
    return builder.finish();
  }();
  return protocol::bytes(batch);
}

ConsumerOptions consumer_options() {
  ConsumerOptions options;
  options.group.group_id = "g";
  options.group.auto_commit_interval_ms = 200;
  options.group.rebalance_drain_ms = 2'000;
  options.fetch.offset_reset = client::OffsetReset::earliest;
  return options;
}

Member::Member(World& in, std::string own_name, std::string ip, ConsumerOptions options)
    : world(in), name(std::move(own_name)), machine(world.sim.host(ip)) {
  client::ClientOptions client_options;
  client_options.bootstrap_servers = client::parse_endpoints("10.1.0.1:9092,10.1.0.2:9092,10.1.0.3:9092");
  client_options.client_id = name;
  client_options.request_timeout_ms = 5'000;
  client_options.connect_timeout_ms = 2'000;
  client_options.metadata_max_age_ms = 2'000;
  client = std::make_unique<client::Client>(machine, client_options, *this);
  consumer = std::make_unique<Consumer>(*client, std::move(options));
}

Member::~Member() = default;

asio::awaitable<void> Member::connect() {
  const auto deadline = client->deadline_in_ms(10'000);
  co_await client->connect(deadline);
}

asio::awaitable<void> Member::start(const char* topic) {
  co_await connect();
  consumer->subscribe({topic});
  world.tasks.spawn(name, serve());
}

asio::awaitable<void> Member::serve() {
  while (true) {
    Turn turn;
    const bool more = co_await consumer->next(turn);
    if (!more) break;
    const auto batch = std::make_shared<Batch>();
    batch->partition = TopicPartition(turn.topic(), turn.partition());
    batch->assignment = held_[batch->partition];
    batch->first = turn.first_offset();
    records::RecordView record;
    while (turn.next(record)) {
      world.invariants.delivered(name, batch->partition, turn.leader_epoch(), record.offset);
      batch->offsets.push_back(record.offset);
    }
    batch->end = turn.end_offset();
    batch->acker = turn.acker();
    records += batch->offsets.size();
    auto& all = delivered[batch->partition];
    all.insert(all.end(), batch->offsets.begin(), batch->offsets.end());
    if (working_aside) {
      turn.end();
      const auto delay = runtime::Duration(machine.random().below(static_cast<std::uint64_t>(work.count()) + 1));
      world.tasks.spawn("work", finish_later(batch, delay));
      continue;
    }
    if (work > runtime::Duration(0)) co_await runtime::sleep_for(machine.clock(), work);
    while (stuck) co_await runtime::sleep_for(machine.clock(), milliseconds(50));
    finish(*batch);
  }
}

void Member::finish(const Batch& batch) {
  if (held_[batch.partition] == batch.assignment && batch.assignment > 0) {
    for (const auto offset : batch.offsets) world.invariants.acked(batch.partition, offset);
    world.invariants.passed_over(batch.partition, batch.end);
  }
  batch.acker.done(batch.first, batch.end);
}

asio::awaitable<void> Member::finish_later(std::shared_ptr<Batch> batch, runtime::Duration delay) {
  co_await runtime::sleep_for(machine.clock(), delay);
  finish(*batch);
}

asio::awaitable<void> Member::stop(runtime::Duration limit) {
  const auto deadline = client->now() + limit;
  co_await consumer->close(deadline);
  CHECK(client->now() <= deadline + milliseconds(1));
  world.invariants.left(name);
  co_await client->close(client->now() + seconds(1));
}

int Member::count(EventKind kind) const {
  return static_cast<int>(std::count_if(events.begin(), events.end(), [&](const auto& e) { return e.kind == kind; }));
}

std::string Member::last(EventKind kind) const {
  for (auto event = events.rbegin(); event != events.rend(); ++event) {
    if (event->kind == kind) return event->text;
  }
  return {};
}

void Member::on_event(const client::Event& event) noexcept {
  events.push_back(event);
  world.sim.trace(name + ": " + event.text);
  if (event.partition < 0) return;
  const TopicPartition key(event.topic, event.partition);
  if (event.kind == EventKind::assigned) {
    held_[key] = ++assignments_;
    world.invariants.assigned(name, key);
  } else if (event.kind == EventKind::revoked || event.kind == EventKind::lost) {
    held_[key] = 0;
    world.invariants.revoked(name, key);
  } else if (event.kind == EventKind::committed) {
    world.invariants.committed(key, event.offset);
  } else if (event.kind == EventKind::offset_reset) {
    world.invariants.repositioned(key, event.offset);
  }
}

}  // namespace barnabas::group::testing
