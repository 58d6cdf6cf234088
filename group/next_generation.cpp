#include "barnabas/group/next_generation.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "barnabas/group/membership_parts.hpp"

namespace barnabas::group {

using client::EventKind;
using client::Severity;
using client::TopicPartition;
using protocol::ErrorCode;

namespace {

constexpr auto watch_interval = std::chrono::seconds(1);
/// group.consumer.session.timeout.ms of the broker, which tells nobody: its default.
constexpr auto session_timeout = std::chrono::seconds(45);
constexpr auto first_interval = std::chrono::seconds(5);
constexpr int idle_heartbeats = 10;

}  // namespace

NextGeneration::NextGeneration(MembershipContext context, std::optional<std::string> pattern)
    : client_(context.client),
      life_(std::move(context.life)),
      tasks_(context.tasks),
      coordinator_(context.coordinator),
      member_(context.member),
      owner_(context.owner),
      options_(context.options),
      rack_(std::move(context.rack)),
      topics_(std::move(context.topics)),
      pattern_(std::move(pattern)),
      interval_(first_interval),
      heartbeat_backoff_(client_.options().retry_backoff_ms, client_.options().retry_backoff_max_ms) {
  member_.member_id = new_member_id(client_.runtime().random());
}

void NextGeneration::report(EventKind kind, Severity severity, const std::string& text, ErrorCode code) {
  group::report(client_, member_, kind, severity, text, code);
}

asio::awaitable<void> NextGeneration::run() {
  tasks_.spawn("consumer group heartbeat", heartbeat_loop());
  while (alive()) {
    drop_lost();
    if (failure_) throw *failure_;
    if (valid_ && client_.now() >= held_until()) {
      lose("no answer from the coordinator for so long that others may have these partitions");
      continue;
    }
    if (reconcile_due()) {
      co_await reconcile();
      continue;
    }
    check_idle();
    co_await life_->news.wait_until(std::min(held_until(), client_.now() + watch_interval));
  }
  drop_lost();
  if (failure_) throw *failure_;
}

/// Something is to be told at once.
void NextGeneration::changed() {
  next_heartbeat_ = client_.now();
  life_->news.notify_all();
}

void NextGeneration::choose(std::vector<std::string> topics) {
  topics_ = std::move(topics);
  idle_told_ = false;
  const bool server_chooses = pattern_ && version_ > 0;
  if (!server_chooses) changed();
}

/// There is no rebalance to ask for; but what was told may have been forgotten.
void NextGeneration::rejoin(const std::string&) {
  all_ = true;
  changed();
}

/// The heartbeat decides, since only it can say that the membership is over: a refused commit may be of an older epoch.
void NextGeneration::commit_refused(Verdict, const Error& error) { rejoin(error.what()); }

void NextGeneration::halt() {
  halted_ = true;
  life_->news.notify_all();
}

void NextGeneration::stop_for(const Error& error) {
  over_ = true;
  // Somebody else has its name, or it was never let in: there is nothing to leave.
  const auto code = error.code();
  const bool stranger = code == ErrorCode::fenced_instance_id || code == ErrorCode::unreleased_instance_id;
  if (stranger || refused_protocol_) known_ = false;
  failure_ = std::make_unique<Error>(error);
  lose(error.what());
}

void NextGeneration::lose(const std::string& why) {
  member_.generation = -1;
  target_.clear();
  told_ = Told();
  all_ = true;
  settled_ = true;
  unanswered_since_ = runtime::never;
  next_heartbeat_ = client_.now() + heartbeat_backoff_.next(client_.runtime().random());
  if (std::exchange(valid_, false) || !owned_.empty()) {
    lost_ = true;
    report(EventKind::lost, Severity::warning, "the membership is over: " + why);
  }
  life_->news.notify_all();
}

/// Before the next join, which has to be without partitions.
void NextGeneration::drop_lost() {
  if (!std::exchange(lost_, false)) return;
  owned_.clear();
  owner_.lost("the coordinator no longer counts this member in, or may not");
  life_->news.notify_all();
}

/// Until then nobody else can have this member's partitions: the coordinator waits the session timeout for a heartbeat;
/// and a heartbeat whose answer is missing may have begun the rebalance timeout.
runtime::TimePoint NextGeneration::held_until() const {
  if (!valid_) return runtime::never;
  const auto session_end = answered_at_ + session_timeout;
  if (unanswered_since_ == runtime::never) return session_end;
  return std::min(session_end, unanswered_since_ + std::chrono::milliseconds(options_.rebalance_timeout_ms));
}

// ---- the way to the assignment ----

bool NextGeneration::reconcile_due() const {
  if (!valid_) return false;
  if (!settled_) return true;
  return std::ranges::any_of(
      target_, [this](const Partition& partition) { return !owned_.contains(partition) && name_to_take(partition); });
}

/// What is no longer this member's goes first, by the newest word of the coordinator; then what is new comes. The rest
/// goes on as if nothing had happened.
asio::awaitable<void> NextGeneration::reconcile() {
  Partitions gone;
  for (const auto& [partition, name] : owned_) {
    if (!target_.contains(partition)) gone.insert(partition);
  }
  if (gone.empty()) {
    take_new();
  } else {
    co_await give_up(std::move(gone));
  }
}

asio::awaitable<void> NextGeneration::give_up(Partitions partitions) {
  std::vector<TopicPartition> leaving;
  for (const auto& partition : partitions) leaving.emplace_back(owned_.at(partition), partition.second);
  const GiveUpDeadlines until = give_up_deadlines(options_, client_.now(), held_until());
  co_await owner_.revoke(std::move(leaving), until.drain, until.commit);
  if (lost_ || !valid_ || !alive()) co_return;
  for (const auto& partition : partitions) owned_.erase(partition);
  changed();
}

void NextGeneration::take_new() {
  std::vector<TopicPartition> added;
  for (const auto& partition : target_) {
    if (owned_.contains(partition)) continue;
    const std::string* name = name_to_take(partition);
    if (!name) continue;
    added.emplace_back(*name, partition.second);
    owned_.emplace(partition, *name);
  }
  ask_for_names();
  if (!std::exchange(settled_, true) || !added.empty()) {
    stable_since_ = client_.now();
    idle_told_ = false;
    report(EventKind::joined, Severity::info,
           fmt::format("epoch {} as {}, {} partitions", member_.generation, member_.member_id, target_.size()));
  }
  owner_.assigned(std::move(added));
  life_->news.notify_all();
}

/// Null while nobody knows what the topic is called, or a deleted topic of this name is still held.
const std::string* NextGeneration::name_to_take(const Partition& partition) const {
  const std::string* name = client_.metadata().topic_name(partition.first);
  if (!name) return nullptr;
  const bool held = std::ranges::any_of(
      owned_, [&](const auto& owned) { return owned.second == *name && owned.first.second == partition.second; });
  return held ? nullptr : name;
}

/// The coordinator may know a topic before the broker that was asked for metadata. The assignment is not told again, so
/// it is kept until there is a name for it.
void NextGeneration::ask_for_names() {
  const auto unnamed = std::ranges::count_if(target_, [this](const Partition& partition) {
    return !owned_.contains(partition) && !client_.metadata().topic_name(partition.first);
  });
  if (unnamed == 0) {
    missing_told_ = false;
    return;
  }
  if (client_.now() < names_wanted_at_ + watch_interval) return;
  names_wanted_at_ = client_.now();
  client_.request_metadata("partitions of an unknown topic are assigned");
  if (std::exchange(missing_told_, true)) return;
  report(EventKind::topic_missing, Severity::info,
         fmt::format("{} of the assigned partitions are of topics whose names are not known yet", unnamed));
}

void NextGeneration::check_idle() {
  ask_for_names();
  if (idle_told_ || !valid_ || !target_.empty() || client_.now() - stable_since_ < interval_ * idle_heartbeats) return;
  idle_told_ = true;
  report_idle(client_, member_, topics_);
}

}  // namespace barnabas::group
