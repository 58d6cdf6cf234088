#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "barnabas/group/consumer_parts.hpp"
#include "barnabas/group/partition_event.hpp"

namespace barnabas::group {

using client::Event;
using client::EventKind;
using client::Severity;
using client::StartPosition;
using client::TopicPartition;
using protocol::ErrorCode;

void Consumer::Parts::assigned(std::vector<TopicPartition> partitions) {
  if (closing || error) return;  // nobody would take them away again
  rebalances.end(client.now());
  Lanes opened;
  for (const auto& partition : partitions) opened.push_back(open_lane(partition));
  if (!opened.empty()) tasks.spawn("find positions", find_positions(std::move(opened), Otherwise(options.end)));
}

/// Asks for the committed offsets until each lane has its start or was taken away again.
asio::awaitable<void> Consumer::Parts::find_positions(Lanes waiting, Otherwise otherwise) {
  client::Backoff backoff(client.options().retry_backoff_ms, client.options().retry_backoff_max_ms);
  while (true) {
    std::erase_if(waiting, [](const auto& lane) { return lane->closed(); });
    if (waiting.empty() || life->stopping) co_return;
    const bool done = co_await find_positions_once(waiting, otherwise);
    if (done) co_return;
    const auto pause = backoff.next(client.runtime().random());
    co_await sleep_until(life, client.now() + pause);
  }
}

asio::awaitable<bool> Consumer::Parts::find_positions_once(Lanes& waiting, const Otherwise& otherwise) {
  std::vector<TopicPartition> partitions;
  for (const auto& lane : waiting) partitions.push_back(lane->partition());
  const auto deadline = client.deadline_in_ms(client.options().request_timeout_ms);
  CommittedOffsets committed;
  std::unique_ptr<Error> failure;
  try {
    committed = co_await offsets->fetch(std::move(partitions), deadline);
  } catch (const Error& why) {
    failure = std::make_unique<Error>(why);
  }
  if (life->stopping) co_return true;
  if (failure) {
    if (hopeless(*failure)) {
      fail(*failure);
      co_return true;
    }
    Event event(EventKind::fetch_failed, Severity::warning, failure->what());
    event.code = failure->code();
    client.events().on_event(event);
    co_return false;
  }
  std::erase_if(waiting, [&](const auto& lane) {
    return lane->closed() || take_position(*lane, committed.at(lane->partition()), otherwise);
  });
  co_return waiting.empty();
}

/// True when the lane needs no further answer. Only an answer without error may say that nothing was committed.
bool Consumer::Parts::take_position(Lane& lane, const CommittedOffset& committed, const Otherwise& otherwise) {
  if (committed.error != ErrorCode::none) {
    const Error why = broker_error(committed.error, "find the committed offset of " + lane.partition().text(),
                                   "coordinator of group " + member.group_id);
    const Verdict verdict = judge(committed.error);
    if (verdict == Verdict::fatal) fail(why);
    if (verdict == Verdict::refused) lane.on_stopped(why);
    const bool final_word = verdict == Verdict::fatal || verdict == Verdict::refused;
    auto event = partition_event(final_word ? EventKind::partition_stopped : EventKind::fetch_failed,
                                 final_word ? Severity::error : Severity::warning, lane.partition(), why.what());
    event.code = committed.error;
    client.events().on_event(event);
    return final_word;
  }
  if (committed.offset >= 0 && !committed.by_id && commit_is_of_old_topic(lane.partition())) {
    client.events().on_event(partition_event(
        EventKind::offset_reset, Severity::warning, lane.partition(),
        fmt::format("{}: the committed offset {} may be of the topic that was deleted: starting at the beginning",
                    lane.partition().text(), committed.offset)));
    begin(lane, StartPosition::earliest(), otherwise.end);
    return true;
  }
  if (committed.offset >= 0) {
    lane.committed = committed.offset;
    lane.found_metadata = committed.metadata;
    begin(lane, StartPosition::offset(committed.offset, committed.leader_epoch), otherwise.end);
    return true;
  }
  if (otherwise.start) {
    begin(lane, *otherwise.start, otherwise.end);
    return true;
  }
  using Kind = client::StartPolicy::Kind;
  const client::StartPolicy& policy = options.fetch.start;
  const bool as_reset = policy.kind == Kind::as_reset;
  if (policy.kind == Kind::none || (as_reset && options.fetch.offset_reset == client::OffsetReset::none)) {
    Error none(Error::Stage::config, "start " + lane.partition().text(), "",
               fmt::format("group {} has no committed offset for it, and {} is none", member.group_id,
                           as_reset ? "auto.offset.reset" : "start.offset"));
    none.hint("commit a start for the group, or set start.offset or auto.offset.reset to earliest or latest");
    client.events().on_event(
        partition_event(EventKind::partition_stopped, Severity::error, lane.partition(), none.what()));
    lane.on_stopped(none);
    return true;
  }
  begin(lane, start_without_commit(lane), otherwise.end);
  return true;
}

/// `latest` means the end as it is when somebody begins to listen. A partition that came into being after that has all
/// of its records to deliver: they were written while this member waited for them.
StartPosition Consumer::Parts::start_without_commit(const Lane& lane) const {
  const client::StartPolicy& policy = options.fetch.start;
  const StartPosition start =
      policy.kind == client::StartPolicy::Kind::position ? policy.position : options.fetch.offset_reset.start();
  return is_new(lane.partition()) ? StartPosition::earliest() : start;
}

void Consumer::Parts::begin(Lane& lane, StartPosition start, client::EndPosition end) {
  fetcher.add(lane.partition(), start, lane, end);
}

asio::awaitable<void> Consumer::Parts::revoke(std::vector<TopicPartition> partitions, runtime::TimePoint drain_deadline,
                                              runtime::TimePoint commit_deadline) {
  Lanes leaving;
  std::ranges::copy_if(lanes, std::back_inserter(leaving), [&](const auto& lane) {
    return std::ranges::find(partitions, lane->partition()) != partitions.end();
  });
  rebalances.begin(client.now());
  return give_up(std::move(leaving), drain_deadline, commit_deadline, false);
}

void Consumer::Parts::lost(const std::string& why) {
  rebalances.begin(client.now());
  if (lanes.empty()) return;
  report(EventKind::lost, Severity::warning, fmt::format("{} partitions are lost: {}", lanes.size(), why));
  const Lanes leaving = lanes;
  stop_handing_out(leaving, client.now());
  drop(leaving, EventKind::lost);
}

/// The order matters: what is finished after the fence can no longer be committed, and what is handed out after the
/// commit would be done twice.
asio::awaitable<void> Consumer::Parts::give_up(Lanes leaving, runtime::TimePoint drain_deadline,
                                               runtime::TimePoint commit_deadline, bool for_close) {
  if (leaving.empty()) co_return;
  stop_handing_out(leaving, drain_deadline);
  const bool mine = co_await drain(leaving, drain_deadline, for_close);
  if (!mine) co_return;
  co_await commit_leaving(leaving, commit_deadline);
  if (closing && !for_close) co_return;
  drop(leaving, EventKind::revoked);
}

void Consumer::Parts::stop_handing_out(const Lanes& leaving, runtime::TimePoint drain_deadline) {
  for (const auto& lane : leaving) {
    if (lane->closed()) continue;
    lane->stop_handing_out();
    fetcher.remove(lane->partition());
    if (listener) listener->on_revoked(*lane, drain_deadline);
  }
}

/// False when close() or the loss of the membership has taken these lanes over.
asio::awaitable<bool> Consumer::Parts::drain(Lanes leaving, runtime::TimePoint deadline, bool for_close) {
  const auto busy = [](const auto& lane) { return !lane->drained() && !lane->fenced(); };
  const auto taken_over = [&] {
    return (closing && !for_close) || error || (membership && !membership->valid() && !for_close);
  };
  ++draining;
  while (!taken_over() && std::any_of(leaving.begin(), leaving.end(), busy) && client.now() < deadline) {
    co_await life->news.wait_until(deadline);
  }
  --draining;
  if (taken_over()) co_return false;
  for (const auto& lane : leaving) {
    if (!busy(lane)) continue;
    auto event =
        partition_event(EventKind::drain_timed_out, Severity::warning, lane->partition(),
                        fmt::format("{}: what is under way from offset {} did not finish in time and will be delivered "
                                    "again by whoever gets the partition",
                                    lane->partition().text(), lane->window().position()));
    event.offset = lane->window().position();
    event.count = lane->window().handed_out() - lane->window().position();
    client.events().on_event(event);
  }
  const auto still = std::count_if(leaving.begin(), leaving.end(), busy);
  if (still == 0) report(EventKind::drained, Severity::debug, fmt::format("{} partitions are drained", leaving.size()));
  co_return true;
}

asio::awaitable<void> Consumer::Parts::commit_leaving(Lanes leaving, runtime::TimePoint deadline) {
  if (!commits_wanted() || client.now() >= deadline) co_return;
  std::unique_ptr<Error> failure;
  try {
    co_await offsets->commit(std::move(leaving), deadline);
  } catch (const Error& why) {
    failure = std::make_unique<Error>(why);
  }
  if (!failure) co_return;
  Event event(EventKind::commit_failed, Severity::warning,
              fmt::format("{}; finished records will be delivered again", failure->what()));
  event.code = failure->code();
  client.events().on_event(event);
}

void Consumer::Parts::drop(const Lanes& leaving, EventKind kind) {
  for (const auto& lane : leaving) {
    const auto at = std::find(lanes.begin(), lanes.end(), lane);
    if (at == lanes.end()) continue;
    lanes.erase(at);
    lane->fence();
    lane->set_owner(nullptr);
    auto event = partition_event(
        kind, Severity::info, lane->partition(),
        fmt::format("{} is given up at offset {}", lane->partition().text(), lane->window().position()));
    event.offset = lane->committed;
    client.events().on_event(event);
  }
  if (lanes.empty()) next_lane = 0;
}

}  // namespace barnabas::group
