// Record batches as views, and the walk over the batches of one partition's bytes. Magic 2 (KIP-98) is the rule here;
// a message of magic 0 or 1 goes as a batch of its own, see legacy.hpp.
#pragma once

#include "barnabas/protocol/records/compression.hpp"
#include "barnabas/protocol/records/names.hpp"

namespace barnabas::records {

/// Bytes of a batch before its records; `BatchHeader::length` counts all but the first 12.
inline constexpr std::size_t batch_header_size = 61;
inline constexpr std::size_t batch_length_end = 12;
/// The checksum covers everything from here on.
inline constexpr std::size_t batch_crc_end = 21;

/// Bits of BatchHeader::attributes above the codec's three.
enum BatchAttributes : int16 {
  log_append_time_bit = 1 << 3,
  transactional_bit = 1 << 4,
  control_bit = 1 << 5,
  delete_horizon_bit = 1 << 6,
};

/// The fields in front of a batch's records, as they stand on the wire. Nothing from attributes on is to be believed
/// before BatchView::crc_ok(); base_offset, length, leader_epoch and magic are not under the checksum at all.
///
/// For a message of magic 0 or 1: base_offset is the message's, which for a compressed one (a wrapper) is that of the
/// last message inside; both timestamps are the message's (-1 in magic 0); record_count is 1, or -1 for a wrapper,
/// since only its contents tell; what the format lacks has its default.
struct BatchHeader {
  int64 base_offset = 0;
  int32 length = 0;
  int32 leader_epoch = -1;
  int8 magic = 2;
  uint32 crc = 0;
  int16 attributes = 0;
  int32 last_offset_delta = 0;
  int64 base_timestamp =
      -1;  ///< milliseconds; the delete horizon when has_delete_horizon(), deltas count from it either way
  int64 max_timestamp = -1;
  int64 producer_id = -1;
  int16 producer_epoch = -1;
  int32 base_sequence = -1;
  int32 record_count = 0;

  /// A message of a message set (magic 0 and 1), written before Kafka 0.11.
  bool is_legacy() const { return magic < 2; }
  Codec codec() const { return static_cast<Codec>(attributes & 7); }
  bool is_control() const { return (attributes & control_bit) != 0; }
  bool is_transactional() const { return (attributes & transactional_bit) != 0; }
  /// Every record has max_timestamp, whatever its delta says.
  bool log_append_time() const { return (attributes & log_append_time_bit) != 0; }
  bool has_delete_horizon() const { return (attributes & delete_horizon_bit) != 0; }
  /// Holds when compaction took the last records, or all of them, too.
  int64 last_offset() const { return base_offset + last_offset_delta; }
  int64 next_offset() const { return last_offset() + 1; }

  /// Reads the 61 bytes at `from`; checks nothing. Magic 2 only.
  static BatchHeader load(const char* from);
  /// Writes them.
  void store(char* to) const;
};

/// One whole batch inside bytes that somebody else keeps alive. Trivially copyable.
class BatchView {
 public:
  BatchView() = default;
  /// `whole` must hold at least the header of its magic; BatchWalker makes sure of that.
  explicit BatchView(bytes whole);

  const BatchHeader& header() const { return header_; }
  /// The records behind the header, compressed by header().codec(). Of a message of magic 0 or 1: the message itself,
  /// or the value of a wrapper (empty when the wrapper makes no sense).
  bytes body() const { return header_.is_legacy() ? legacy_body() : whole_.subspan(batch_header_size); }
  bytes whole() const { return whole_; }
  /// Computes the checksum: CRC-32C over attributes to the end, in magic 0 and 1 CRC-32 over magic to the end. Must
  /// hold before any field under it is used to skip data.
  bool crc_ok() const;

 private:
  bytes legacy_body() const;

  BatchHeader header_;
  bytes whole_;
};

/// The records of `batch` as RecordCursor reads them: decompressed into `out`, or the body as it stands when nothing is
/// compressed. Knows what decompress() by codec cannot: lz4 of magic 0 has another header checksum (KIP-57), and zstd
/// is younger than message sets. Errors and memory as decompress(); any thread.
std::expected<bytes, CompressionError> decompress(const BatchView& batch, Buffer& out,
                                                  std::size_t bytes_max = decompressed_bytes_max);

/// Walks the batches of one partition by their headers alone: no CRC, no decompression, no memory. What it hands out is
/// whole, has magic 0, 1 or 2, and its offsets neither overflow nor run backwards inside the batch.
class BatchWalker {
 public:
  enum class Step {
    batch,      ///< `out` is the next one
    end,        ///< nothing left
    truncated,  ///< the last batch is cut short by the fetch's size limit: normal, ask again from its offset
    broken,     ///< not a batch: why() tells; nothing behind it can be found
  };

  BatchWalker() = default;
  explicit BatchWalker(bytes records) : records_(records) {}

  /// After truncated or broken it answers the same again.
  Step next(BatchView& out);
  /// After truncated or broken: the reason, in English.
  std::string_view why() const { return truncated_ ? "the last batch is cut short" : std::string_view(why_); }
  /// Bytes walked over so far.
  std::size_t position() const { return position_; }
  /// After truncated: the whole size of the batch that was cut, or 0 when not even its length is there. A fetch whose
  /// limit is below it never gets on.
  std::size_t truncated_size() const { return truncated_size_; }

 private:
  Step truncated(std::size_t size);
  Step broken(std::string why);
  Step check(const BatchHeader& header);

  bytes records_;
  std::size_t position_ = 0;
  std::size_t truncated_size_ = 0;
  bool truncated_ = false;
  std::string why_;
};

}  // namespace barnabas::records
