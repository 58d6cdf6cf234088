// A lane: one assigned partition on its way to a handler. Shares wait here; turns leave; acknowledgements come back.
#pragma once

#include <algorithm>
#include <asio/awaitable.hpp>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "barnabas/client/fetch/fetcher.hpp"
#include "barnabas/client/runtime/wakeup.hpp"
#include "barnabas/group/ack_window.hpp"
#include "barnabas/group/turn.hpp"

namespace barnabas::group {

/// Loop thread only.
class Lane final : public TurnSource, public client::FetchSink, public std::enable_shared_from_this<Lane> {
 public:
  /// `assignment_epoch` is unique among all lanes of a consumer, over time.
  Lane(client::Client& client, client::Fetcher& fetcher, client::TopicPartition partition,
       std::uint64_t assignment_epoch);
  ~Lane() override;

  std::uint64_t assignment_epoch() const { return assignment_epoch_; }

  /// Waits for records; one waiter. False when the lane was closed or has stopped (error()). Decompression that would
  /// hold the loop has been done on a worker. Ends the turn before if that is still alive.
  asio::awaitable<bool> next(Turn& turn) override;
  enum class Step : std::uint8_t { turn, nothing, ended };
  /// The same without waiting for the network: `nothing` when no record is here now.
  asio::awaitable<Step> advance(Turn& turn);
  /// Whether advance() is worth a try. It may still find nothing but offsets that hold no record.
  bool ready() const { return !user_paused_ && !in_use() && (reader_ || !queue_.empty()); }

  /// No more turns: next() returns false from now on. Turns and acknowledgements under way still count.
  void stop_handing_out();
  /// Nothing is under way: no turn is out and all that was handed out is finished.
  bool drained() const { return !turn_out_ && window_.all_done(); }
  /// Drops what is queued; acknowledgements are stale from here on.
  void fence();
  /// Set when the partition stopped for good.
  const Error* error() const { return error_.get(); }
  /// Of the batch that could not be read, when that is what stopped it: [first, next), the end by the header's word.
  struct OffsetRange {
    std::int64_t first = -1, next = -1;
  };
  OffsetRange unreadable() const { return unreadable_; }
  /// All that was wanted has been handed out. A truncation of the log can take that back.
  bool ended() const { return end_offset_ >= 0 && has_position_ && window_.handed_out() >= end_offset_; }
  /// Where reading ends by itself; -1: never, or not known yet.
  std::int64_t end_offset() const { return end_offset_; }

  /// Goes on somewhere else: what is queued is dropped, what was handed out stays as it is. Behind what was handed out,
  /// offsets in between count as finished; before it, records are delivered and committed again. Also gets a lane going
  /// that stopped (error()).
  void seek(client::StartPosition start);
  /// Starts the lane's user pause or ends it; independent of back-pressure, dies with the assignment. What is queued
  /// stays.
  void pause();
  void resume();

  AckWindow& window() { return window_; }
  bool has_position() const { return has_position_; }
  std::int64_t position() const override { return has_position_ ? window_.position() : -1; }
  /// Of the record before window().position(), for the commit; never too old, -1 while unknown.
  std::int32_t leader_epoch() const;
  /// Of the topic that the position belongs to; all zero when brokers tell none.
  const protocol::Uuid& topic_id() const { return topic_id_; }
  /// The committer's note: what the coordinator has, -1 while unknown.
  std::int64_t committed = -1;
  /// Offsets that are finished and not committed, of those that this lane handed out.
  std::int64_t uncommitted() const { return window_.position() - std::max(committed, began_at_); }
  /// A program's own word beside this partition's commits, which whoever starts there next finds in found_metadata. A
  /// broker takes 4,096 bytes (offset.metadata.max.bytes).
  std::string commit_metadata, found_metadata;
  /// Not while the topic may be another one of the same name: what was read of the old one says nothing about it.
  bool needs_commit() const;
  /// The coordinator does not know the topic: no commits until metadata has been asked.
  void doubt_topic();
  /// Records handed out; offsets passed over because their batch could not be read (unreadable.batch = skip).
  std::uint64_t records() const { return records_; }
  std::uint64_t skipped() const { return skipped_; }
  /// Acknowledgements that came too late, in offsets.
  std::uint64_t stale_acks() const { return stale_acks_; }

