// Builds record batches of magic 2: for the producer, the embedded broker and tests.
#pragma once

#include <initializer_list>
#include <optional>
#include <span>
#include <string>

#include "barnabas/protocol/records/batch.hpp"
#include "barnabas/protocol/records/view.hpp"

namespace barnabas::records {

struct BatchOptions {
  BatchOptions() {}
  explicit BatchOptions(Codec with) : codec(with) {}

  Codec codec = Codec::none;
  int level = default_level;          ///< see compress()
  std::size_t bytes_max = 1'000'000;  ///< of the batch before compression, header included: exact
  /// Of the batch after compression, by what former batches of this builder compressed to: an estimate that the next
  /// batch may miss when its records are of another kind. 0: bytes_max alone counts. Whatever it says, bytes_max holds.
  std::size_t compressed_bytes_max = 0;
  int64 producer_id = -1;  ///< -1: neither idempotent nor transactional
  int16 producer_epoch = -1;
  int32 base_sequence = -1;  ///< of the first batch; the builder counts on from there unless it is -1
  int32 leader_epoch = -1;
  bool transactional = false;
  bool control = false;  ///< its records are markers for the consumer, not data; see control_batch()
  /// Until when compaction keeps the batch's tombstones and markers (KIP-534); takes the place of the base timestamp.
  std::optional<int64> delete_horizon_ms{};
  /// What timestamps count from; else the first record's.
  std::optional<int64> base_timestamp_ms{};
};

/// Collects records for one partition into one batch after the other. One thread at a time.
class BatchBuilder {
 public:
  BatchBuilder() : BatchBuilder(BatchOptions()) {}
  explicit BatchBuilder(BatchOptions options);

  /// Adds a record with the next offset. False, and nothing is added, when the batch would exceed one of its bounds; an
  /// empty batch takes any record, so that finish() and a second append() always get on. Throws std::length_error when
  /// the record alone is beyond what a batch can describe (2 GiB).
  bool append(int64 timestamp_ms, std::optional<string> key, std::optional<string> value,
              std::span<const HeaderView> headers = {});
  bool append(int64 timestamp_ms, std::optional<string> key, std::optional<string> value,
              std::initializer_list<HeaderView> headers) {
    return append(timestamp_ms, key, value, std::span(headers.begin(), headers.size()));
  }
  /// Copies timestamp, key, value and headers of `record`; not its offset.
  bool append(const RecordView& record);

  /// Leaves out `offsets` offsets, as compaction does: behind the records so far, or, before finish(), at the end of
  /// the batch. Throws std::length_error when `offsets` is negative or the batch would span more than 2^31 - 1.
  void skip(int32 offsets);

  /// The batch, ready for the wire, or an empty string when it would span no offset. The builder is empty afterwards
  /// and goes on with the next sequence number. Throws std::runtime_error when the compressor fails.
  std::string finish(int64 base_offset = 0);

  /// Size of the batch so far, before compression, header included.
  std::size_t size() const { return batch_header_size + records_.size(); }
  int32 count() const { return count_; }
  bool empty() const { return count_ == 0; }

 private:
  void reset();
  bool full_with(std::size_t records_bytes) const;
  bytes compressed_body();
  BatchHeader header(int64 base_offset) const;

  BatchOptions options_;
  std::string records_;
  Buffer compressed_;
  int64 base_timestamp_ = -1;
  int64 max_timestamp_ = -1;
  int32 next_offset_delta_ = 0;
  int32 count_ = 0;
  double ratio_ = 1;  // compressed to uncompressed, of former batches
};

/// The batch that a transaction coordinator writes to end a transaction: one control record (KIP-98).
std::string control_batch(int64 base_offset, int64 producer_id, int16 producer_epoch, ControlType type,
                          int64 timestamp_ms, int32 coordinator_epoch = 0);

/// What a leader writes into a batch when it appends it: neither field is under the checksum. `batch` holds a whole
/// batch.
void stamp_batch(std::span<char> batch, int64 base_offset, int32 leader_epoch);

/// Gives all records the time of the append (message.timestamp.type=LogAppendTime) and renews the checksum.
void stamp_log_append_time(std::span<char> batch, int64 timestamp_ms);

/// Computes length (from the size of `batch`) and checksum anew: after fields of the header or the body were changed.
void seal_batch(std::span<char> batch);

}  // namespace barnabas::records
