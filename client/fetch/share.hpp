// One partition's share of one Fetch response, and the forward-only walk over its records with every check in its
// place.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "barnabas/client/fetch/block.hpp"
#include "barnabas/client/options.hpp"
#include "barnabas/protocol/records/aborted.hpp"
#include "barnabas/protocol/records/batch.hpp"
#include "barnabas/protocol/records/compression.hpp"
#include "barnabas/protocol/records/view.hpp"

namespace barnabas::client {

/// What one response brought for one partition. Bytes are views into `block`.
struct Share {
  BlockRef block;
  protocol::bytes records;
  std::vector<records::AbortedTransaction> aborted;
  std::int64_t position = 0;  ///< records below it were asked for by nobody: skip them
  std::int64_t end = std::numeric_limits<std::int64_t>::max();  ///< records from it on are not wanted
  std::int64_t next_offset = 0;  ///< provisional position after this share, by batch headers alone
  std::int64_t high_watermark = -1;
  std::int64_t last_stable_offset = -1;
  std::uint64_t epoch = 0;  ///< fetch epoch of the partition; a share of an older one is dropped
};

/// Walks a share: CRC first, then below position, control, aborted, decompression, records. No allocation per record;
/// one decompression buffer, borrowed from the pool. Loop thread, but for prepare().
class ShareReader {
 public:
  struct Limits {
    Limits() = default;
    Isolation isolation = Isolation::read_committed;
    std::size_t decompressed_batch_bytes_max = 256u << 20;
    bool gaps = false;
  };

  ShareReader(Share share, Limits limits);
  ~ShareReader();
  ShareReader(const ShareReader&) = delete;
  ShareReader& operator=(const ShareReader&) = delete;

  /// The next record, or false at the end, at an error (failed()), or where a worker should go on (wants_worker()).
  /// The record's views are valid until the next call.
  bool next(records::RecordView& record) {
    while (true) {
      if (in_batch_) {
        if (cursor_.next(record)) {
          if (record.offset < position_) continue;
          if (record.offset >= share_.end) [[unlikely]]
            return end_at(record);
          position_ = record.offset + 1;
          return true;
        }
        if (!close_batch()) return false;
      }
      if (!open_batch()) return false;
    }
  }

  /// Goes on with the records of [first, end) alone, for those who may have only some of a share: both rise from call
  /// to call, and Share::position and Share::end were the first ones. True with the first record there is; false as
  /// next() is.
  bool next_window(std::int64_t first, std::int64_t end, records::RecordView& record);

  /// True when next() stopped in front of a batch whose decompression would hold the loop: call prepare() on a worker,
  /// then next() goes on with it.
  bool wants_worker() const { return state_ == State::wants_worker; }
  /// Decompresses that batch. Any thread, never beside another call.
  void prepare();

  /// A batch that is complete but cannot be read: bad CRC, bad compression, over the bound.
  bool failed() const { return state_ == State::failed; }
  const std::string& why() const { return why_; }
  /// Offsets of the batch that failed: [failed_first, failed_next); the end is the header's word and may be wrong.
  std::int64_t failed_first() const { return failed_first_; }
  std::int64_t failed_next() const { return failed_next_; }

  /// All offsets below it were given out, or skipped for good reason (control, aborted, compacted away).
  std::int64_t position() const { return position_; }
  const Share& share() const { return share_; }
  /// Of the batch that the last record came from.
  std::int32_t leader_epoch() const { return batch_.header().leader_epoch; }
  struct Gap {
    std::int64_t first, next;
  };
  /// With Limits::gaps: the offsets from Share::position on, up to the end of the batch that was last looked at, that
  /// hold no record; rising. The caller takes away what it has no use for any more.
  std::vector<Gap>& gaps() { return gaps_; }
  /// Batches left out because their transaction was aborted.
  std::uint64_t aborted_batches() const { return aborted_batches_; }

 private:
  enum class State : std::uint8_t { reading, wants_worker, prepared, failed, ended };
  bool open_batch();
  bool close_batch();
  bool end_here();
  bool end_at(const records::RecordView& record);
  void note_gap(std::int64_t first, std::int64_t next);
  void note_gaps_inside(protocol::bytes body);
  bool enter(protocol::bytes body);
  bool decompress_here();
  bool fail(std::string why);
  void settle_charge();

  Share share_;
  Limits limits_;
  records::BatchWalker walker_;
  records::BatchView batch_;
  records::RecordCursor cursor_;
  records::AbortedIndex aborted_;
  records::Buffer buffer_;
  std::int64_t charged_ = 0;
  protocol::bytes body_;
  State state_ = State::reading;
  bool in_batch_ = false;
  bool is_batch_held_ = false;  // read and checked, and beyond the end
  bool is_record_held_ = false;
  records::RecordView held_;
  bool has_buffer_ = false;
  std::int64_t position_ = 0;
  std::int64_t failed_first_ = -1, failed_next_ = -1;
  std::uint64_t aborted_batches_ = 0;
  std::int64_t covered_ = 0;  // gaps below it are known
  std::vector<Gap> gaps_;
  std::string why_;
};

}  // namespace barnabas::client
