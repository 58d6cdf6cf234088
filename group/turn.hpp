// A turn: a run of records of one partition on its way to a handler, and the word that comes back about them.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "barnabas/client/fetch/share.hpp"
#include "barnabas/client/topic_partition.hpp"

namespace barnabas::group {

class TurnSource;

/// Says what became of offsets. Cheap to copy; may outlive the source of its turn: what comes after the partition was
/// given away is dropped and counted. Loop thread only.
class Acker {
 public:
  Acker() = default;
  Acker(std::weak_ptr<TurnSource> source, std::uint64_t epoch) : source_(std::move(source)), epoch_(epoch) {}
  /// [first, next) is delivered, or dropped for a reason that was counted.
  void done(std::int64_t first, std::int64_t next) const;
  /// [first, next) will never be delivered, whoever tries. In a share group the records are rejected; elsewhere they
  /// are passed over, as by done().
  void reject(std::int64_t first, std::int64_t next) const;
  /// [first, next) was not delivered, and somebody may try again. In a share group the records are given back at once;
  /// elsewhere they stay unfinished, as if nothing had been said.
  void release(std::int64_t first, std::int64_t next) const;

 private:
  std::weak_ptr<TurnSource> source_;
  std::uint64_t epoch_ = 0;
};

/// Records to deliver: a run of batches of one partition, walked once, forward; never empty. Views are valid until the
/// next call of next(); what must live longer is copied (`record.own()`). The memory behind it is held until the turn
/// is destroyed; its source then goes on behind the last record that was taken. Loop thread only;
/// what own() copied may go anywhere.
class Turn {
 public:
  Turn() = default;
  Turn(Turn&& other) noexcept;
  Turn& operator=(Turn&& other) noexcept;
  ~Turn() { end(); }

  bool next(records::RecordView& record);
  const std::string& topic() const;
  std::int32_t partition() const;
  std::int32_t leader_epoch() const { return reader_->leader_epoch(); }
  /// Offsets of this turn start here …
  std::int64_t first_offset() const { return first_; }
  /// … and, once next() has returned false, end before this one (offsets that hold no record included).
  std::int64_t end_offset() const { return reader_->position(); }
  std::uint64_t count() const { return count_; }
  /// How often these records were handed to somebody, this time included, as the broker counts it; 0 outside of share
  /// groups, where nobody counts.
  std::int16_t delivery_count() const { return delivery_count_; }
  /// The partition is being given away: what was not taken yet need not be.
  bool leaving() const;
  /// To be told about each part of [first_offset(), end_offset()), in any order, at any later time.
  const Acker& acker() const { return acker_; }
  /// Gives the turn back before its destruction; acknowledgements may still come.
  void end() noexcept;

 private:
  friend class TurnSource;
  std::shared_ptr<TurnSource> source_;
  client::ShareReader* reader_ = nullptr;
  Acker acker_;
  std::int64_t first_ = 0;
  std::uint64_t count_ = 0;
  std::int16_t delivery_count_ = 0;
  bool peeked_ = false;  // the first record was read already and waits in the source
};

/// Where turns of one partition come from: a Lane, or in a share group a ShareLane. Loop thread only. What a turn asks
/// for each record is answered without a virtual call.
class TurnSource {
 public:
  explicit TurnSource(client::TopicPartition partition) : partition_(std::move(partition)) {}
  virtual ~TurnSource() = default;

  const client::TopicPartition& partition() const { return partition_; }
  /// Waits for records; one waiter. False when there will be none any more. Ends the turn before if that is still
  /// alive.
  virtual asio::awaitable<bool> next(Turn& turn) = 0;
  /// Nobody will take turns any more, or finish those that were taken.
  virtual void abandon() {}
  /// The lowest unfinished offset; -1 while unknown, and in a share group, where there is none.
  virtual std::int64_t position() const = 0;
  /// No more turns are handed out; those under way still count.
  bool closed() const { return closed_; }
  /// The partition is given away: acknowledgements count no more.
  bool fenced() const { return fenced_; }

 protected:
  friend class Acker;
  friend class Turn;
  enum class Outcome : std::uint8_t { done, rejected, released };

  void give(Turn& turn, std::shared_ptr<TurnSource> self, client::ShareReader& reader, std::uint64_t epoch,
            std::int64_t first, std::int16_t delivery_count);
  virtual void told(std::uint64_t epoch, std::int64_t first, std::int64_t next, Outcome outcome) = 0;
  virtual void turn_ended(std::uint64_t records) noexcept = 0;

  client::TopicPartition partition_;
  bool closed_ = false, fenced_ = false;
  records::RecordView peeked_;
  bool has_peeked_ = false;
};

inline const std::string& Turn::topic() const { return source_->partition().topic; }
inline std::int32_t Turn::partition() const { return source_->partition().partition; }
inline bool Turn::leaving() const { return source_->closed() || source_->fenced(); }
inline bool Turn::next(records::RecordView& record) {
  if (peeked_) [[unlikely]] {
    peeked_ = source_->has_peeked_ = false;
    record = source_->peeked_;
  } else if (!reader_->next(record)) {
    return false;
  }
  ++count_;
  return true;
}

}  // namespace barnabas::group