  // FetchSink
  void on_share(client::Share share) override;
  void on_position(std::int64_t offset, std::uint64_t epoch) override;
  void on_stopped(const Error& error) override;
  void on_end(std::int64_t offset) override;
  std::int64_t queued_bytes() const override;

  /// Called on the loop; must not destroy the lane.
  struct Listener {
    virtual ~Listener() = default;
    /// A share arrived, or the lane closed or stopped.
    virtual void lane_ready(Lane&) {}
    /// Acknowledgements moved the position, or a turn ended.
    virtual void lane_progressed(Lane&) {}
    /// A batch could not be read for the first time: somebody calls refetch() after a pause.
    virtual void lane_unreadable(Lane& lane) { lane.refetch(); }
  };
  /// One listener for whoever delivers, one for the consumer that owns the lane.
  void listen(Listener* listener) { listener_ = listener; }
  void set_owner(Listener* owner) { owner_ = owner; }
  /// Asks for the unreadable batch once more.
  void refetch();

 private:
  /// Since `epoch`, offsets from `limit` on belong to newer turns.
  struct Rewind {
    std::uint64_t epoch;
    std::int64_t limit;
  };
  struct EpochStart {
    std::int64_t offset;
    std::int32_t leader_epoch;
  };

  void told(std::uint64_t epoch, std::int64_t first, std::int64_t next, Outcome outcome) override;
  std::int64_t ack_limit(std::uint64_t epoch) const;
  bool over() const { return closed_ || fenced_ || ((error_ || ended()) && queue_.empty() && !reader_); }
  bool in_use() const { return turn_out_ || preparing_; }
  bool slow() const;

  void open_share();
  asio::awaitable<void> prepare();
  void hand_out(Turn& turn);
  void turn_ended(std::uint64_t records) noexcept override;
  void drop_reader();
  void drop_queue_from(std::size_t index);
  void released(std::int64_t bytes);
  void fail_reader();
  bool skip_unreadable(std::int64_t at, OffsetRange batch, const std::string& why);
  void tell_end();
  void stop(const Error& error);
  void skip_to(std::int64_t offset);
  void rewind_to(std::int64_t offset);
  void forget_rewinds();
  void open_window();
  void note_topic_id();
  void note_epoch(std::int64_t offset, std::int32_t leader_epoch);
  void unpin(client::Share& share);
  void tell_ready();
  void tell_progressed();

  client::Client& client_;
  client::Fetcher& fetcher_;
  std::uint64_t assignment_epoch_;

  std::uint64_t fetch_epoch_ = 0;
  std::deque<client::Share> queue_;
  std::int64_t queued_bytes_ = 0;  // the share being read included
  bool was_full_ = false;
  std::int64_t resume_at_ = 0;  // where the fetcher went on after its last move

  std::unique_ptr<client::ShareReader> reader_;
  bool reader_stale_ = false;
  bool turn_out_ = false, preparing_ = false;
  std::uint64_t turn_epoch_ = 0;
  std::int64_t turn_first_ = 0;
  runtime::TimePoint turn_started_{};
  bool last_turn_slow_ = false;

  AckWindow window_;
  bool has_position_ = false;
  std::int64_t began_at_ = 0;
  protocol::Uuid topic_id_{};
  bool doubted_ = false;
  std::uint64_t doubted_at_ = 0;  // generation of metadata
  std::uint64_t window_epoch_ = 1;
  std::uint64_t oldest_epoch_ = 0;  // acknowledgements of older turns can change nothing any more
  std::vector<Rewind> rewinds_;
  std::deque<EpochStart> epochs_;
  std::uint64_t stale_acks_ = 0;
  std::uint64_t records_ = 0, skipped_ = 0;

  std::int64_t end_offset_ = -1;
  bool end_told_ = false;
  bool sought_ = false;
  OffsetRange unreadable_;
  std::int64_t unreadable_at_ = -1;
  bool refetch_wanted_ = false;
  bool user_paused_ = false;
  runtime::Wakeup arrived_;
  std::unique_ptr<Error> error_;
  Listener* listener_ = nullptr;
  Listener* owner_ = nullptr;
};

}  // namespace barnabas::group
