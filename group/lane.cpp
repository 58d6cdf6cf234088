#include "barnabas/group/lane.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <limits>
#include <utility>

#include "barnabas/group/partition_event.hpp"

namespace barnabas::group {
namespace {

// A turn that takes longer makes its lane slow: its shares must not pin blocks that other lanes share.
constexpr auto slow_turn = std::chrono::milliseconds(100);

}  // namespace

Lane::Lane(client::Client& client, client::Fetcher& fetcher, client::TopicPartition partition,
           std::uint64_t assignment_epoch)
    : TurnSource(std::move(partition)),
      client_(client),
      fetcher_(fetcher),
      assignment_epoch_(assignment_epoch),
      arrived_(client.runtime().clock()) {}

Lane::~Lane() = default;

asio::awaitable<bool> Lane::next(Turn& turn) {
  const auto self = shared_from_this();
  while (true) {
    const Step step = co_await advance(turn);
    if (step != Step::nothing) co_return step == Step::turn;
    co_await arrived_.wait();
  }
}

asio::awaitable<Lane::Step> Lane::advance(Turn& turn) {
  const auto self = shared_from_this();
  turn.end();
  while (!over()) {
    if (user_paused_ || in_use()) co_return Step::nothing;
    if (!reader_) open_share();
    if (!reader_) co_return Step::nothing;
    if (!has_peeked_) has_peeked_ = reader_->next(peeked_);
    if (has_peeked_) {
      hand_out(turn);
      co_return Step::turn;
    }
    if (reader_->wants_worker()) {
      co_await prepare();
      if (reader_stale_ || closed_ || fenced_) drop_reader();
    } else if (reader_->failed()) {
      fail_reader();
    } else {
      // Markers and aborted records have a leader epoch, too.
      if (reader_->position() > window_.handed_out()) note_epoch(window_.handed_out(), reader_->leader_epoch());
      skip_to(reader_->position());
      drop_reader();
    }
  }
  co_return Step::ended;
}

void Lane::open_share() {
  if (queue_.empty()) {
    skip_to(resume_at_);
    return;
  }
  client::Share share = std::move(queue_.front());
  queue_.pop_front();
  if (last_turn_slow_) unpin(share);
  client::ShareReader::Limits limits;
  limits.isolation = fetcher_.options().isolation;
  limits.decompressed_batch_bytes_max = static_cast<std::size_t>(fetcher_.options().decompressed_batch_bytes_max);
  reader_ = std::make_unique<client::ShareReader>(std::move(share), limits);
}

asio::awaitable<void> Lane::prepare() {
  std::function<void()> work = [reader = reader_.get()] { reader->prepare(); };
  preparing_ = true;
  co_await client_.runtime().workers().run(work);
  preparing_ = false;
}

void Lane::hand_out(Turn& turn) {
  turn_out_ = true;
  turn_started_ = client_.now();
  turn_epoch_ = window_epoch_;
  turn_first_ = window_.handed_out();
  give(turn, shared_from_this(), *reader_, window_epoch_, turn_first_, 0);
}

void Lane::turn_ended(std::uint64_t records) noexcept {
  records_ += records;
  open_window();
  turn_out_ = false;
  last_turn_slow_ = client_.now() - turn_started_ > slow_turn;
  if (reader_stale_ || closed_ || fenced_) drop_reader();
  arrived_.set();
  tell_progressed();
}

/// What the turn that is out has taken counts as handed out, and may be acknowledged and committed before the turn
/// ends.
void Lane::open_window() {
  if (!turn_out_ || has_peeked_ || turn_epoch_ != window_epoch_ || fenced_) return;
  window_.opened(reader_->position());
  note_epoch(turn_first_, reader_->leader_epoch());
}

void Lane::note_epoch(std::int64_t offset, std::int32_t leader_epoch) {
  if (!epochs_.empty() && epochs_.back().offset == offset) {
    epochs_.back().leader_epoch = leader_epoch;
  } else if (epochs_.empty() || epochs_.back().leader_epoch != leader_epoch) {
    epochs_.push_back({offset, leader_epoch});
  }
}

void Lane::drop_reader() {
  const auto bytes = static_cast<std::int64_t>(reader_->share().records.size());
  reader_.reset();
  reader_stale_ = has_peeked_ = false;
  released(bytes);
  tell_end();
}

void Lane::drop_queue_from(std::size_t index) {
  std::int64_t bytes = 0;
  while (queue_.size() > index) {
    bytes += static_cast<std::int64_t>(queue_.back().records.size());
    queue_.pop_back();
  }
  released(bytes);
}

void Lane::released(std::int64_t bytes) {
  queued_bytes_ -= bytes;
  const bool has_room_again = was_full_ && queued_bytes_ < fetcher_.options().lane_bytes_max / 2;
  if (has_room_again) was_full_ = false;
  if ((has_room_again || queued_bytes_ == 0) && !fenced_) fetcher_.wake(partition_);
}

/// Offsets up to `offset` hold nothing to deliver.
void Lane::skip_to(std::int64_t offset) {
  const std::int64_t first = window_.handed_out();
  if (offset <= first) return;
  window_.opened(offset);
  window_.done(first, offset);
  tell_progressed();
}

void Lane::on_end(std::int64_t offset) {
  end_offset_ = offset;
  end_told_ = false;
}

void Lane::tell_end() {
  if (!ended() || std::exchange(end_told_, true)) return;
  client_.events().on_event(
      partition_event(client::EventKind::end_reached, client::Severity::info, partition_,
                      fmt::format("{}: read to its end at offset {}", partition_.text(), end_offset_), end_offset_));
  tell_ready();
}

bool Lane::slow() const {
  return last_turn_slow_ || !queue_.empty() || (turn_out_ && client_.now() - turn_started_ > slow_turn);
}

/// A small share gets a block of its own, so that it does not hold a large one that others wait for.
void Lane::unpin(client::Share& share) {
  if (!share.block || share.records.empty()) return;
  if (client::BlockPool::class_bytes(share.records.size()) * 2 > share.block.capacity()) return;
  client::BlockRef own = client_.pool().take(share.records.size());
  std::memcpy(own.data(), share.records.data(), share.records.size());
  share.records = protocol::bytes(own.data(), share.records.size());
  share.block = std::move(own);
}

void Lane::on_share(client::Share share) {
  if (share.epoch != fetch_epoch_ || closed_ || fenced_ || error_ || refetch_wanted_) return;
  if (topic_id_.is_zero()) note_topic_id();  // the position may have been there before metadata was
  queued_bytes_ += static_cast<std::int64_t>(share.records.size());
  if (queued_bytes_ >= fetcher_.options().lane_bytes_max) was_full_ = true;
  const bool was_slow = slow();
  queue_.push_back(std::move(share));
  if (was_slow) {
    for (auto& waiting : queue_) unpin(waiting);
  }
  tell_ready();
}

void Lane::note_topic_id() {
  if (const client::TopicInfo* topic = client_.metadata().topic(partition_.topic)) topic_id_ = topic->id;
}

std::int64_t Lane::queued_bytes() const {
  if (closed_ || fenced_ || error_ || refetch_wanted_) return std::numeric_limits<std::int64_t>::max() / 2;
  return queued_bytes_;
}

/// Records in hand that lie below the new position are delivered all the same: the position moved, not the past.
void Lane::on_position(std::int64_t offset, std::uint64_t epoch) {
  if (closed_ || fenced_) return;
  fetch_epoch_ = epoch;
  resume_at_ = offset;
  note_topic_id();
  if (!has_position_) {
    has_position_ = true;
    began_at_ = offset;
    window_.reset(offset);
    tell_end();
    return;
  }
  open_window();
  if (std::exchange(sought_, false)) return offset < window_.handed_out() ? rewind_to(offset) : skip_to(offset);

  std::size_t kept = 0;
  while (kept < queue_.size() && queue_[kept].next_offset <= offset) ++kept;
  bool cut = kept < queue_.size();
  drop_queue_from(kept);
  if (reader_ && reader_->share().next_offset > offset) {
    cut = true;
    drop_queue_from(0);
    reader_stale_ = true;
    if (!in_use()) drop_reader();
  }
  if (offset < window_.handed_out()) return rewind_to(offset);

  const bool reading = reader_ && !reader_stale_;
  const std::int64_t in_hand_until = !queue_.empty() ? queue_.back().next_offset
                                     : reading       ? reader_->share().next_offset
                                                     : window_.handed_out();
  if (cut && in_hand_until < offset) {
    const auto start = client::StartPosition::offset(in_hand_until);
    fetcher_.seek(partition_, start);
  } else if (!reading && queue_.empty() && !in_use()) {
    skip_to(offset);
  }
}

void Lane::rewind_to(std::int64_t offset) {
  window_.rewind(offset);
  ++window_epoch_;
  rewinds_.push_back({window_epoch_, offset});
  forget_rewinds();
  while (!epochs_.empty() && epochs_.back().offset >= offset) epochs_.pop_back();
  tell_progressed();
}

/// Acknowledgements of turns that began in `epoch` count below this offset.
std::int64_t Lane::ack_limit(std::uint64_t epoch) const {
  if (epoch < oldest_epoch_) return std::numeric_limits<std::int64_t>::min();
  std::int64_t limit = std::numeric_limits<std::int64_t>::max();
  for (const Rewind& rewind : rewinds_) {
    if (rewind.epoch > epoch) limit = std::min(limit, rewind.limit);
  }
  return limit;
}

/// What is rejected is passed over; what is released stays unfinished, until whoever has the partition next reads it.
void Lane::told(std::uint64_t epoch, std::int64_t first, std::int64_t next, Outcome outcome) {
  if (outcome == Outcome::released) return;
  open_window();
  const std::int64_t wanted = next;
  if (fenced_) {
    next = first;
  } else if (epoch != window_epoch_) {
    next = std::max(first, std::min(next, ack_limit(epoch)));
  }
  const std::int64_t before = window_.position();
  const bool known = next == first || window_.done(first, next);
  if (!known || next < wanted) {
    stale_acks_ += static_cast<std::uint64_t>(known ? wanted - next : wanted - first);
    auto event = partition_event(
        client::EventKind::stale_ack_dropped, known ? client::Severity::debug : client::Severity::error, partition_,
        fmt::format("{}: offsets {} to {} were acknowledged {}", partition_.text(), first, wanted - 1,
                    known ? "after the partition had moved on" : "without having been handed out"),
        first);
    event.count = known ? wanted - next : wanted - first;
    client_.events().on_event(event);
  }
  if (window_.position() == before) return;
  while (epochs_.size() > 1 && epochs_[1].offset < window_.position()) epochs_.pop_front();
  forget_rewinds();
  tell_progressed();
}

void Lane::forget_rewinds() {
  std::erase_if(rewinds_, [&](const Rewind& rewind) {
    if (rewind.limit > window_.position()) return false;
    oldest_epoch_ = std::max(oldest_epoch_, rewind.epoch);
    return true;
  });
}

std::int32_t Lane::leader_epoch() const {
  std::int32_t leader_epoch = -1;
  for (const EpochStart& start : epochs_) {
    if (start.offset < window_.position()) leader_epoch = start.leader_epoch;
  }
  return leader_epoch;
}

bool Lane::needs_commit() const {
  if (!has_position_ || fenced_ || window_.position() == committed) return false;
  const client::TopicInfo* topic = client_.metadata().topic(partition_.topic);
  if (topic && !topic->id.is_zero() && !topic_id_.is_zero() && topic->id != topic_id_) return false;
  if (!doubted_) return true;
  return topic && topic->error == protocol::ErrorCode::none && client_.metadata().generation() > doubted_at_;
}

void Lane::doubt_topic() {
  doubted_ = true;
  doubted_at_ = client_.metadata().generation();
  client_.request_metadata("the coordinator does not know topic " + partition_.topic);
}

/// Read once more before anything is concluded: what went wrong may have happened on the way.
void Lane::fail_reader() {
  const std::int64_t at = std::max(reader_->position(), window_.handed_out());
  const bool again = unreadable_at_ == at;
  const OffsetRange batch{at, std::max(at, reader_->failed_next())};
  const std::string why = reader_->why();
  auto event = partition_event(client::EventKind::corrupt_batch, client::Severity::error, partition_,
                               fmt::format("{}: {}; {}", partition_.text(), why,
                                           again ? "it was the same the time before" : "it is fetched once more"),
                               at);
  event.code = protocol::ErrorCode::corrupt_message;
  client_.events().on_event(event);
  skip_to(at);
  drop_reader();
  drop_queue_from(0);
  if (!again) {
    unreadable_at_ = at;
    refetch_wanted_ = true;
    if (owner_) return owner_->lane_unreadable(*this);
    return refetch();
  }
  if (skip_unreadable(at, batch, why)) return;
  unreadable_ = batch;
  Error error(Error::Stage::protocol, "read " + partition_.text(), "",
              fmt::format("{} (offsets {} to {}), twice", why, at, std::max(at, batch.next - 1)));
  error.code(protocol::ErrorCode::corrupt_message);
  error.hint(
      "the log on the broker is damaged, or something between changes bytes; look at the leader's disk, move the "
      "group's offset past the batch, or let unreadable.batch=skip pass it over");
  stop(error);
}

/// Passes a batch over that stays unreadable, if that is wanted and it is known where the batch ends.
bool Lane::skip_unreadable(std::int64_t at, OffsetRange batch, const std::string& why) {
  if (fetcher_.options().unreadable_batch != client::UnreadableBatch::skip || batch.next <= at) return false;
  const client::FetchStatus* status = fetcher_.status(partition_);
  if (!status || batch.next > status->high_watermark) return false;
  skipped_ += static_cast<std::uint64_t>(batch.next - at);
  auto event = partition_event(
      client::EventKind::batch_skipped, client::Severity::error, partition_,
      fmt::format("{}: offsets {} to {} are passed over: {}", partition_.text(), at, batch.next - 1, why), at);
  event.count = batch.next - at;
  event.code = protocol::ErrorCode::corrupt_message;
  client_.events().on_event(event);
  unreadable_at_ = -1;
  const auto start = client::StartPosition::offset(batch.next);
  fetcher_.seek(partition_, start);
  return true;
}

void Lane::refetch() {
  if (!std::exchange(refetch_wanted_, false) || closed_ || fenced_ || error_) return;
  const auto start = client::StartPosition::offset(unreadable_at_);
  fetcher_.seek(partition_, start);
}

void Lane::stop(const Error& error) {
  fetcher_.pause(partition_);
  auto event = partition_event(client::EventKind::partition_stopped, client::Severity::error, partition_, error.what(),
                               window_.handed_out());
  event.code = error.code();
  client_.events().on_event(event);
  on_stopped(error);
}

void Lane::on_stopped(const Error& error) {
  if (error_) return;
  error_ = std::make_unique<Error>(error);
  tell_ready();
}

void Lane::stop_handing_out() {
  if (std::exchange(closed_, true)) return;
  drop_queue_from(0);
  if (reader_ && !in_use()) drop_reader();
  tell_ready();
}

void Lane::fence() {
  if (std::exchange(fenced_, true)) return;
  drop_queue_from(0);
  if (reader_ && !in_use()) drop_reader();
  tell_ready();
  tell_progressed();
}

void Lane::seek(client::StartPosition start) {
  if (closed_ || fenced_) return;
  drop_queue_from(0);
  if (reader_) reader_stale_ = true;
  if (reader_ && !in_use()) drop_reader();
  sought_ = has_position_;
  refetch_wanted_ = false;
  unreadable_at_ = -1;
  if (std::exchange(error_, nullptr) && !user_paused_) fetcher_.resume(partition_);
  fetcher_.seek(partition_, start);
}

void Lane::pause() {
  if (closed_ || fenced_) return;  // the fetcher may have a successor of this name
  user_paused_ = true;
  fetcher_.pause(partition_);
}

void Lane::resume() {
  if (closed_ || fenced_ || !std::exchange(user_paused_, false)) return;
  fetcher_.resume(partition_);
  tell_ready();
}

void Lane::tell_ready() {
  arrived_.set();
  if (owner_) owner_->lane_ready(*this);
  if (listener_) listener_->lane_ready(*this);
}

void Lane::tell_progressed() {
  if (owner_) owner_->lane_progressed(*this);
  if (listener_) listener_->lane_progressed(*this);
}

}  // namespace barnabas::group
