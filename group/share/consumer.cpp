#include "barnabas/group/share/consumer.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "barnabas/client/runtime/tasks.hpp"
#include "barnabas/group/failure.hpp"
#include "barnabas/group/partition_event.hpp"
#include "barnabas/group/share/leader_loop.hpp"
#include "barnabas/group/share/membership.hpp"
#include "barnabas/group/statistics.hpp"
#include "barnabas/group/subscription.hpp"

namespace barnabas::group {

using client::Event;
using client::EventKind;
using client::Severity;
using client::TopicPartition;

namespace {

/// For the last words to a leader, behind the time that deliveries had to finish.
constexpr auto words_wait = std::chrono::seconds(5);

}  // namespace

struct ShareConsumer::Parts final : ShareContext, ShareMembership::Owner, ShareLane::Owner, client::MetadataListener {
  Parts(client::Client& c, ConsumerOptions o);
  ~Parts() override;

  // What is wanted, and what the group gives.
  void want(Subscription wanted);
  void follow_subscription();
  asio::awaitable<void> follow_group();
  void assigned(std::vector<SharePartitionKey> partitions) override;
  void lost() override;
  void reconcile();
  void open_lane(const TopicPartition& partition, const protocol::Uuid& id);
  asio::awaitable<void> give_up(std::shared_ptr<ShareLane> lane);
  void begin_to_leave(ShareLane& lane, runtime::TimePoint drain_deadline);
  asio::awaitable<void> drain(std::vector<std::shared_ptr<ShareLane>> leaving, runtime::TimePoint deadline);
  void drop(const std::shared_ptr<ShareLane>& lane);

  // ShareContext
  void fail(const Error& why) override;
  void retarget() override;
  asio::awaitable<void> run_loop(ShareLeaderLoop* loop);
  asio::awaitable<void> end_loops(runtime::TimePoint deadline);

  // ShareLane::Owner
  void lane_ready(ShareLane&) override { ready.set(); }
  void lane_told(ShareLane& lane) override {
    const auto loop = loops.find(lane.leader_id);
    if (loop != loops.end()) loop->second->wake();
    if (leaving > 0) life->news.notify_all();
  }
  // client::MetadataListener
  void metadata_applied() override {
    follow_subscription();
    if (!closing) reconcile();
    retarget();
    life->news.notify_all();
  }

