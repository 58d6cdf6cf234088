#include "barnabas/group/share/lane.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <utility>

#include "barnabas/group/partition_event.hpp"

namespace barnabas::group {

using client::EventKind;
using client::Severity;

namespace {

// While turns take longer, nothing is acquired ahead: others may have time for it.
constexpr auto slow_turn = std::chrono::milliseconds(100);
constexpr std::int64_t end_of_log = std::numeric_limits<std::int64_t>::max();

}  // namespace

ShareLane::ShareLane(client::Client& client, const client::FetchOptions& options, Owner& owner,
                     client::TopicPartition partition, const protocol::Uuid& topic_id)
    : TurnSource(std::move(partition)),
      client_(client),
      options_(options),
      owner_(&owner),
      topic_id_(topic_id),
      arrived_(client.runtime().clock()) {}

client::Event ShareLane::event(EventKind kind, Severity severity, std::int64_t offset, std::string text) const {
  return partition_event(kind, severity, partition_, partition_.text() + ": " + std::move(text), offset);
}

asio::awaitable<bool> ShareLane::next(Turn& turn) {
  const auto self = shared_from_this();
  while (true) {
    const Step step = co_await advance(turn);
    if (step != Step::nothing) co_return step == Step::turn;
    co_await arrived_.wait();
  }
}

asio::awaitable<ShareLane::Step> ShareLane::advance(Turn& turn) {
  const auto self = shared_from_this();
  turn.end();
  while (!over()) {
    if (in_use()) co_return Step::nothing;
    if (!lot_) open_lot();
    if (!lot_) co_return Step::nothing;
    if (!has_peeked_ && !window_open_) {
      const AcquiredRange& range = lot_->ranges[lot_->range];
      window_open_ = true;
      lot_->handed_until = range.first;
      has_peeked_ = reader_->next_window(range.first, range.next, peeked_);
    } else if (!has_peeked_) {
      has_peeked_ = reader_->next(peeked_);
    }
    if (has_peeked_) {
      turn_out_ = true;
      turn_started_ = client_.now();
      turn_first_ = lot_->handed_until;
      give(turn, self, *reader_, lot_->id, turn_first_, lot_->ranges[lot_->range].delivery_count);
      co_return Step::turn;
    }
    if (reader_->wants_worker()) {
      co_await prepare();
      if (lot_lost_ || closed_ || fenced_) drop_reader();
    } else if (reader_->failed()) {
      fail_lot();
    } else {
      close_window();
    }
  }
  co_return Step::ended;
}

void ShareLane::open_lot() {
  if (queue_.empty()) return;
  lot_ = std::move(queue_.front());
  queue_.pop_front();
  client::ShareReader::Limits limits;
  limits.isolation = client::Isolation::read_uncommitted;  // what was aborted is not acquired, if the group wants that
  limits.decompressed_batch_bytes_max = static_cast<std::size_t>(options_.decompressed_batch_bytes_max);
  limits.gaps = true;
  reader_ = std::make_unique<client::ShareReader>(std::move(lot_->share), limits);
  window_open_ = false;
}

/// What is left of the window holds no record.
void ShareLane::close_window() {
  const AcquiredRange& range = lot_->ranges[lot_->range];
  say(*lot_, lot_->handed_until, range.next, AcknowledgeType::gap);
  lot_->handed_until = range.next;
  window_open_ = false;
  if (++lot_->range == lot_->ranges.size()) drop_reader();
}

void ShareLane::drop_reader() {
  if (!lot_) return;
  const std::uint64_t id = lot_->id;
  lot_->gaps = std::move(reader_->gaps());
  reader_.reset();
  if (over() && !lot_lost_) release_unhanded(*lot_);
  has_peeked_ = window_open_ = lot_lost_ = false;
  lot_.reset();
  forget_if_finished(id);
  if (owner_) owner_->lane_told(*this);
}

/// A batch that cannot be read may have been damaged on the way: somebody tries again. What stays so is rejected.
void ShareLane::fail_lot() {
  const std::int64_t at = std::max(reader_->position(), lot_->handed_until);
  const std::int64_t next = std::max(at, reader_->failed_next());
  const bool again = lot_->ranges[lot_->range].delivery_count > 1 && next > at;
  auto told = event(EventKind::corrupt_batch, Severity::error, at,
                    fmt::format("{}; offsets {} to {} are {}", reader_->why(), at, std::max(at, next - 1),
                                again ? "rejected, as it was not the first time" : "given back"));
  told.code = protocol::ErrorCode::corrupt_message;
  client_.events().on_event(told);
  if (again) say(*lot_, at, next, AcknowledgeType::reject);
  say(*lot_, at, end_of_log, AcknowledgeType::release);
  drop_reader();
}

asio::awaitable<void> ShareLane::prepare() {
  std::function<void()> work = [reader = reader_.get()] { reader->prepare(); };
  preparing_ = true;
  co_await client_.runtime().workers().run(work);
  preparing_ = false;
}

void ShareLane::turn_ended(std::uint64_t records) noexcept {
  counts_.records += records;
  turn_out_ = false;
  slow_ = client_.now() - turn_started_ > slow_turn;
  if (lot_) {
    const AcquiredRange& range = lot_->ranges[lot_->range];
    if (range.delivery_count > 1) counts_.again += records;
    lot_->handed_until = has_peeked_ ? turn_first_ : std::clamp(reader_->position(), turn_first_, range.next);
    if (over() || lot_lost_) drop_reader();
  }
  arrived_.set();
  if (owner_) owner_->lane_told(*this);
}

void ShareLane::told(std::uint64_t epoch, std::int64_t first, std::int64_t next, Outcome outcome) {
  const auto found = lots_.find(epoch);
  if (found == lots_.end() || fenced_) {
    if (first >= next || outcome == Outcome::released) return;
    counts_.stale_acks += static_cast<std::uint64_t>(next - first);
    auto late = event(EventKind::stale_ack_dropped, Severity::warning, first,
                      fmt::format("offsets {} to {} were finished when they were not this member's any more; they may "
                                  "be delivered again",
                                  first, next - 1));
    late.count = next - first;
    client_.events().on_event(late);
    return;
  }
  const AcknowledgeType type = outcome == Outcome::done       ? AcknowledgeType::accept
                               : outcome == Outcome::rejected ? AcknowledgeType::reject
                                                              : AcknowledgeType::release;
  say(*found->second, first, next, type);
  forget_if_finished(epoch);
  if (owner_) owner_->lane_told(*this);
}

void ShareLane::say(ShareLot& lot, std::int64_t first, std::int64_t next, AcknowledgeType type) {
  const auto& gaps = lot_.get() == &lot && reader_ ? reader_->gaps() : lot.gaps;
  for (const auto& [from, to] : lot.open.close(first, next)) to_say_.add(from, to, type, gaps, lot.id);
}

void ShareLane::forget_if_finished(std::uint64_t id) {
  const auto found = lots_.find(id);
  if (found == lots_.end() || found->second == lot_ || !found->second->open.empty()) return;
  lots_.erase(found);
}

void ShareLane::stop(const Error& why) {
  if (error_) return;
  error_ = std::make_unique<Error>(why);
  auto stopped = event(EventKind::partition_stopped, Severity::error, -1, why.what());
  stopped.code = why.code();
  client_.events().on_event(stopped);
  stop_handing_out();
}

void ShareLane::abandon() {
  if (!error_) {
    error_ = std::make_unique<Error>(Error::Stage::closed, "deliver " + partition_.text(), "", "its handler failed");
  }
  fence();
}

void ShareLane::take(client::Share share, std::vector<AcquiredRange> ranges, std::int32_t lock_timeout_ms) {
  for (const AcquiredRange& range : ranges) replace(range);
  const auto lot = std::make_shared<ShareLot>();
  lot->id = next_lot_++;
  for (const AcquiredRange& range : ranges) lot->open.open(range.first, range.next);
  share.position = ranges.front().first;
  share.end = ranges.front().next;
  lot->share = std::move(share);
  lot->ranges = std::move(ranges);
  const auto lock = std::chrono::milliseconds(lock_timeout_ms);
  lot->lock_until = client_.now() + lock;
  lot->renew_at = client_.now() + lock / 2;
  lots_[lot->id] = lot;
  if (over()) {
    release_unhanded(*lot);
    forget_if_finished(lot->id);
    return;
  }
  queue_.push_back(lot);
  arrived_.set();
  if (owner_) owner_->lane_ready(*this);
}

/// What comes a second time while it is in hand was not this member's meanwhile: the lock of its lot had ended.
void ShareLane::replace(const AcquiredRange& range) {
  to_say_.drop(range.first, range.next);
  for (const auto& [id, lot] : lots_) {
    if (lot->open.touches(range.first, range.next)) lot->lock_until = client_.now();
  }
  expire(client_.now());
}

bool ShareLane::wants_more(std::int64_t records_max) const {
  if (over() || !queue_.empty()) return false;
  const bool slow = slow_ || (turn_out_ && client_.now() - turn_started_ > slow_turn);
  if (lot_ && slow) return false;
  return unfinished() < 2 * records_max;
}

bool ShareLane::renewal_due(runtime::TimePoint now) const {
  return may_renew_ && std::ranges::any_of(lots_, [&](const auto& entry) {
           return now >= entry.second->renew_at && !entry.second->open.empty();
         });
}

Acknowledgements ShareLane::renewals(runtime::TimePoint now) {
  Acknowledgements renewals;
  for (auto& [id, lot] : lots_) {
    if (!may_renew_ || now < lot->renew_at) continue;
    lot->renewing = true;
    for (const auto& [first, next] : lot->open.ranges()) renewals.add(first, next, AcknowledgeType::renew);
  }
  return renewals;
}

void ShareLane::renewed(std::int32_t lock_timeout_ms) {
  const auto lock = std::chrono::milliseconds(lock_timeout_ms);
  for (auto& [id, lot] : lots_) {
    if (!std::exchange(lot->renewing, false)) continue;
    lot->lock_until = client_.now() + lock;
    lot->renew_at = client_.now() + lock / 2;
  }
}

void ShareLane::not_renewed() {
  for (auto& [id, lot] : lots_) {
    if (std::exchange(lot->renewing, false)) lot->renew_at = runtime::never;
  }
}

void ShareLane::expire(runtime::TimePoint now) {
  for (auto at = lots_.begin(); at != lots_.end();) {
    const auto lot = at->second;
    if (now < lot->lock_until) {
      ++at;
      continue;
    }
    at = lots_.erase(at);
    std::erase(queue_, lot);
    const std::int64_t open = lot->open.count();
    if (lot == lot_) lot_lost_ = true;
    if (open == 0) continue;
    counts_.lost += static_cast<std::uint64_t>(open);
    auto told =
        event(EventKind::acquisition_lost, Severity::warning, lot->open.ranges().begin()->first,
              fmt::format("{} records were not finished before their acquisition lock ended; they are delivered "
                          "again, to any member of the group",
                          open));
    told.count = open;
    client_.events().on_event(told);
  }
  if (lot_lost_ && !in_use()) drop_reader();
}

runtime::TimePoint ShareLane::next_timer(bool renew) const {
  runtime::TimePoint next = runtime::never;
  for (const auto& [id, lot] : lots_) {
    next = std::min(next, lot->lock_until);
    if (renew && may_renew_ && !lot->open.empty()) next = std::min(next, lot->renew_at);
  }
  return next;
}

void ShareLane::lose(const std::string& why, Severity severity) {
  const std::int64_t gone = unfinished() + to_say_.count();
  std::int64_t first = -1;
  for (const auto& [id, lot] : lots_) {
    if (first < 0 && !lot->open.empty()) first = lot->open.ranges().begin()->first;
  }
  lots_.clear();
  queue_.clear();
  to_say_.clear();
  if (lot_) lot_lost_ = true;
  if (lot_ && !in_use()) drop_reader();
  if (gone == 0) return;
  counts_.lost += static_cast<std::uint64_t>(gone);
  auto told = event(EventKind::acquisition_lost, severity, first,
                    fmt::format("{} acquired records are not this member's any more: {}", gone, why));
  told.count = gone;
  client_.events().on_event(told);
  if (owner_) owner_->lane_told(*this);
}

void ShareLane::release_unhanded(ShareLot& lot) {
  const bool begun = lot_.get() == &lot;
  say(lot, begun ? lot.handed_until : 0, end_of_log, AcknowledgeType::release);
}

void ShareLane::stop_handing_out() {
  if (std::exchange(closed_, true)) return;
  for (const auto& lot : std::exchange(queue_, {})) {
    release_unhanded(*lot);
    forget_if_finished(lot->id);
  }
  if (lot_ && !in_use()) drop_reader();
  arrived_.set();
  if (owner_) owner_->lane_ready(*this);
  if (owner_) owner_->lane_told(*this);
}

void ShareLane::fence() {
  stop_handing_out();
  if (std::exchange(fenced_, true)) return;
  for (const auto& [id, lot] : lots_) say(*lot, 0, end_of_log, AcknowledgeType::release);
  lots_.clear();
  if (lot_) lot_lost_ = true;
  arrived_.set();
  if (owner_) owner_->lane_ready(*this);
  if (owner_) owner_->lane_told(*this);
}

std::int64_t ShareLane::unfinished() const {
  std::int64_t offsets = 0;
  for (const auto& [id, lot] : lots_) offsets += lot->open.count();
  return offsets;
}

}  // namespace barnabas::group
