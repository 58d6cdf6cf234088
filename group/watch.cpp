#include "barnabas/group/watch.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "barnabas/group/partition_event.hpp"

namespace barnabas::group {

using client::Event;
using client::EventKind;
using client::Severity;

namespace {

constexpr auto period_max = std::chrono::seconds(1);
constexpr auto unfetched_limit = std::chrono::seconds(30);

std::int64_t seconds(runtime::Duration duration) {
  return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
}

}  // namespace

asio::awaitable<void> Watch::run() {
  while (!life_->stopping) {
    co_await sleep_until(life_, client_.now() + period());
    if (!life_->stopping) look();
  }
}

runtime::Duration Watch::period() const {
  if (options_.stall_limit_ms == 0) return period_max;
  return std::min<runtime::Duration>(period_max, std::chrono::milliseconds(std::max(1, options_.stall_limit_ms / 4)));
}

std::size_t Watch::stalled() const {
  return static_cast<std::size_t>(std::ranges::count_if(seen_, [](const auto& entry) { return entry.second.stalled; }));
}

void Watch::look() {
  const Lanes lanes = lanes_;  // on_stalled_ may take them away
  std::set<std::uint64_t> present;
  for (const auto& lane : lanes) {
    present.insert(lane->assignment_epoch());
    const auto [at, is_new] = seen_.try_emplace(lane->assignment_epoch());
    if (is_new) at->second.moved_at = at->second.fetched_at = client_.now();
    look_at_deliveries(*lane, at->second);
    look_at_fetching(*lane, at->second);
  }
  std::erase_if(seen_, [&](const auto& entry) { return !present.contains(entry.first); });
}

void Watch::look_at_deliveries(Lane& lane, Seen& seen) {
  if (lane.drained() || lane.fenced() || lane.position() != seen.position) {
    if (seen.stalled) {
      client_.events().on_event(
          partition_event(EventKind::handler_stalled, Severity::info, lane.partition(),
                          fmt::format("{}: deliveries finish again, after {} s", lane.partition().text(),
                                      seconds(client_.now() - seen.moved_at)),
                          lane.position()));
    }
    seen.position = lane.position();
    seen.moved_at = client_.now();
    seen.stalled = false;
    return;
  }
  const auto still = client_.now() - seen.moved_at;
  if (seen.stalled || options_.stall_limit_ms == 0 || still < std::chrono::milliseconds(options_.stall_limit_ms)) {
    return;
  }
  seen.stalled = true;
  Error error(Error::Stage::timeout, "deliver " + lane.partition().text(), "",
              fmt::format("offset {} has been under way for {} s (stall.limit.ms is {})", lane.position(),
                          seconds(still), options_.stall_limit_ms));
  error.hint("a handler hangs, or what it delivers to does; the group is not told, and nothing is lost");
  Event event =
      partition_event(EventKind::handler_stalled, Severity::error, lane.partition(), error.what(), lane.position());
  event.count = std::chrono::duration_cast<std::chrono::milliseconds>(still).count();
  client_.events().on_event(event);
  if (options_.stall_action == StallAction::stop) on_stalled_(error);
}

/// Nothing in hand, nobody paused it, and it can be read: a request for more should be under way.
bool Watch::ought_to_be_fetched(const Lane& lane, const client::FetchStatus* status) const {
  if (lane.closed() || lane.fenced() || lane.error() || lane.ended()) return false;
  if (!lane.has_position()) return true;
  return status && !status->paused && !status->stopped && lane.drained() && lane.queued_bytes() == 0;
}

void Watch::look_at_fetching(const Lane& lane, Seen& seen) {
  const client::FetchStatus* status = fetcher_.status(lane.partition());
  if (!ought_to_be_fetched(lane, status)) seen.fetched_at = client_.now();
  if (status) seen.fetched_at = std::max(seen.fetched_at, status->asked_at);
  const auto limit = unfetched_limit + std::chrono::milliseconds(fetcher_.options().max_wait_ms);
  const auto since = client_.now() - seen.fetched_at;
  const bool unfetched = since >= limit;
  if (unfetched && !seen.unfetched) {
    client_.events().on_event(partition_event(
        EventKind::partition_unfetched, Severity::error, lane.partition(),
        fmt::format("{} is assigned and not paused, and has not been {} for {} s", lane.partition().text(),
                    lane.has_position() ? "fetched" : "given a position", seconds(since)),
        lane.position()));
  }
  seen.unfetched = unfetched;
}

}  // namespace barnabas::group
