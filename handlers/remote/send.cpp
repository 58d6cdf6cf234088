// Sending batches until they are delivered, dropped by choice, or given up at the deadline of close().
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "barnabas/handlers/remote/remote.hpp"

namespace barnabas::handlers {
namespace {

using client::EventKind;
using client::Severity;
using std::chrono::milliseconds;

// While the endpoint fails, one line this often for people; each attempt is an event of its own for machines.
constexpr auto tell_every = std::chrono::seconds(10);
constexpr std::size_t response_bytes_max = 1 << 20;

std::int64_t count_ms(runtime::Duration duration) { return std::chrono::duration_cast<milliseconds>(duration).count(); }

std::string in_words(runtime::Duration duration) {
  const std::int64_t ms = count_ms(duration);
  return ms < 1'000 ? fmt::format("{} ms", ms) : fmt::format("{}.{} s", ms / 1'000, ms % 1'000 / 100);
}

}  // namespace

asio::awaitable<void> Remote::deliver(Batch& batch) {
  const bool is_finished = co_await try_until_delivered(batch);
  if (is_finished) {
    stats_.in_flight -= batch.count;
    batch.acknowledge();
  } else {
    give_up(batch);
    batch.release();
  }
  recycle(std::move(batch));
}

/// True when the batch is to be acknowledged.
asio::awaitable<bool> Remote::try_until_delivered(Batch& batch) {
  Retry retry(runtime_.clock(), runtime_.random(), retry_options_);
  runtime::HttpRequest& request = batch.request;
  request.response_bytes_max = response_bytes_max;
  while (!closing_.over()) {
    request.timeout = milliseconds(options_.timeout_ms);
    if (closing_.closing()) request.timeout = std::min(request.timeout, closing_.deadline() - runtime_.clock().now());
    ++stats_.requests;
    if (retry.failures() > 0) ++stats_.retries;
    const runtime::HttpResponse response = co_await runtime_.http().send(request);
    const Verdict verdict = judge(response, runtime_.clock().unix_ms());
    if (verdict.kind == Verdict::Kind::delivered) {
      recovered();
      stats_.delivered += batch.count;
      co_return true;
    }
    const bool is_rejected = verdict.kind == Verdict::Kind::rejected;
    if (is_rejected && options_.on_rejected == OnRejected::drop) {
      batch.rejected = true;
      drop(batch, verdict);
      co_return true;
    }
    const auto pause = is_rejected ? retry.refused() : retry.failed(verdict.retry_after);
    if (!pause) co_return false;
    failed(batch, verdict, *pause);
    const bool waited = co_await closing_.pause(*pause);
    if (!waited) co_return false;
  }
  co_return false;
}

void Remote::failed(const Batch& batch, const Verdict& verdict, runtime::Duration pause) {
  const runtime::TimePoint now = runtime_.clock().now();
  const bool is_first = !std::exchange(failing_, true);
  if (is_first) failing_since_ = now;
  const bool is_news = is_first || now - last_told_ >= tell_every;
  if (is_news) last_told_ = now;
  std::string text =
      fmt::format("{} records were not delivered to {}: {}; trying again {}", batch.count, options_.endpoint,
                  verdict.why, pause.count() == 0 ? "at once" : "in " + in_words(pause));
  if (!is_first) text += fmt::format(" (failing for {})", in_words(now - failing_since_));
  if (verdict.kind == Verdict::Kind::rejected) text += "; the endpoint refuses the request itself";
  tell(is_first ? EventKind::delivery_failed : EventKind::delivery_retrying,
       is_news ? Severity::warning : Severity::debug, std::move(text), batch.count);
}

void Remote::recovered() {
  if (!std::exchange(failing_, false)) return;
  const runtime::Duration duration = runtime_.clock().now() - failing_since_;
  tell(EventKind::delivery_recovered, Severity::info,
       fmt::format("{} takes records again after {}", options_.endpoint, in_words(duration)), count_ms(duration));
}

void Remote::drop(const Batch& batch, const Verdict& verdict) {
  stats_.dropped += batch.count;
  tell(EventKind::record_dropped, Severity::error,
       fmt::format("{} records were dropped, as on_rejected = \"drop\" asks for: {} answered {}", batch.count,
                   options_.endpoint, verdict.why),
       batch.count);
}

void Remote::give_up(const Batch& batch) {
  tell(EventKind::delivery_failed, Severity::warning,
       fmt::format("{} records could not be delivered to {} before the stop; they stay in Kafka, unacknowledged, for "
                   "whoever takes their partitions next",
                   batch.count, options_.endpoint),
       batch.count);
}

void Remote::tell(EventKind kind, Severity severity, std::string text, std::int64_t count) {
  client::Event event(kind, severity, name_ + ": " + text);
  event.count = count;
  events_.on_event(event);
}

void Remote::tell_dropped_by_header(const group::Turn& turn, std::int64_t first_offset, std::int64_t count) {
  client::Event event(EventKind::record_dropped, Severity::info,
                      fmt::format("{}: {} records of {}[{}] from offset {} on were dropped by header_check", name_,
                                  count, turn.topic(), turn.partition(), first_offset));
  event.topic = turn.topic();
  event.partition = turn.partition();
  event.offset = first_offset;
  event.count = count;
  events_.on_event(event);
}

}  // namespace barnabas::handlers
