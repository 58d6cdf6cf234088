// One partition's share of one Fetch response, and the forward-only walk over its records with every check in its place.
#pragma once

#include <cstdint>
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
  std::int64_t position = 0;     ///< records below it were asked for by nobody: skip them
  std::int64_t next_offset = 0;  ///< provisional position after this share, by batch headers alone
  std::int64_t high_watermark = -1;
  std::int64_t last_stable_offset = -1;
  std::uint64_t epoch = 0;  ///< fetch epoch of the partition; a share of an older one is dropped
};

/// Walks a share: CRC first, then below position, control, aborted, decompression, records. No allocation per record;
/// one decompression buffer, reused. Runs on the loop or on a worker, one thread at a time.
class ShareReader {
 public:
  struct Limits {
    Isolation isolation = Isolation::read_committed;
    std::size_t decompressed_batch_bytes_max = 256u << 20;
  };

  ShareReader(Share share, Limits limits);

  /// The next record, or false at the end, at an error (failed()), or where a worker should go on (wants_worker()).
  /// The record's views are valid until the next call.
  bool next(records::RecordView& record) {
    while (!in_batch_ || !cursor_.next(record) || record.offset < share_.position) {
      if (!in_batch_ || cursor_done()) {
        if (!open_next_batch()) return false;
      }
    }
    return true;
  }

  /// True when next() stopped in front of a batch whose decompression would hold the loop: call prepare() on a worker.
  bool wants_worker() const { return wants_worker_; }
  /// Checks and decompresses that batch; next() then goes on with it. Any thread, never beside next().
  void prepare();

  /// A batch that is complete but cannot be read: bad CRC, bad compression, over the bound. Its offsets are in why().
  bool failed() const { return !why_.empty(); }
  const std::string& why() const { return why_; }
  /// Offsets of the batch that failed: [failed_first, failed_next).
  std::int64_t failed_first() const { return failed_first_; }
  std::int64_t failed_next() const { return failed_next_; }

  /// All offsets below it were given out or skipped for good reason.
  std::int64_t position() const { return position_; }
  const Share& share() const { return share_; }
  std::int32_t leader_epoch() const { return batch_.header().leader_epoch; }
  std::uint64_t skipped_aborted() const { return skipped_aborted_; }

 private:
  bool cursor_done();
  bool open_next_batch();
  bool accept_batch();
  bool decompress_batch();
  bool fail(std::string why);

  Share share_;
  Limits limits_;
  records::BatchWalker walker_;
  records::BatchView batch_;
  records::RecordCursor cursor_;
  records::AbortedIndex aborted_;
  records::Buffer buffer_;
  protocol::bytes body_;
  bool in_batch_ = false;
  bool wants_worker_ = false;
  bool prepared_ = false;
  std::int64_t position_ = 0;
  std::int64_t failed_first_ = -1, failed_next_ = -1;
  std::uint64_t skipped_aborted_ = 0;
  std::string why_;
};

}  // namespace barnabas::client
