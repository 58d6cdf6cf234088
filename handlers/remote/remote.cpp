// Gathering records into batches. Sending them is in send.cpp.
#include "barnabas/handlers/remote/remote.hpp"

#include <algorithm>
#include <utility>

namespace barnabas::handlers {

using client::EventKind;
using client::Severity;
using std::chrono::milliseconds;

/// One handle() call: what has been taken from its turn.
struct Remote::Intake {
  Intake(const group::Turn& from, std::uint64_t id)
      : turn(from), topic(from.topic()), turn_id(id), covered(from.first_offset()) {}
  const group::Turn& turn;
  PayloadTopic topic;
  std::uint64_t turn_id;
  std::int64_t covered;  ///< offsets below belong to a batch
};

namespace {

RetryOptions retry_options_of(const RemoteOptions& options) {
  RetryOptions retry;
  retry.backoff_ms = options.retry_backoff_ms;
  retry.backoff_max_ms = options.retry_backoff_max_ms;
  return retry;
}

}  // namespace

Remote::Remote(std::string name, RemoteOptions options, runtime::Runtime& runtime, client::EventSink& events)
    : name_(std::move(name)),
      options_(std::move(options)),
      retry_options_(retry_options_of(options_)),
      runtime_(runtime),
      events_(events),
      closing_(runtime.clock()),
      work_(runtime, StrandMap(static_cast<std::size_t>(options_.thread), options_.ordering),
            [this](Batch& batch) { return deliver(batch); }, {}),
      gathering_(runtime.clock()),
      tasks_(runtime) {
  for (std::size_t i = 0; i < work_.map().strands(); ++i) filling_.push_back(fresh_batch());
}

asio::awaitable<void> Remote::start() {
  if (options_.is_response_point) {
    tell(EventKind::config_warning, Severity::warning,
         "is_response_point: points in responses are not forwarded in this version; response bodies are ignored", 0);
  }
  work_.start();
  tasks_.spawn("flush by age", flush_by_age());
  co_return;
}

asio::awaitable<void> Remote::handle(group::Turn& turn) {
  Intake intake(turn, ++turns_);
  const std::size_t partition_strand = work_.map().partition_strand(turn.topic(), turn.partition());
  std::int64_t dropped = 0, first_dropped = -1;
  records::RecordView record;
  while (!closing_.closing() && turn.next(record)) {
    ++stats_.records;
    stats_.bytes += record.value.size();
    if (options_.header_check && !header_check_keeps(record.value)) {
      if (dropped++ == 0) first_dropped = record.offset;
      continue;
    }
    const std::size_t strand = strand_of(partition_strand, record);
    append(intake, strand, record);
    while (!work_.has_room(strand) && !turn.leaving() && !closing_.closing()) co_await work_.room(strand);
    if (turn.leaving()) break;
  }
  // What is left of the turn's offsets holds no record, or dropped ones alone.
  if (turn.count() > 0) turn.acker().done(intake.covered, turn.end_offset());
  stats_.dropped += static_cast<std::uint64_t>(dropped);
  if (dropped > 0) tell_dropped_by_header(turn, first_dropped, dropped);
  work_.pass_on();
}

std::size_t Remote::strand_of(std::size_t partition_strand, const records::RecordView& record) const {
  return work_.map().by_key() ? work_.map().key_strand(partition_strand, record.key) : partition_strand;
}

void Remote::append(Intake& intake, std::size_t strand, const records::RecordView& record) {
  if (!filling_[strand].empty()) {
    const auto size = filling_[strand].request.body.size() + payload_element_size(intake.topic, record.value.size());
    if (size > static_cast<std::size_t>(options_.batch_bytes_max)) put(strand);
  }
  Batch& batch = filling_[strand];
  if (batch.empty()) {
    batch.first_at = runtime_.clock().now();
    if (flusher_sleeps_) gathering_.set();
  }
  append_value(batch, intake.topic, record);
  ++batch.count;
  ++stats_.in_flight;
  batch.add_ack(intake.turn.acker(), intake.turn_id, intake.covered, record.offset + 1);
  intake.covered = record.offset + 1;
  if (is_full(batch)) put(strand);
}

void Remote::append_value(Batch& batch, const PayloadTopic& topic, const records::RecordView& record) {
  std::string& body = batch.request.body;
  if (options_.debug) {
    body.assign(record.value.data(), record.value.size());
  } else {
    payload_append(body, topic, record.value, record.has_value);
  }
}

bool Remote::is_full(const Batch& batch) const {
  return options_.debug || batch.count >= static_cast<std::uint32_t>(options_.send_message_count) ||
         batch.request.body.size() >= static_cast<std::size_t>(options_.batch_bytes_max);
}

void Remote::put(std::size_t strand) {
  if (!options_.debug) payload_finish(filling_[strand].request.body);
  Batch full = std::exchange(filling_[strand], fresh_batch());
  work_.put(strand, std::move(full));
}

Batch Remote::fresh_batch() {
  if (!spare_.empty()) {
    Batch batch = std::move(spare_.back());
    spare_.pop_back();
    return batch;
  }
  Batch batch;
  batch.request.owner = this;
  batch.request.url = options_.endpoint;
  batch.request.headers.emplace_back("Content-Type", "application/json");
  batch.request.connect_timeout = milliseconds(options_.connect_timeout_ms);
  return batch;
}

void Remote::recycle(Batch batch) {
  const bool is_oversized = batch.request.body.capacity() > 2 * static_cast<std::size_t>(options_.batch_bytes_max);
  if (is_oversized || spare_.size() > static_cast<std::size_t>(options_.thread)) return;
  batch.clear();
  spare_.push_back(std::move(batch));
}

void Remote::flush() {
  for (std::size_t strand = 0; strand < filling_.size(); ++strand) {
    if (!filling_[strand].empty()) put(strand);
  }
  work_.wake_all();
}

/// Puts what is as old as flush_interval_ms; returns when the next batch will be, or `never`.
runtime::TimePoint Remote::flush_old_batches() {
  const runtime::TimePoint now = runtime_.clock().now();
  runtime::TimePoint next = runtime::never;
  for (std::size_t strand = 0; strand < filling_.size(); ++strand) {
    if (filling_[strand].empty()) continue;
    const runtime::TimePoint due = filling_[strand].first_at + milliseconds(options_.flush_interval_ms);
    if (due <= now) {
      put(strand);
    } else {
      next = std::min(next, due);
    }
  }
  return next;
}

asio::awaitable<void> Remote::flush_by_age() {
  while (!closing_.closing()) {
    const runtime::TimePoint next = flush_old_batches();
    flusher_sleeps_ = next == runtime::never;
    co_await gathering_.wait_until(next);
    flusher_sleeps_ = false;
  }
}

asio::awaitable<void> Remote::close(runtime::TimePoint deadline) {
  closing_.close_by(deadline);
  gathering_.set();
  flush();
  const bool is_idle = co_await work_.idle_by(deadline);
  if (!is_idle) runtime_.http().cancel(this);
  co_await work_.stop();
  co_await tasks_.join();
}

}  // namespace barnabas::handlers
