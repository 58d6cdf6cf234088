#include "barnabas/group/consumer.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "barnabas/group/commits.hpp"
#include "barnabas/group/consumer_parts.hpp"
#include "barnabas/group/failure.hpp"
#include "barnabas/group/next_generation_choice.hpp"
#include "barnabas/group/offset_file.hpp"
#include "barnabas/group/partition_event.hpp"

namespace barnabas::group {

using client::Event;
using client::EventKind;
using client::Severity;
using client::TopicPartition;

namespace {

/// A commit that hangs must not hold up the one that a rebalance needs.
constexpr std::int32_t auto_commit_timeout_ms = 10'000;

ConsumerOptions checked(ConsumerOptions options) {
  if (options.group.assignors.empty()) {
    throw Error(Error::Stage::config, "start a consumer", "", "partition.assignment.strategy is empty");
  }
  for (const auto& name : options.group.assignors) {
    if (find_assignor(name)) continue;
    Error unknown(Error::Stage::config, "start a consumer", "", "there is no assignor " + name);
    throw unknown.hint("partition.assignment.strategy can be " + assignor_names());
  }
  return options;
}

MemberIdentity identity(const GroupOptions& options) {
  MemberIdentity member;
  member.group_id = options.group_id;
  member.group_instance_id = options.group_instance_id;
  return member;
}

}  // namespace

Consumer::Parts::Parts(client::Client& c, ConsumerOptions o)
    : client(c),
      options(checked(std::move(o))),
      life(std::make_shared<Life>(client.runtime().clock())),
      tasks(client.runtime(), [this](const std::string&, std::exception_ptr failure) { fail(as_error(failure)); }),
      fetcher(client, options.fetch),
      member(identity(options.group)),
      coordinator(client, life, tasks, options.group.group_id),
      offsets(make_offset_store()),
      commit_due(client.runtime().clock()),
      ready(client.runtime().clock()),
      watch(client, fetcher, life, lanes, options.group, [this](const Error& why) { fail(why); }) {
  client.add_metadata_listener(*this);
}

std::unique_ptr<OffsetStore> Consumer::Parts::make_offset_store() {
  if (keeps_file()) return std::make_unique<OffsetFile>(client, life, options.group.offset_store_path);
  return std::make_unique<Commits>(client, life, coordinator, member, [this](Verdict verdict, const Error& why) {
    if (verdict == Verdict::fatal) return fail(why);
    if (membership) membership->commit_refused(verdict, why);
  });
}

Consumer::Parts::~Parts() {
  for (const auto& lane : lanes) {
    lane->set_owner(nullptr);
    lane->fence();
  }
  client.remove_metadata_listener(*this);
  if (metrics) client.remove_metrics_source(*metrics);
}

void Consumer::Parts::report(EventKind kind, Severity severity, std::string text) {
  client.events().on_event(Event(kind, severity, std::move(text)));
}

void Consumer::Parts::start() {
  if (std::exchange(started, true)) return;
  if (commits_wanted()) tasks.spawn("commit", commit_loop());
  tasks.spawn("watch", watch.run());
}

/// Waiting does not help: no more turns, and nobody else is kept waiting for these partitions.
void Consumer::Parts::fail(const Error& why) {
  if (error || closed) return;
  error = std::make_unique<Error>(why);
  const bool fenced = why.code() == protocol::ErrorCode::fenced_instance_id;
  Event event(fenced ? EventKind::fenced : EventKind::stopped, Severity::error, why.what());
  event.code = why.code();
  client.events().on_event(event);
  if (membership) membership->halt();
  lost("the consumer stopped for good");
  ready.set();
  life->news.notify_all();
}

/// Why it cannot subscribe any more.
const char* Consumer::Parts::taken() const {
  return share                       ? "group.type is share, where the group gives out the partitions"
         : membership || follow_from ? "it has subscribed already"
         : !lanes.empty()            ? "partitions were assigned by hand"
         : closing                   ? "the consumer is closing"
                                     : nullptr;
}

bool Consumer::Parts::has(const TopicPartition& partition) const {
  return std::any_of(lanes.begin(), lanes.end(), [&](const auto& lane) { return lane->partition() == partition; });
}

/// What a file has for it goes before `start`.
void Consumer::Parts::take_by_hand(const TopicPartition& partition, client::StartPosition start,
                                   client::EndPosition end) {
  const auto lane = open_lane(partition);
  if (!keeps_file()) return begin(*lane, start, end);
  tasks.spawn("find position", find_stored_position(lane, Otherwise(start, end)));
}

asio::awaitable<void> Consumer::Parts::find_stored_position(std::shared_ptr<Lane> lane, Otherwise otherwise) {
  const std::string topic = lane->partition().topic;
  client.add_interest(topic);  // the fetcher has it only when there is a position
  Lanes lanes_waiting{std::move(lane)};
  co_await find_positions(std::move(lanes_waiting), otherwise);
  client.remove_interest(topic);
}

std::shared_ptr<Lane> Consumer::Parts::open_lane(const TopicPartition& partition) {
  auto lane = std::make_shared<Lane>(client, fetcher, partition, next_epoch++);
  lane->set_owner(this);
  lanes.push_back(lane);
  client.events().on_event(
      partition_event(EventKind::assigned, Severity::info, partition, partition.text() + " is assigned"));
  if (listener) listener->on_assigned(lane);
  return lane;
}

asio::awaitable<void> Consumer::Parts::follow_group() {
  std::unique_ptr<Error> failure;
  try {
    co_await membership->run();
  } catch (const Error& why) {
    failure = std::make_unique<Error>(why);
  }
  if (failure) fail(*failure);
}

asio::awaitable<void> Consumer::Parts::commit_loop() {
  const auto interval = std::chrono::milliseconds(options.group.auto_commit_interval_ms);
  while (!life->stopping) {
    const bool enough = co_await commit_due.wait_until(client.now() + interval);
    if (life->stopping) co_return;
    if (closing || error) {
      if (enough) co_await sleep_until(life, client.now() + interval);
      continue;
    }
    std::unique_ptr<Error> failure;
    const auto deadline = client.deadline_in_ms(std::min(client.options().request_timeout_ms, auto_commit_timeout_ms));
    try {
      co_await offsets->commit_once(lanes, deadline);
    } catch (const Error& why) {
      failure = std::make_unique<Error>(why);
    }
    if (failure && !life->stopping) {
      Event event(EventKind::commit_failed, Severity::warning, failure->what());
      event.code = failure->code();
      client.events().on_event(event);
      if (enough) co_await sleep_until(life, client.now() + interval);
    }
  }
}

asio::awaitable<void> Consumer::Parts::refetch_later(std::weak_ptr<Lane> lane) {
  const auto pause = std::chrono::milliseconds(client.options().retry_backoff_max_ms);
  co_await sleep_until(life, client.now() + pause);
  if (const auto alive = lane.lock(); alive && !life->stopping) alive->refetch();
}

Consumer::Consumer(client::Client& client, ConsumerOptions options)
    : parts_(std::make_unique<Parts>(client, std::move(options))) {
  if (parts_->options.group.type == GroupType::share) {
    parts_->share = std::make_unique<ShareConsumer>(client, parts_->options);
  }
  if (!client.options().metrics_push) return;
  parts_->metrics = std::make_unique<ConsumerMetrics>(*this);
  client.add_metrics_source(*parts_->metrics);
}

Consumer::~Consumer() = default;

void Consumer::subscribe(std::vector<std::string> topics) {
  Parts& p = *parts_;
  if (p.share) return p.share->subscribe(std::move(topics));
  const char* problem = p.options.group.group_id.empty() ? "group.id is empty"
                        : p.keeps_file()                 ? "offset.store.path is for reading without a group"
                                                         : p.taken();
  if (problem) throw Error(Error::Stage::config, "subscribe", "", problem);
  p.want(Subscription(topics));
  MembershipContext context{
      p.client, p.life, p.tasks, p.coordinator, p.member, p, p.options.group, p.options.fetch.rack, p.topics};
  p.membership = make_membership(std::move(context), topics);
  p.start();
  p.rebalances.begin(p.client.now());
  p.tasks.spawn("follow the group", p.follow_group());
}

void Consumer::follow(std::vector<std::string> topics, client::StartPosition start) {
  Parts& p = *parts_;
  if (const char* problem = p.taken()) throw Error(Error::Stage::config, "follow topics", "", problem);
  Subscription subscription(std::move(topics));
  p.follow_from = start;
  p.start();
  p.want(std::move(subscription));
}

void Consumer::assign(const TopicPartition& partition, client::StartPosition start, client::EndPosition end) {
  Parts& p = *parts_;
  const char* problem = p.share            ? "group.type is share, where the group gives out the partitions"
                        : p.membership     ? "the consumer subscribes"
                        : p.closing        ? "the consumer is closing"
                        : p.has(partition) ? "it is assigned already"
                                           : nullptr;
  if (problem) throw Error(Error::Stage::config, "assign " + partition.text(), "", problem);
  p.start();
  p.take_by_hand(partition, start, end);
}

void Consumer::unassign(const TopicPartition& partition) {
  Parts& p = *parts_;
  const auto found =
      std::find_if(p.lanes.begin(), p.lanes.end(), [&](const auto& lane) { return lane->partition() == partition; });
  if (found == p.lanes.end() || (*found)->closed() || p.closing) return;
  const auto drain_deadline = p.client.deadline_in_ms(p.options.group.rebalance_drain_ms);
  const auto commit_deadline = drain_deadline + std::chrono::milliseconds(auto_commit_timeout_ms);
  p.tasks.spawn("unassign", p.give_up({*found}, drain_deadline, commit_deadline, false));
}

void Consumer::listen(AssignmentListener* listener) {
  parts_->listener = listener;
  if (parts_->share) parts_->share->listen(listener);
}

asio::awaitable<bool> Consumer::next(Turn& turn) {
  Parts& p = *parts_;
  if (p.share) co_return co_await p.share->next(turn);
  turn.end();
  while (!p.closing && !p.error) {
    bool tried = false;
    for (std::size_t i = 0; i < p.lanes.size(); ++i) {
      const auto& candidate = p.lanes[p.next_lane++ % p.lanes.size()];
      if (!candidate->ready()) continue;
      const auto lane = candidate;
      const Lane::Step step = co_await lane->advance(turn);
      if (step == Lane::Step::turn) co_return true;
      tried = true;
      break;  // the lanes may be others by now
    }
    if (!tried && p.read_to_end()) co_return false;
    if (!tried) co_await p.ready.wait();
  }
  co_return false;
}

asio::awaitable<void> Consumer::commit() {
  Parts& p = *parts_;
  if (p.share) co_return;  // each record is accepted for itself
  if (p.options.group.group_id.empty() && !p.keeps_file()) {
    Error nowhere(Error::Stage::config, "commit offsets", "", "group.id is empty");
    throw nowhere.hint("name a group, or a file with offset.store.path");
  }
  const auto deadline = p.client.deadline_in_ms(p.client.options().request_timeout_ms);
  co_await p.offsets->commit(p.lanes, deadline);
}

asio::awaitable<void> Consumer::close(runtime::TimePoint deadline) {
  Parts& p = *parts_;
  while (p.closing && !p.closed) co_await p.life->news.wait();
  if (p.closed) co_return;
  p.closing = true;
  if (p.share) co_await p.share->close(deadline);
  if (p.membership) p.membership->halt();
  p.ready.set();
  p.life->news.notify_all();

  const auto now = p.client.now();
  const auto total = std::max(deadline - now, runtime::Duration(0));
  // A group that rebalances meanwhile waits no longer than its timeout, and then gives these partitions to others.
  const runtime::Duration patience = std::chrono::milliseconds(p.options.group.rebalance_timeout_ms);
  const auto drain_deadline = now + std::min<runtime::Duration>(total / 100 * 60, patience / 3 * 2);
  const auto commit_deadline = now + std::min<runtime::Duration>(total / 100 * 80, patience / 6 * 5);
  co_await p.give_up(p.lanes, drain_deadline, commit_deadline, true);
  if (p.membership) co_await p.membership->leave(now + total / 100 * 95);
  p.life->stop();
  p.commit_due.set();
  co_await p.fetcher.close(deadline);
  co_await p.tasks.join();
  p.want_nothing();
  p.closed = true;
  p.life->news.notify_all();
}

const std::vector<std::shared_ptr<Lane>>& Consumer::lanes() const { return parts_->lanes; }
client::Fetcher& Consumer::fetcher() { return parts_->fetcher; }
const Error* Consumer::error() const { return parts_->share ? parts_->share->error() : parts_->error.get(); }
std::int32_t Consumer::generation() const {
  return parts_->share ? parts_->share->generation() : parts_->member.generation;
}
const std::string& Consumer::member_id() const {
  return parts_->share ? parts_->share->member_id() : parts_->member.member_id;
}
ShareConsumer* Consumer::share() { return parts_->share.get(); }

asio::awaitable<void> Consumer::stopped() {
  if (parts_->share) co_return co_await parts_->share->stopped();
  const auto life = parts_->life;
  while (!parts_->error && !parts_->closing) co_await life->news.wait();
}

}  // namespace barnabas::group
