// Builds message sets of magic 0 and 1, for brokers older than 0.11 and for tests; and turns batches into them.
#pragma once

#include <optional>
#include <string>

#include "barnabas/protocol/records/legacy.hpp"
#include "barnabas/protocol/records/view.hpp"

namespace barnabas::records {

struct MessageSetOptions {
  MessageSetOptions() {}
  explicit MessageSetOptions(int8 with_magic, Codec with = Codec::none) : magic(with_magic), codec(with) {}

  int8 magic = 1;  ///< 0 or 1
  Codec codec = Codec::none;
  int level = default_level;                  ///< see compress()
  std::size_t bytes_max = 1'000'000;          ///< of the messages before compression
  std::optional<int64> log_append_time_ms{};  ///< gives all messages this time, as a broker does; magic 1
};

/// Collects records for one partition: each becomes a message, or, with a codec, all of them one wrapper around
/// messages. Message sets have no headers, no producer ids and no transactions. One thread at a time.
class MessageSetBuilder {
 public:
  MessageSetBuilder() : MessageSetBuilder(MessageSetOptions()) {}
  /// Throws std::invalid_argument for another magic, and for zstd, which message sets lack.
  explicit MessageSetBuilder(MessageSetOptions options);

  /// Adds a record with the next offset; magic 0 drops the timestamp. False, and nothing is added, when the set would
  /// exceed bytes_max; an empty one takes any record. Throws std::length_error for a record of 2 GiB and more.
  bool append(int64 timestamp_ms, std::optional<string> key, std::optional<string> value);
  /// Leaves out `offsets` offsets in front of the next record, as compaction does.
  void skip(int32 offsets);

  /// The message set, ready for the wire, or an empty string when nothing was added. The builder is empty afterwards.
  /// Throws std::runtime_error when the compressor fails.
  std::string finish(int64 base_offset = 0);

  /// Bytes of the messages so far, before compression.
  std::size_t size() const { return messages_.size(); }
  int32 count() const { return count_; }
  bool empty() const { return count_ == 0; }

 private:
  std::string wrap(int64 last_offset);

  MessageSetOptions options_;
  std::string messages_;  // their offsets count from 0 until finish()
  Buffer compressed_;
  int64 next_offset_ = 0;
  int64 max_timestamp_ = -1;
  int32 count_ = 0;
};

/// The records of `batch` as a message set, with the batch's codec and offsets; magic 0 drops the timestamps. What a
/// message set cannot say is refused, with the reason: headers, control records, zstd, a batch that cannot be read or
/// that decompresses to more than `bytes_max`.
std::expected<std::string, std::string> to_message_set(const BatchView& batch, int8 magic,
                                                       std::size_t bytes_max = decompressed_bytes_max);

/// Computes length (from the size of `message`) and checksum anew: after fields of one message were changed.
void seal_message(std::span<char> message);

}  // namespace barnabas::records
