// A lane: one assigned partition on its way to a handler. Shares wait here; turns leave; acknowledgements come back.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "barnabas/client/fetch/fetcher.hpp"
#include "barnabas/client/runtime/wakeup.hpp"
#include "barnabas/group/ack_window.hpp"

namespace barnabas::group {

class Lane;

/// Says that offsets are finished. Cheap to copy; may outlive the lane: an acknowledgement that comes after the
/// partition was given away is dropped and counted. Loop thread only.
class Acker {
 public:
  Acker() = default;
  Acker(std::weak_ptr<Lane> lane, std::uint64_t epoch) : lane_(std::move(lane)), epoch_(epoch) {}
  /// [first, next) is delivered, or dropped for a reason that was counted.
  void done(std::int64_t first, std::int64_t next) const;

 private:
  std::weak_ptr<Lane> lane_;
  std::uint64_t epoch_ = 0;
};

/// Records to deliver: a run of batches of one partition, walked once, forward. Views are valid until the next call of
/// next(); what must live longer is copied (`record.own()`). The memory behind it is held until the turn is destroyed.
class Turn {
 public:
  bool next(records::RecordView& record) {
    if (!reader_->next(record)) return false;
    ++count_;
    return true;
  }
  const std::string& topic() const;
  std::int32_t partition() const;
  std::int32_t leader_epoch() const { return reader_->leader_epoch(); }
  /// Offsets of this turn start here …
  std::int64_t first_offset() const { return first_; }
  /// … and, once next() has returned false, end before this one (offsets that hold no record included).
  std::int64_t end_offset() const { return reader_->position(); }
  std::uint64_t count() const { return count_; }
  /// To be told about each part of [first_offset(), end_offset()), in any order, at any later time.
  const Acker& acker() const { return acker_; }

 private:
  friend class Lane;
  std::shared_ptr<Lane> lane_;
  client::ShareReader* reader_ = nullptr;
  Acker acker_;
  std::int64_t first_ = 0;
  std::uint64_t count_ = 0;
};

/// Loop thread only.
class Lane final : public client::FetchSink, public std::enable_shared_from_this<Lane> {
 public:
  /// `assignment_epoch` is unique among all lanes of a consumer, over time.
  Lane(client::Client& client, client::Fetcher& fetcher, client::TopicPartition partition, std::uint64_t assignment_epoch);
  ~Lane() override;

  const client::TopicPartition& partition() const { return partition_; }
  std::uint64_t assignment_epoch() const { return assignment_epoch_; }

  /// Waits for records. False when the lane was closed or has stopped (error()). Decompression that would hold the loop has
  /// been done on a worker. The turn before must be destroyed first.
  asio::awaitable<bool> next(Turn& turn);
  /// The same without waiting; false when nothing is ready now.
  bool ready() const { return !queue_.empty() || reader_ != nullptr; }

  /// No more turns: next() returns false from now on. Turns and acknowledgements under way still count.
  void stop_handing_out();
  bool closed() const { return closed_; }
  /// Drops what is queued and fences: acknowledgements are stale from here on.
  void fence();
  /// Set when the partition stopped for good.
  const Error* error() const { return error_.get(); }

  /// Ends the lane's user pause or starts it; independent of back-pressure, dies with the assignment.
  void pause();
  void resume();

  AckWindow& window() { return window_; }
  bool has_position() const { return has_position_; }
  std::int32_t leader_epoch() const { return leader_epoch_; }
  /// Set whenever the commit position moved; the committer clears it.
  bool dirty = false;
  std::int64_t committed = -1;

  // FetchSink
  void on_share(client::Share share) override;
  void on_position(std::int64_t offset, std::uint64_t epoch) override;
  void on_stopped(const Error& error) override;
  std::int64_t queued_bytes() const override { return queued_bytes_; }

  /// Called (on the loop) when a share arrives, the lane closes or stops, or acknowledgements move the position.
  struct Listener {
    virtual ~Listener() = default;
    virtual void lane_ready(Lane&) {}
    virtual void lane_progressed(Lane&) {}
  };
  void listen(Listener* listener) { listener_ = listener; }

 private:
  friend class Acker;
  friend class Turn;
  void done(std::uint64_t epoch, std::int64_t first, std::int64_t next);

  client::Client& client_;
  client::Fetcher& fetcher_;
  client::TopicPartition partition_;
  std::uint64_t assignment_epoch_;
  std::uint64_t fetch_epoch_ = 0;
  std::deque<client::Share> queue_;
  std::int64_t queued_bytes_ = 0;
  std::unique_ptr<client::ShareReader> reader_;
  AckWindow window_;
  bool has_position_ = false;
  bool closed_ = false, fenced_ = false;
  std::int32_t leader_epoch_ = -1;
  runtime::Wakeup arrived_;
  std::unique_ptr<Error> error_;
  Listener* listener_ = nullptr;
};

inline const std::string& Turn::topic() const { return lane_->partition().topic; }
inline std::int32_t Turn::partition() const { return lane_->partition().partition; }

}  // namespace barnabas::group