  std::shared_ptr<Life> life;
  runtime::TaskGroup tasks;
  Coordinator coordinator;
  std::unique_ptr<ShareMembership> membership;
  AssignmentListener* listener = nullptr;
  Subscription subscription;
  std::vector<std::string> topics;
  std::set<SharePartitionKey> target;
  std::map<std::int32_t, std::unique_ptr<ShareLeaderLoop>> loops;
  int loops_running = 0;
  int leaving = 0;
  std::size_t next_lane = 0;
  runtime::Wakeup ready;
  bool subscribed = false, closing = false, closed = false;
  std::unique_ptr<Error> error;
  std::uint64_t assignments = 0;
};

ShareConsumer::Parts::Parts(client::Client& c, ConsumerOptions o)
    : ShareContext(c, std::move(o)),
      life(std::make_shared<Life>(client.runtime().clock())),
      tasks(client.runtime(), [this](const std::string&, std::exception_ptr failure) { fail(as_error(failure)); }),
      coordinator(client, life, tasks, options.group.group_id),
      ready(client.runtime().clock()) {
  member.group_id = options.group.group_id;
  membership = std::make_unique<ShareMembership>(client, life, coordinator, member, *this, options.fetch.rack);
  client.add_metadata_listener(*this);
}

ShareConsumer::Parts::~Parts() {
  for (const auto& lane : lanes) lane->detach();
  client.remove_metadata_listener(*this);
}

void ShareConsumer::Parts::want(Subscription wanted) {
  subscription = std::move(wanted);
  keep_topics(client, subscription);
  topics = subscription.names();
  membership->choose(topics);
  follow_subscription();
}

/// The brokers know names alone, so patterns are held against the cluster's topics here.
void ShareConsumer::Parts::follow_subscription() {
  if (closing || !subscription.has_patterns() || !client.metadata().lists_all()) return;
  std::vector<std::string> now = subscription.topics(client.metadata());
  if (now == topics) return;
  topics = std::move(now);
  membership->choose(topics);
}

asio::awaitable<void> ShareConsumer::Parts::follow_group() {
  std::unique_ptr<Error> failure;
  try {
    co_await membership->run();
  } catch (const Error& why) {
    failure = std::make_unique<Error>(why);
  }
  if (failure) fail(*failure);
}

void ShareConsumer::Parts::assigned(std::vector<SharePartitionKey> partitions) {
  if (closing || error) return;
  ++assignments;
  is_member = true;
  target = {partitions.begin(), partitions.end()};
  reconcile();
  retarget();
}

void ShareConsumer::Parts::lost() { is_member = false; }

/// Partitions whose topic is not known here yet wait for metadata.
void ShareConsumer::Parts::reconcile() {
  if (!is_member || error) return;
  const auto current = lanes;
  for (const auto& lane : current) {
    const SharePartitionKey key(lane->topic_id(), lane->partition().partition);
    if (target.contains(key)) continue;
    if (lane->error()) drop(lane);
    if (lane->closed()) continue;
    tasks.spawn("give up " + lane->partition().text(), give_up(lane));
  }
  bool unknown = false;
  for (const auto& [id, index] : target) {
    const bool has = std::ranges::any_of(lanes, [&](const auto& lane) {
      return lane->topic_id() == id && lane->partition().partition == index && (!lane->closed() || lane->error());
    });
    if (has) continue;
    const std::string* name = client.metadata().topic_name(id);
    if (name) {
      open_lane(TopicPartition(*name, index), id);
    } else {
      unknown = true;
    }
  }
  if (unknown) client.request_metadata("the share group assigned a topic that is not known yet");
}

void ShareConsumer::Parts::open_lane(const TopicPartition& partition, const protocol::Uuid& id) {
  const auto lane = std::make_shared<ShareLane>(client, options.fetch, *this, partition, id);
  lanes.push_back(lane);
  client.events().on_event(
      partition_event(EventKind::assigned, Severity::info, partition, partition.text() + " is assigned, to be shared"));
  if (listener) listener->on_assigned(lane);
}

void ShareConsumer::Parts::begin_to_leave(ShareLane& lane, runtime::TimePoint drain_deadline) {
  if (lane.closed()) return;
  lane.stop_handing_out();
  if (listener) listener->on_revoked(lane, drain_deadline);
}

/// The order matters: what a handler finishes in time is accepted, only the rest is given back.
asio::awaitable<void> ShareConsumer::Parts::give_up(std::shared_ptr<ShareLane> lane) {
  const auto drain_deadline = client.deadline_in_ms(options.group.rebalance_drain_ms);
  begin_to_leave(*lane, drain_deadline);
  ++leaving;
  std::vector<std::shared_ptr<ShareLane>> alone = {lane};
  co_await drain(std::move(alone), drain_deadline);
  if (!closing) lane->fence();
  const auto deadline = client.now() + words_wait;
  while (!closing && !lane->to_say().empty() && client.now() < deadline) co_await life->news.wait_until(deadline);
  --leaving;
  if (!closing) drop(lane);
}

asio::awaitable<void> ShareConsumer::Parts::drain(std::vector<std::shared_ptr<ShareLane>> busy_lanes,
                                                  runtime::TimePoint deadline) {
  const bool for_close = closing;
  const auto busy = [](const auto& lane) { return !lane->drained(); };
  while ((for_close || !closing) && std::ranges::any_of(busy_lanes, busy) && client.now() < deadline) {
    co_await life->news.wait_until(deadline);
  }
  if (closing && !for_close) co_return;
  for (const auto& lane : busy_lanes) {
    if (lane->unfinished() == 0) continue;
    Event event = partition_event(EventKind::drain_timed_out, Severity::warning, lane->partition(),
                                  fmt::format("{}: {} records did not finish in time and are given back",
                                              lane->partition().text(), lane->unfinished()));
    event.count = lane->unfinished();
    client.events().on_event(event);
  }
}

void ShareConsumer::Parts::drop(const std::shared_ptr<ShareLane>& lane) {
  if (std::erase(lanes, lane) == 0) return;
  lane->detach();
  client.events().on_event(partition_event(EventKind::revoked, Severity::info, lane->partition(),
                                           lane->partition().text() + " is given up"));
}

/// Waiting does not help.
void ShareConsumer::Parts::fail(const Error& why) {
  if (error || closed) return;
  error = std::make_unique<Error>(why);
  Event event(EventKind::stopped, Severity::error, why.what());
  event.code = why.code();
  client.events().on_event(event);
  is_member = false;
  const auto current = lanes;
  for (const auto& lane : current) {
    begin_to_leave(*lane, client.now());
    lane->fence();
  }
  ready.set();
  life->news.notify_all();
}

/// Sends every partition to the loop of its leader.
void ShareConsumer::Parts::retarget() {
  for (const auto& lane : lanes) {
    const client::TopicInfo* topic = client.metadata().topic(lane->partition().topic);
    const auto index = static_cast<std::size_t>(lane->partition().partition);
    const bool known = topic && topic->id == lane->topic_id() && index < topic->partitions.size();
    const std::int32_t leader = known ? topic->partitions[index].leader_id : -1;
    if (leader == lane->leader_id) continue;
    if (lane->leader_id >= 0) {
      lane->lose(leader >= 0 ? fmt::format("{} leads the partition now, and does not know who holds what",
                                           client.describe(leader))
                             : "the partition has no leader");
    }
    lane->leader_id = leader;
    if (leader < 0 || ending) continue;
    auto& loop = loops[leader];
    if (!loop) {
      loop = std::make_unique<ShareLeaderLoop>(*this, leader);
      ++loops_running;
      tasks.spawn("share with broker " + std::to_string(leader), run_loop(loop.get()));
    }
    loop->wake();
  }
}

asio::awaitable<void> ShareConsumer::Parts::run_loop(ShareLeaderLoop* loop) {
  std::exception_ptr failure;
  try {
    co_await loop->run();
  } catch (...) {
    failure = std::current_exception();
  }
  --loops_running;
  life->news.notify_all();
  if (failure) fail(as_error(failure));
}

asio::awaitable<void> ShareConsumer::Parts::end_loops(runtime::TimePoint deadline) {
  ending = true;
  for (auto& [id, loop] : loops) loop->wake();
  bool in_time = true;
  while (loops_running > 0 && in_time) in_time = co_await life->news.wait_until(deadline);
  for (auto& [id, loop] : loops) loop->abort();
}

ShareConsumer::ShareConsumer(client::Client& client, ConsumerOptions options) {
  if (options.group.group_id.empty()) {
    throw Error(Error::Stage::config, "start a member of a share group", "", "group.id is empty");
  }
  parts_ = std::make_unique<Parts>(client, std::move(options));
}

ShareConsumer::~ShareConsumer() = default;

void ShareConsumer::subscribe(std::vector<std::string> topics) {
  Parts& p = *parts_;
  const char* problem = p.subscribed ? "it has subscribed already" : p.closing ? "the consumer is closing" : nullptr;
  if (problem) throw Error(Error::Stage::config, "subscribe", "", problem);
  Subscription wanted(std::move(topics));
  p.subscribed = true;
  p.want(std::move(wanted));
  p.tasks.spawn("follow the share group", p.follow_group());
}

void ShareConsumer::listen(AssignmentListener* listener) { parts_->listener = listener; }

asio::awaitable<bool> ShareConsumer::next(Turn& turn) {
  Parts& p = *parts_;
  turn.end();
  while (!p.closing && !p.error) {
    bool tried = false;
    for (std::size_t i = 0; i < p.lanes.size(); ++i) {
      const auto& candidate = p.lanes[p.next_lane++ % p.lanes.size()];
      if (candidate->closed() || !candidate->ready()) continue;
      const auto lane = candidate;
      const ShareLane::Step step = co_await lane->advance(turn);
      if (step == ShareLane::Step::turn) co_return true;
      tried = true;
      break;  // the lanes may be others by now
    }
    if (!tried) co_await p.ready.wait();
  }
  co_return false;
}

asio::awaitable<void> ShareConsumer::close(runtime::TimePoint deadline) {
  Parts& p = *parts_;
  while (p.closing && !p.closed) co_await p.life->news.wait();
  if (p.closed) co_return;
  p.closing = true;
  p.is_member = false;
  p.ready.set();
  p.life->news.notify_all();
  const auto now = p.client.now();
  const auto total = std::max(deadline - now, runtime::Duration(0));
  const auto drain_deadline = now + total / 100 * 60;
  const auto leaving = p.lanes;
  for (const auto& lane : leaving) p.begin_to_leave(*lane, drain_deadline);
  ++p.leaving;
  co_await p.drain(leaving, drain_deadline);
  --p.leaving;
  for (const auto& lane : leaving) lane->fence();
  co_await p.end_loops(now + total / 100 * 85);
  for (const auto& lane : leaving) p.drop(lane);
  co_await p.membership->leave(now + total / 100 * 95);
  p.life->stop();
  co_await p.tasks.join();
  forget_topics(p.client, p.subscription);
  p.subscription = Subscription();
  p.closed = true;
  p.life->news.notify_all();
}

const std::vector<std::shared_ptr<ShareLane>>& ShareConsumer::lanes() const { return parts_->lanes; }
const Error* ShareConsumer::error() const { return parts_->error.get(); }
std::int32_t ShareConsumer::generation() const { return parts_->member.generation; }
const std::string& ShareConsumer::member_id() const { return parts_->member.member_id; }

asio::awaitable<void> ShareConsumer::stopped() {
  const auto life = parts_->life;
  while (!parts_->error && !parts_->closing) co_await life->news.wait();
}

ConsumerStatistics ShareConsumer::statistics() const {
  const Parts& p = *parts_;
  ConsumerStatistics s;
  s.group_id = p.member.group_id;
  s.member_id = p.member.member_id;
  s.generation = p.member.generation;
  s.coordinator_id = p.coordinator.known();
  s.state = p.error || p.closed ? MemberState::stopped : p.is_member ? MemberState::stable : MemberState::rebalancing;
  s.rebalances = p.assignments;
  for (const auto& lane : p.lanes) {
    PartitionStatistics partition;
    partition.topic = lane->partition().topic;
    partition.partition = lane->partition().partition;
    partition.state = lane->error()         ? PartitionState::stopped
                      : lane->closed()      ? PartitionState::leaving
                      : lane->leader_id < 0 ? PartitionState::finding_position
                                            : PartitionState::fetching;
    partition.broker_id = lane->leader_id;
    partition.records = lane->counts().records;
    partition.stale_acks = lane->counts().stale_acks;
    s.partitions.push_back(std::move(partition));
  }
  std::ranges::sort(s.partitions, {},
                    [](const PartitionStatistics& one) { return std::tie(one.topic, one.partition); });
  return s;
}

}  // namespace barnabas::group
