#include "barnabas/tests/sim/world.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "barnabas/tests/sim/chaos.hpp"

namespace barnabas::tests::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto time_to_deliver = seconds(90);  // of the next record; slow handlers may have many
constexpr auto time_to_leave = seconds(8);
constexpr auto time_to_vanish = seconds(6);
constexpr auto virtual_time_max = std::chrono::minutes(10);

}  // namespace

World::World(fixtures::sim::SimRuntime& runtime, std::uint64_t seed)
    : sim(runtime),
      shape(seed),
      invariants(fixtures::sim::Invariants::On::collect, shape.consumer_protocol
                                                             ? shape.broker.consumer_session_timeout
                                                             : milliseconds(shape.consumer.group.session_timeout_ms)),
      broker(sim, shape.broker,
             [this](const fixtures::broker::Event& event) {
               sim.trace(fmt::format("broker {}: {}{}", event.node, event.text,
                                     event.kind == fixtures::broker::Event::Kind::failed ? " (failed)" : ""));
               if (event.kind == fixtures::broker::Event::Kind::group_changed) group_changed_ = true;
               if (event.kind == fixtures::broker::Event::Kind::failed) violated("the broker failed: " + event.text);
               if (event.kind == fixtures::broker::Event::Kind::refused) violated("the broker refused: " + event.text);
             }),
      writer_(*this),
      writing_(sim),
      members_(sim),
      watching_(sim) {
  sim.network().set_name("kafka", {"10.1.0.1"});
  for (std::size_t i = 0; i < shape.members.size(); ++i) places.push_back(std::make_unique<Place>(sim.clock()));
  sim.after_each_step([this] { check_step(); });
}

World::~World() { sim.after_each_step({}); }

void World::violated(const std::string& what) {
  sim.trace("VIOLATED: " + what);
  violations_.push_back(what);
}

std::vector<runtime::Endpoint> World::bootstrap_servers() const {
  return client::parse_endpoints(fmt::format("{}", fmt::join(shape.bootstrap, ",")));
}

bool World::is_running(std::int32_t node) const {
  const auto running = broker.running_nodes();
  return std::ranges::find(running, node) != running.end();
}

std::string World::summary() const {
  int lives = 0;
  for (const auto& place : places) lives += place->lives;
  return fmt::format("{} arrivals ({} repeated), {} lives, {} generations", ledger ? ledger->arrivals() : 0,
                     ledger ? ledger->repeated_arrivals() : 0, lives, broker.group(group_id).generation);
}

void World::run() {
  sim.trace(shape.text());
  sim.run([this] { return live(); }, virtual_time_max);
  check_step();
}

asio::awaitable<void> World::live() {
  const auto started = broker.start();
  if (!started) throw std::runtime_error(started.error());
  create_topics();
  ledger = std::make_unique<Ledger>(broker, invariants, shape, [this](const std::string& what) { violated(what); });
  sink = std::make_unique<Sink>(sim, *ledger);
  calm_at = sim.clock().now() + shape.disorder;

  Chaos chaos(*this);
  writing_.spawn("writer", writer_.run());
  for (std::size_t i = 0; i < places.size(); ++i) members_.spawn(fmt::format("place {}", i), populate(i));
  watching_.spawn("heartbeats", watch_heartbeats());
  co_await chaos.run();
  co_await runtime::sleep_until(sim.clock(), calm_at);
  restore_order();
  co_await writing_.join();
  co_await until_all_is_delivered();

  ending_ = true;
  for (const auto& place : places) {
    if (place->member) place->member->leave(time_to_leave);
    place->news.notify_all();
  }
  co_await members_.join();
  co_await watching_.join();
  co_await writer_.close();
  co_await broker.stop();
  // What cannot be called back, such as a dial into silence, ends by itself.
  co_await runtime::sleep_for(sim.clock(), time_to_vanish);
  if (sim.waiting() != 0) violated(fmt::format("everything is closed and {} coroutines wait", sim.waiting()));
}

void World::create_topics() {
  for (const TopicShape& topic : shape.topics) broker.create_topic(topic.name, topic.partitions, shape.broker.nodes);
}

// ---- members ----

