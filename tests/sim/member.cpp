#include "barnabas/tests/sim/member.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "barnabas/tests/sim/world.hpp"

namespace barnabas::tests::sim {
namespace {

using client::EventKind;
using std::chrono::milliseconds;
using std::chrono::seconds;

client::ClientOptions client_options(const World& world, const std::string& name) {
  client::ClientOptions options = world.shape.client;
  options.bootstrap_servers = world.bootstrap_servers();
  options.client_id = name;
  return options;
}

group::ConsumerOptions consumer_options(const World& world, std::string instance_id) {
  group::ConsumerOptions options = world.shape.consumer;
  options.group.group_instance_id = std::move(instance_id);
  return options;
}

handlers::RemoteOptions remote_options(const World& world, const std::string& name) {
  handlers::RemoteOptions options = world.shape.remote;
  options.endpoint += name;
  return options;
}

handlers::Router route(const World& world, handlers::Handler& worker, handlers::Handler& remote) {
  handlers::Router router;
  for (const TopicShape& topic : world.shape.topics) router.add(topic.name, topic.to_sink ? remote : worker);
  return router;
}

handlers::EngineOptions engine_options() {
  handlers::EngineOptions options;
  options.stall_ms = 2'000;
  return options;
}

/// Nothing that goes wrong in these worlds may lead to one of these.
bool is_forbidden(const client::Event& event) {
  switch (event.kind) {
    case EventKind::truncated:
    case EventKind::offset_out_of_range:
    case EventKind::corrupt_batch:
    case EventKind::partition_stopped:
    case EventKind::record_dropped:
    case EventKind::topic_recreated:
    case EventKind::produce_failed:
    case EventKind::fenced:
    case EventKind::stopped: return true;
    // "without having been handed out"
    case EventKind::stale_ack_dropped: return event.severity == client::Severity::error;
    default: return false;
  }
}

}  // namespace

Member::Member(World& world, std::string name, std::string ip, const WorkerShape& shape, std::string instance_id)
    : world_(world),
      name_(std::move(name)),
      ip_(std::move(ip)),
      machine_(world.sim.host(ip_)),
      worker_(shape, machine_, fixtures::sim::SimRandom(world.shape.seed, name_), *this),
      remote_("remote", remote_options(world, name_), machine_, *this),
      client_(machine_, client_options(world, name_), *this),
      consumer_(client_, consumer_options(world, std::move(instance_id))),
      engine_(machine_, *this, consumer_, route(world, worker_, remote_), engine_options()),
      ordered_(machine_.clock()) {}

Member::~Member() = default;

asio::awaitable<void> Member::live() {
  const bool connected = co_await connect();
  const bool starts = connected && !ordered_to_end();
  if (starts) {
    co_await engine_.start();
    while (!ordered_to_end()) co_await ordered_.wait();
  }
  co_await end(starts);
}

/// False when it was ordered to end before anybody answered.
asio::awaitable<bool> Member::connect() {
  while (!ordered_to_end()) {
    const auto deadline = client_.deadline_in_ms(3'000);
    bool connected = false;
    try {
      co_await client_.connect(deadline);
      connected = true;
    } catch (const Error& error) {
      world_.sim.trace(fmt::format("{}: {}", name_, error.what()));
    }
    check_in_time(deadline, "connect()");
    if (connected) co_return true;
    const auto again = client_.now() + milliseconds(200);
    co_await ordered_.wait_until(again);
  }
  co_return false;
}

asio::awaitable<void> Member::end(bool started) {
  if (started) {
    co_await engine_.close(end_by_);
  } else {
    end_by_ = std::max(end_by_, client_.now());  // the order came while it tried to connect
    co_await consumer_.close(end_by_);
  }
  check_in_time(end_by_, started ? "the engine's close()" : "the consumer's close()");
  if (order_ == Order::leave) world_.invariants.left(name_);
  held_.clear();
  const auto deadline = std::max(end_by_, client_.now() + milliseconds(order_ == Order::crash ? 0 : 100));
  co_await client_.close(deadline);
  check_in_time(deadline, "the client's close()");
  if (client_.pool().used() != 0) {
    world_.violated(fmt::format("{} is closed and {} bytes of its budget are in use", name_, client_.pool().used()));
  }
}

void Member::check_in_time(runtime::TimePoint deadline, const char* what) {
  const auto late = client_.now() - deadline;
  if (late > milliseconds(20)) {
    world_.violated(fmt::format("{}: {} returned {} ms late", name_, what, late / milliseconds(1)));
  }
}

void Member::leave(runtime::Duration limit) {
  if (ordered_to_end()) return;
  order_ = Order::leave;
  end_by_ = client_.now() + limit;
  ordered_.notify_all();
}

void Member::crash() {
  if (ordered_to_end()) return;
  order_ = Order::crash;
  end_by_ = client_.now();
  const runtime::Address here(ip_, 0);
  world_.sim.network().partition(here, runtime::Address(), fixtures::sim::Partition::cut);
  world_.invariants.left(name_);
  held_.clear();
  ordered_.notify_all();
}

void Member::disowned() {
  world_.sim.trace(fmt::format("{} was thrown out by the broker", name_));
  world_.invariants.left(name_);
  held_.clear();
  disowned_ = true;
}

void Member::on_event(const client::Event& event) noexcept {
  world_.sim.trace(fmt::format("{}: {}", name_, event.text));
  if (order_ == Order::crash) return;
  if (is_forbidden(event)) world_.violated(fmt::format("{} says: {}", name_, event.text));
  if (event.partition < 0) return;
  const client::TopicPartition partition(event.topic, event.partition);
  if (event.kind == EventKind::assigned) on_assigned(partition);
  if (event.kind == EventKind::revoked || event.kind == EventKind::lost) on_given_up(partition);
  if (event.kind == EventKind::offset_reset && event.offset != 0) {
    world_.violated(fmt::format("{} begins in the middle: {}", name_, event.text));
  }
}

/// Whether the broker takes it for the owner.
bool Member::is_known_with(const client::TopicPartition& partition) const {
  if (const auto group = world_.broker.consumer_group(group_id)) {
    const auto self = std::ranges::find(group->members, member_id(), &fixtures::broker::ConsumerGroupView::Member::id);
    if (self == group->members.end()) return false;
    const auto topic = world_.broker.topic_id(partition.topic);
    return std::ranges::any_of(std::initializer_list{&self->assigned, &self->revoking}, [&](const auto* held) {
      const auto found = held->find(topic);
      return found != held->end() && found->second.contains(partition.partition);
    });
  }
  const auto group = world_.broker.group(group_id);
  return group.generation == generation() &&
         std::ranges::any_of(group.members, [&](const auto& member) { return member.id == member_id(); });
}

void Member::on_assigned(const client::TopicPartition& partition) {
  const bool known = is_known_with(partition);
  disowned_ = !known;
  if (!known) return;
  owner_id_ = consumer_.member_id();
  held_[partition] = world_.next_lease++;
  world_.invariants.assigned(name_, partition);
}

void Member::on_given_up(const client::TopicPartition& partition) {
  if (held_.erase(partition) > 0) world_.invariants.revoked(name_, partition);
}

std::uint64_t Member::lease(const client::TopicPartition& partition) const {
  const auto found = held_.find(partition);
  return found == held_.end() ? 0 : found->second;
}

void Member::delivered(const client::TopicPartition& partition, const records::RecordView& record) {
  if (order_ == Order::crash) return;
  world_.ledger->delivered(partition, record.offset, record.value_text());
  if (disowned_ && !held_.contains(partition)) return;
  world_.invariants.delivered(name_, partition, 0, record.offset);
}

void Member::finished(const client::TopicPartition& partition, std::uint64_t lease_then, std::int64_t first,
                      std::int64_t next) {
  if (order_ == Order::crash || lease_then == 0 || lease(partition) != lease_then) return;
  for (std::int64_t offset = first; offset < next; ++offset) world_.invariants.acked(partition, offset);
}

}  // namespace barnabas::tests::sim
