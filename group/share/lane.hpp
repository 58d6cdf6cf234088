// One partition of a share group on its way to a handler: what leaders acquired for this member waits here in lots,
// turns leave, and what became of the records comes back.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "barnabas/client/client.hpp"
#include "barnabas/client/options.hpp"
#include "barnabas/client/runtime/wakeup.hpp"
#include "barnabas/group/share/acquisition.hpp"
#include "barnabas/group/turn.hpp"

namespace barnabas::group {

/// Records of one response that are this member's until its lock ends.
struct ShareLot {
  std::uint64_t id = 0;  ///< unique within its lane, over time
  client::Share share;   ///< moved into the reader when the lot's turn comes
  std::vector<AcquiredRange> ranges;
  std::size_t range = 0;                       ///< that is handed out now
  std::int64_t handed_until = 0;               ///< offsets below were handed out, or hold no record
  OpenOffsets open;                            ///< nothing was said about them yet
  std::vector<client::ShareReader::Gap> gaps;  ///< once it has been read
  runtime::TimePoint lock_until{}, renew_at{};
  bool renewing = false;
};

/// Loop thread only.
class ShareLane final : public TurnSource, public std::enable_shared_from_this<ShareLane> {
 public:
  /// Called on the loop; must not destroy the lane.
  struct Owner {
    virtual ~Owner() = default;
    /// Records arrived, or the lane has ended.
    virtual void lane_ready(ShareLane& lane) = 0;
    /// There is something to say to the leader, or room for more, or less under way.
    virtual void lane_told(ShareLane& lane) = 0;
  };

  ShareLane(client::Client& client, const client::FetchOptions& options, Owner& owner, client::TopicPartition partition,
            const protocol::Uuid& topic_id);

  /// The owner goes away, or has dropped the lane; turns may outlive both.
  void detach() { owner_ = nullptr; }

  const protocol::Uuid& topic_id() const { return topic_id_; }
  asio::awaitable<bool> next(Turn& turn) override;
  enum class Step : std::uint8_t { turn, nothing, ended };
  /// The same without waiting for the network: `nothing` when no record is here now.
  asio::awaitable<Step> advance(Turn& turn);
  bool ready() const { return !in_use() && (lot_ || !queue_.empty()); }
  std::int64_t position() const override { return -1; }
  /// What is in hand is given back, and nothing more is acquired.
  void abandon() override;
  /// Set when the partition stopped for good.
  const Error* error() const { return error_.get(); }
  void stop(const Error& why);

  // For whoever speaks with the leader.
  /// Records up to the last byte that came, and the ranges that were acquired, all within what the batches cover.
  void take(client::Share share, std::vector<AcquiredRange> ranges, std::int32_t lock_timeout_ms);
  /// Whether more should be acquired: nothing is queued, and what is under way is less than twice `records_max`.
  bool wants_more(std::int64_t records_max) const;
  Acknowledgements& to_say() { return to_say_; }
  bool renewal_due(runtime::TimePoint now) const;
  /// Open ranges of lots whose locks are half over, to be renewed.
  Acknowledgements renewals(runtime::TimePoint now);
  void renewed(std::int32_t lock_timeout_ms);
  void not_renewed();
  /// The leader cannot renew.
  void renew_never() { may_renew_ = false; }
  /// Ends the lots whose locks are over: their records may be somebody else's.
  void expire(runtime::TimePoint now);
  /// When renewals() or expire() have something to do.
  runtime::TimePoint next_timer(bool renew) const;
  /// All that was acquired is this member's no more. Nothing is said about it any more.
  void lose(const std::string& why, client::Severity severity = client::Severity::warning);

  // For the consumer.
  /// No more turns; what was not handed out is given back.
  void stop_handing_out();
  /// Nothing is under way.
  bool drained() const { return !turn_out_ && unfinished() == 0; }
  /// Gives back what is under way: late words about it are dropped and counted.
  void fence();
  /// Offsets that were acquired and about which nothing was said.
  std::int64_t unfinished() const;

  /// The leader that is asked, -1 while unknown; the consumer's note.
  std::int32_t leader_id = -1;
  /// Errors of the partition: not asked again before; for the leader's loop.
  runtime::TimePoint not_before{};
  int failures = 0;

  struct Counts {
    std::uint64_t records = 0;   ///< handed out
    std::uint64_t again = 0;     ///< of them, not for the first time
    std::uint64_t accepted = 0;  ///< offsets, as are all below
    std::uint64_t released = 0, rejected = 0, gaps = 0;
    std::uint64_t lost = 0;        ///< acquisitions that ended before anything was said
    std::uint64_t stale_acks = 0;  ///< said too late
  };
  const Counts& counts() const { return counts_; }
  Counts& counts() { return counts_; }

 private:
  bool in_use() const { return turn_out_ || preparing_; }
  bool over() const { return closed_ || fenced_ || error_; }
  void open_lot();
  void close_window();
  void close_lot();
  void fail_lot();
  asio::awaitable<void> prepare();
  void told(std::uint64_t epoch, std::int64_t first, std::int64_t next, Outcome outcome) override;
  void turn_ended(std::uint64_t records) noexcept override;
  void say(ShareLot& lot, std::int64_t first, std::int64_t next, AcknowledgeType type);
  void release_unhanded(ShareLot& lot);
  void replace(const AcquiredRange& range);
  void forget_if_finished(std::uint64_t id);
  void drop_reader();
  client::Event event(client::EventKind kind, client::Severity severity, std::int64_t offset, std::string text) const;

  client::Client& client_;
  const client::FetchOptions& options_;
  Owner* owner_;
  protocol::Uuid topic_id_;

  std::map<std::uint64_t, std::shared_ptr<ShareLot>> lots_;  // with something open, or to be read
  std::deque<std::shared_ptr<ShareLot>> queue_;              // not begun
  std::shared_ptr<ShareLot> lot_;                            // being read
  std::unique_ptr<client::ShareReader> reader_;
  bool window_open_ = false, lot_lost_ = false;
  bool turn_out_ = false, preparing_ = false, slow_ = false;
  std::int64_t turn_first_ = 0;
  runtime::TimePoint turn_started_{};
  std::uint64_t next_lot_ = 1;
  bool may_renew_ = true;
  Acknowledgements to_say_;
  runtime::Wakeup arrived_;
  std::unique_ptr<Error> error_;
  Counts counts_;
};

}  // namespace barnabas::group