asio::awaitable<void> World::populate(std::size_t index) {
  Place& place = *places[index];
  fixtures::sim::SimRandom random(shape.seed, fmt::format("place {}", index));
  place.next_life = sim.clock().now() + (index == 0 ? runtime::Duration(0) : random.between(seconds(0), seconds(4)));
  while (!ending_) {
    if (sim.clock().now() < place.next_life) {
      co_await place.news.wait_until(place.next_life);
      continue;
    }
    begin_life(index);
    co_await place.member->live();
    place.member.reset();
  }
}

void World::begin_life(std::size_t index) {
  Place& place = *places[index];
  ++place.lives;
  place.silence_excused = false;
  const std::string name = fmt::format("m{}.{}", index + 1, place.lives);
  const std::string ip = fmt::format("10.0.{}.{}", index + 11, place.lives);
  std::string instance_id = shape.static_members ? fmt::format("place {}", index + 1) : std::string();
  place.member = std::make_unique<Member>(*this, name, ip, shape.members[index], std::move(instance_id));
  sim.trace(name + " begins");
}

// ---- calm ----

void World::restore_order() {
  sim.trace("calm");
  sim.network().heal_all();
  sim.network().set_name("kafka", {"10.1.0.1"});
  broker.faults().clear();
  for (std::int32_t node = 1; node <= shape.broker.nodes; ++node) {
    broker.set_coordinator_loading(node, false);
    if (is_running(node)) continue;
    const auto started = broker.start_node(node);
    if (!started) violated("a node cannot start again: " + started.error());
  }
  for (const TopicShape& topic : shape.topics) {
    for (int p = 0; p < topic.partitions; ++p) {
      if (broker.leader(topic.name, p) < 0) broker.move_leader(topic.name, p, 1);
    }
  }
  sink->recover();
  for (const auto& place : places) {
    place->next_life = sim.clock().now();
    place->news.notify_all();
  }
}

asio::awaitable<void> World::until_all_is_delivered() {
  const auto first_arrivals = [this] { return ledger->arrivals() - ledger->repeated_arrivals(); };
  std::uint64_t before = first_arrivals();
  auto limit = sim.clock().now() + time_to_deliver;
  while (true) {
    const std::string missing = ledger->missing();
    if (missing.empty()) break;
    const std::uint64_t now = first_arrivals();
    if (now != before) limit = sim.clock().now() + time_to_deliver;
    before = now;
    if (sim.clock().now() > limit) throw std::runtime_error("all has been well for long, but " + missing);
    co_await runtime::sleep_for(sim.clock(), milliseconds(50));
  }
  invariants.check_complete();
}

// ---- checks ----

asio::awaitable<void> World::watch_heartbeats() {
  while (!ending_) {
    look_at_heartbeats();
    co_await runtime::sleep_for(sim.clock(), milliseconds(200));
  }
}

/// Only while nothing keeps heartbeats away: no disorder, no rebalance in which JoinGroup takes their place.
void World::look_at_heartbeats() {
  const auto now = sim.clock().now();
  const auto group = broker.group(group_id);
  const bool calm = shape.faults == 0 || now > calm_at + seconds(5);
  const bool steady = calm && group.state == fixtures::broker::GroupState::stable;
  for (const auto& place : places) {
    if (!place->member || place->member->ordered_to_end()) continue;
    const std::string& name = place->member->name();
    const auto self = std::ranges::find(group.members, place->member->member_id(), &decltype(group)::Member::id);
    // An answer to JoinGroup may be lost: then this member waits for it while the group is stable.
    const bool joined = self != group.members.end() && place->member->generation() == group.generation;
    if (!steady || !joined) {
      invariants.network_down(name);
      place->silence_excused = true;
      continue;
    }
    if (std::exchange(place->silence_excused, false)) invariants.network_up(name);
    invariants.heartbeat(name, self->heard_at);
  }
  invariants.check_heartbeats(now);
}

void World::check_step() {
  if (ledger) ledger->look();
  if (std::exchange(group_changed_, false)) check_owners();
  if (!violations_.empty()) throw std::runtime_error(violations_.front());
  if (!invariants.violations().empty()) throw std::runtime_error(invariants.violations().front());
}

void World::check_owners() {
  const auto group = broker.group(group_id);
  for (const auto& place : places) {
    if (!place->member || !place->member->holds_partitions()) continue;
    const std::string& id = place->member->owner_id();
    if (std::ranges::any_of(group.members, [&](const auto& member) { return member.id == id; })) continue;
    if (shape.faults == 0) violated(place->member->name() + " was thrown out although nothing was wrong");
    place->member->disowned();
  }
}

}  // namespace barnabas::tests::sim
