#include "barnabas/tests/sim/chaos.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "barnabas/tests/sim/world.hpp"

namespace barnabas::tests::sim {
namespace {

using fixtures::broker::Fault;
using fixtures::broker::FaultTarget;
using fixtures::sim::DialFault;
using fixtures::sim::Direction;
using fixtures::sim::HttpFault;
using fixtures::sim::NameFault;
using fixtures::sim::Partition;
using protocol::ApiKey;
using protocol::ErrorCode;
using std::chrono::milliseconds;

struct Refusals {
  ApiKey api;
  std::vector<ErrorCode> codes;
};

/// What brokers answer now and then although nothing is lost.
const std::vector<Refusals>& refusals() {
  using enum ErrorCode;
  static const std::vector<Refusals> all{
      {ApiKey::metadata, {leader_not_available, unknown_topic_or_partition, rebootstrap_required}},
      {ApiKey::find_coordinator, {coordinator_not_available, coordinator_load_in_progress}},
      {ApiKey::join_group,
       {coordinator_load_in_progress, coordinator_not_available, not_coordinator, unknown_member_id}},
      {ApiKey::sync_group,
       {rebalance_in_progress, not_coordinator, illegal_generation, unknown_member_id, coordinator_load_in_progress,
        coordinator_not_available}},
      {ApiKey::heartbeat,
       {not_coordinator, rebalance_in_progress, illegal_generation, unknown_member_id, coordinator_not_available,
        coordinator_load_in_progress}},
      {ApiKey::leave_group, {not_coordinator, unknown_member_id, coordinator_load_in_progress}},
      {ApiKey::offset_commit,
       {coordinator_load_in_progress, coordinator_not_available, not_coordinator, rebalance_in_progress,
        illegal_generation, unknown_member_id, request_timed_out, unknown_topic_or_partition}},
      {ApiKey::offset_fetch,
       {coordinator_load_in_progress, coordinator_not_available, not_coordinator, unstable_offset_commit}},
      {ApiKey::list_offsets,
       {leader_not_available, not_leader_or_follower, offset_not_available, unknown_leader_epoch, fenced_leader_epoch,
        unknown_topic_or_partition}},
      {ApiKey::fetch,
       {not_leader_or_follower, unknown_leader_epoch, fenced_leader_epoch, unknown_topic_or_partition,
        kafka_storage_error, unknown_topic_id, offset_not_available, replica_not_available, unknown_server_error}},
      {ApiKey::produce,
       {not_leader_or_follower, not_enough_replicas, leader_not_available, unknown_topic_or_partition,
        request_timed_out, kafka_storage_error, not_enough_replicas_after_append}},
  };
  return all;
}

/// The same where the coordinator divides (KIP-848).
const std::vector<Refusals>& consumer_refusals() {
  using enum ErrorCode;
  static const std::vector<Refusals> all = [] {
    std::vector<Refusals> refusals_there{
        {ApiKey::consumer_group_heartbeat,
         {coordinator_load_in_progress, coordinator_not_available, not_coordinator, unknown_member_id}},
        {ApiKey::consumer_group_heartbeat, {fenced_member_epoch, group_max_size_reached, unknown_server_error}},
        {ApiKey::offset_commit, {stale_member_epoch}},
        {ApiKey::offset_fetch, {stale_member_epoch, unknown_member_id}},
    };
    for (const Refusals& refusal : refusals()) {
      const bool classic = refusal.api == ApiKey::join_group || refusal.api == ApiKey::sync_group ||
                           refusal.api == ApiKey::heartbeat || refusal.api == ApiKey::leave_group;
      if (!classic) refusals_there.push_back(refusal);
    }
    return refusals_there;
  }();
  return all;
}

}  // namespace

const Chaos::Kind Chaos::kinds[] = {
    {3, &Chaos::cut_connections},  {3, &Chaos::cut_after_bytes}, {2, &Chaos::refuse_dials},
    {4, &Chaos::part_network},     {2, &Chaos::slow_down},       {1, &Chaos::fail_name},
    {3, &Chaos::kill_node},        {3, &Chaos::move_leaders},    {3, &Chaos::move_coordinator},
    {2, &Chaos::load_coordinator}, {6, &Chaos::answer_errors},   {5, &Chaos::spoil_answers},
    {2, &Chaos::reset_sessions},   {3, &Chaos::crash_member},    {3, &Chaos::leave_group},
    {2, &Chaos::stick_handler},    {4, &Chaos::trouble_sink},
};

Chaos::Chaos(World& world) : world_(world), random_(world.shape.seed, "chaos"), strikes_(world.sim) {}

asio::awaitable<void> Chaos::run() {
  const auto begin = world_.sim.clock().now();
  std::vector<runtime::TimePoint> times;
  for (int i = 0; i < world_.shape.faults; ++i) {
    times.push_back(begin + random_.between(runtime::Duration(0), world_.shape.disorder));
  }
  std::ranges::sort(times);
  for (const auto time : times) {
    co_await runtime::sleep_until(world_.sim.clock(), time);
    strikes_.spawn("fault", strike_one());
  }
  co_await strikes_.join();
}

asio::awaitable<void> Chaos::strike_one() {
  const int sum =
      std::accumulate(std::begin(kinds), std::end(kinds), 0, [](int s, const Kind& k) { return s + k.weight; });
  int drawn = between(0, sum - 1);
  for (const Kind& kind : kinds) {
    drawn -= kind.weight;
    if (drawn < 0) return (this->*kind.strike)();
  }
  return cut_connections();
}

// ---- connections and addresses ----

asio::awaitable<void> Chaos::cut_connections() {
  const int times = between(1, 4);
  for (int i = 0; i < times; ++i) {
    const std::string ip = any_ip();
    trace(fmt::format("all connections of {} are cut", ip));
    world_.sim.network().cut_all(runtime::Address(ip, 0));
    co_await last(1, 600);
  }
}

asio::awaitable<void> Chaos::cut_after_bytes() {
  const int times = between(1, 4);
  for (int i = 0; i < times; ++i) {
    const auto bytes = random_.below(one_of<std::uint64_t>({40, 400, 4'000, 40'000}));
    const Direction direction = one_of({Direction::to_server, Direction::from_server});
    trace(fmt::format("a connection will be cut after {} bytes", bytes));
    world_.sim.network().cut_after(runtime::Address(), direction, bytes);
    co_await last(1, 600);
  }
}

asio::awaitable<void> Chaos::refuse_dials() {
  const std::int32_t node = any_node();
  const runtime::Address where(world_.shape.broker.hosts[static_cast<std::size_t>(node - 1)],
                               static_cast<std::uint16_t>(9091 + node));
  trace(fmt::format("nobody gets through to broker {}", node));
  const DialFault fault = one_of({DialFault::refused, DialFault::silent, DialFault::unreachable});
  world_.sim.network().fail_dials(where, fault);
  world_.sim.network().cut_all(where);
  co_await last(100, 3'000);
  world_.sim.network().allow_dials(where);
}

asio::awaitable<void> Chaos::part_network() {
  const runtime::Address a(any_ip(), 0);
  const runtime::Address b = random_.one_in(2) ? runtime::Address() : runtime::Address(any_ip(), 0);
  const Partition how = one_of({Partition::hold, Partition::cut});
  world_.sim.network().partition(a, b, how);
  const int longest = one_of({500, 3'000, 10'000});
  co_await last(100, longest);
  // A member that crashed behind the wall stays dead; its next life has an address of its own.
  world_.sim.network().heal(a, b);
}

asio::awaitable<void> Chaos::slow_down() {
  const std::string ip = any_ip();
  const auto extra = milliseconds(between(10, one_of({100, 500, 2'000})));
  trace(fmt::format("{} ms more on every way to and from {}", extra.count(), ip));
  const auto until = std::min(world_.calm_at, world_.sim.clock().now() + milliseconds(between(100, 4'000)));
  world_.sim.network().delay(runtime::Address(ip, 0), extra, until);
  co_return;
}

asio::awaitable<void> Chaos::fail_name() {
  trace("the name server is unwell");
  world_.sim.network().fail_name("kafka", one_of({NameFault::no_such_host, NameFault::failing, NameFault::silent}));
  co_await last(200, 5'000);
  world_.sim.network().set_name("kafka", {"10.1.0.1"});
}

// ---- brokers ----

asio::awaitable<void> Chaos::kill_node() {
  const std::int32_t node = any_node();
  if (!world_.is_running(node)) co_return;
  trace(fmt::format("broker {} is killed", node));
  world_.broker.stop_node(node);
  const int longest = one_of({100, 2'000, 8'000});
  co_await last(10, longest);
  if (world_.is_running(node)) co_return;
  const auto started = world_.broker.start_node(node);
  if (!started) world_.violated("a broker cannot start again: " + started.error());
}

asio::awaitable<void> Chaos::move_leaders() {
  const int times = between(1, 6);
  for (int i = 0; i < times; ++i) {
    const TopicShape& topic = world_.shape.topics[random_.below(world_.shape.topics.size())];
    const int partition = between(0, topic.partitions - 1);
    const std::int32_t to = random_.one_in(5) ? -1 : any_node();
    const bool is_running = world_.is_running(to);
    if (to < 0 || is_running) world_.broker.move_leader(topic.name, partition, to);
    co_await last(1, 800);
    const auto nodes = world_.broker.running_nodes();
    if (world_.broker.leader(topic.name, partition) < 0 && !nodes.empty()) {
      world_.broker.move_leader(topic.name, partition, nodes.front());
    }
  }
}

asio::awaitable<void> Chaos::move_coordinator() {
  const int times = between(1, 3);
  for (int i = 0; i < times; ++i) {
    world_.broker.move_coordinator(group_id, any_node());
    co_await last(1, 1'500);
  }
}

asio::awaitable<void> Chaos::load_coordinator() {
  const std::int32_t node = any_node();
  trace(fmt::format("broker {} loads its groups", node));
  world_.broker.set_coordinator_loading(node, true);
  co_await last(50, 3'000);
  world_.broker.set_coordinator_loading(node, false);
}

asio::awaitable<void> Chaos::answer_errors() {
  const int times = between(1, 3);
  for (int i = 0; i < times; ++i) {
    const auto& possible = world_.shape.consumer_protocol ? consumer_refusals() : refusals();
    const Refusals& refusal = possible[random_.below(possible.size())];
    const ErrorCode code = refusal.codes[random_.below(refusal.codes.size())];
    FaultTarget target(refusal.api, random_.one_in(2) ? any_node() : FaultTarget::any_node);
    target.skip = between(0, 3);
    target.times = between(1, 4);
    trace(fmt::format("{} will be answered {}, {} times", protocol::name(refusal.api), protocol::name(code),
                      target.times));
    const Fault fault = Fault::with_error(code);
    world_.broker.faults().plan(target, fault);
    co_await last(1, 500);
  }
}

/// Whether a request may be carried out long after its connection ended, behind younger ones. A static member's
/// JoinGroup may not: the broker would take the member of now for a double of its former self. Nor may a heartbeat of
/// the consumer protocol: its list of owned partitions would be one of the past, by which others may get them.
bool Chaos::may_come_late(const FaultTarget& target) const {
  if (world_.shape.consumer_protocol && (!target.api || *target.api == ApiKey::consumer_group_heartbeat)) return false;
  return !world_.shape.static_members || (target.api && *target.api != ApiKey::join_group);
}

asio::awaitable<void> Chaos::spoil_answers() {
  const int times = between(1, 4);
  for (int i = 0; i < times; ++i) {
    FaultTarget target;
    const auto& possible = world_.shape.consumer_protocol ? consumer_refusals() : refusals();
    if (!random_.one_in(3)) target.api = possible[random_.below(possible.size())].api;
    if (random_.one_in(2)) target.node = any_node();
    target.skip = between(0, 6);
    target.times = between(1, 3);
    Fault fault;
    switch (random_.below(5)) {
      case 0: fault.close_on_request = true; break;
      case 1:
        (may_come_late(target) ? fault.delay_request : fault.delay_response) = milliseconds(between(1, 3'000));
        break;
      case 2: fault.delay_response = milliseconds(between(1, 6'000)); break;
      case 3: fault.drop_response = true; break;
      default: fault.cut_after_bytes = random_.below(200); break;
    }
    trace(fmt::format("{} answers will be spoiled", target.times));
    world_.broker.faults().plan(target, fault);
    co_await last(1, 500);
  }
}

asio::awaitable<void> Chaos::reset_sessions() {
  FaultTarget target(ApiKey::fetch);
  target.times = between(1, 5);
  const ErrorCode code = one_of({ErrorCode::fetch_session_id_not_found, ErrorCode::invalid_fetch_session_epoch,
                                 ErrorCode::fetch_session_topic_id_error});
  trace(fmt::format("fetch sessions will meet {}", protocol::name(code)));
  const Fault fault = Fault::with_error(code);
  world_.broker.faults().plan(target, fault);
  co_return;
}

// ---- members and the sink ----

asio::awaitable<void> Chaos::crash_member() {
  std::size_t place = 0;
  Member* member = any_member(place);
  if (!member) co_return;
  trace(member->name() + " crashes");
  member->crash();
  co_await back_later(place, 4'000);
}

asio::awaitable<void> Chaos::leave_group() {
  std::size_t place = 0;
  Member* member = any_member(place);
  if (!member) co_return;
  const auto limit = milliseconds(between(0, one_of({50, 2'000, 10'000})));
  trace(fmt::format("{} leaves within {} ms", member->name(), limit.count()));
  member->leave(limit);
  co_await back_later(place, 4'000);
}

asio::awaitable<void> Chaos::back_later(std::size_t place, int high_ms) {
  world_.places[place]->next_life = world_.sim.clock().now() + milliseconds(between(0, high_ms));
  co_return;
}

asio::awaitable<void> Chaos::stick_handler() {
  std::size_t place = 0;
  Member* member = any_member(place);
  if (!member) co_return;
  const auto length = milliseconds(between(500, 12'000));
  trace(fmt::format("the handler of {} is stuck for {} ms", member->name(), length.count()));
  member->get_stuck_until(world_.sim.clock().now() + length);
}

asio::awaitable<void> Chaos::trouble_sink() {
  Sink& sink = *world_.sink;
  switch (random_.below(9)) {
    case 0: sink.be(Sink::Mood::busy); break;
    case 1: sink.be(Sink::Mood::throttling); break;
    case 2: sink.be(Sink::Mood::confused); break;
    case 3: sink.fail(HttpFault::refused); break;
    case 4: sink.fail(HttpFault::silent_connect); break;
    case 5: sink.fail(HttpFault::hang); break;
    case 6: sink.fail(HttpFault::reset_before); break;
    case 7: sink.fail(HttpFault::reset_after); break;
    default: sink.set_latency_max(milliseconds(between(10, 2'000))); break;
  }
  trace("the sink has a bad time");
  co_await last(100, 6'000);
  sink.recover();
}

// ---- chance ----

asio::awaitable<void> Chaos::last(int low_ms, int high_ms) {
  const auto end = std::min(world_.calm_at, world_.sim.clock().now() + milliseconds(between(low_ms, high_ms)));
  return runtime::sleep_until(world_.sim.clock(), end);
}

void Chaos::trace(const std::string& what) { world_.sim.trace("chaos: " + what); }

std::int32_t Chaos::any_node() { return between(1, world_.shape.broker.nodes); }

Member* Chaos::any_member(std::size_t& place) {
  place = random_.below(world_.places.size());
  Member* member = world_.places[place]->member.get();
  return member && !member->ordered_to_end() ? member : nullptr;
}

std::string Chaos::any_ip() {
  std::size_t place = 0;
  const Member* member = any_member(place);
  if (member && random_.one_in(2)) return member->ip();
  return world_.shape.broker.hosts[static_cast<std::size_t>(any_node() - 1)];
}

int Chaos::between(int low, int high) {
  return low + static_cast<int>(random_.below(static_cast<std::uint64_t>(std::max(high - low + 1, 1))));
}

}  // namespace barnabas::tests::sim
