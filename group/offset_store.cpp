#include "barnabas/group/offset_store.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "barnabas/client/cluster/backoff.hpp"
#include "barnabas/group/partition_event.hpp"
#include "barnabas/group/verdict.hpp"

namespace barnabas::group {
namespace {

bool cured_by_retry(const Error& error) {
  if (error.stage() == Error::Stage::closed) return false;
  const Verdict verdict = judge(error.code());
  return error.code() == protocol::ErrorCode::none ? error.retriable()
                                                   : verdict == Verdict::retry || verdict == Verdict::find_coordinator;
}

}  // namespace

asio::awaitable<void> OffsetStore::commit(Lanes lanes, runtime::TimePoint deadline) {
  client::Backoff backoff(client_.options().retry_backoff_ms, client_.options().retry_backoff_max_ms);
  while (true) {
    std::unique_ptr<Error> failure;
    try {
      co_await commit_once(lanes, deadline);
    } catch (const Error& error) {
      failure = std::make_unique<Error>(error);
    }
    if (!failure) co_return;
    const auto again = client_.now() + backoff.next(client_.runtime().random());
    if (!cured_by_retry(*failure) || again >= deadline || life_->stopping) throw *failure;
    co_await sleep_until(life_, again);
  }
}

OffsetStore::Lanes OffsetStore::moved(Lanes lanes) {
  std::erase_if(lanes, [](const auto& lane) { return !lane->needs_commit(); });
  std::sort(lanes.begin(), lanes.end(), [](const auto& a, const auto& b) { return a->partition() < b->partition(); });
  return lanes;
}

void OffsetStore::committed(Lane& lane, std::int64_t offset) {
  lane.committed = offset;
  client_.events().on_event(partition_event(client::EventKind::committed, client::Severity::debug, lane.partition(),
                                            fmt::format("{}: committed offset {}", lane.partition().text(), offset),
                                            offset));
}

}  // namespace barnabas::group
