// Record batches as JSON and back: what `barnabas records` prints and reads.
//
// One object a batch. Of magic 2:
//   {"position":0,"base_offset":0,"last_offset":1,"length":79,"partition_leader_epoch":7,"magic":2,"crc":344532733,
//    "crc_ok":true,"compression":"none","timestamp_type":"CreateTime","is_transactional":false,"is_control":false,
//    "delete_horizon_ms":null,"last_offset_delta":1,"base_timestamp":…,"max_timestamp":…,"producer_id":-1,
//    "producer_epoch":-1,"base_sequence":-1,"record_count":2,"records":[…]}
// A message of magic 0 or 1 is a batch of its own, with the records that it wraps when it is compressed; partition
// leader epoch, transactions, producers, deltas and base timestamp are left out, base_offset is the first record's
// offset, and max_timestamp the message's. timestamp_type is Kafka's: CreateTime, LogAppendTime, NoTimestampType
// (magic 0). position counts bytes from the beginning of the input.
//   records: [{"offset":0,"timestamp":…,"key":"base64 or null","value":"base64 or null",
//              "headers":[{"key":"text","value":"base64 or null"}]}]
// A batch that is refused (checksum, compression, records) has "error" in the place of "records", as text.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "barnabas/protocol/records/batch.hpp"

namespace barnabas::records {

/// Prints the batches of one partition, one after the other. `set` outlives it; one thread at a time.
class BatchPrinter {
 public:
  explicit BatchPrinter(bytes set, std::size_t bytes_max = decompressed_bytes_max)
      : walker_(set), bytes_max_(bytes_max) {}

  /// Appends the next batch as one JSON object without a line end; false when there is none. Behind a batch that is
  /// refused it goes on; bytes that are no batch, or one that is cut short, are the last object:
  /// {"error":"…","position":N}.
  bool next(std::string& out);
  /// Batches that were refused so far, the last one that is cut short included.
  int refused() const { return refused_; }

 private:
  std::string print_records(const BatchView& batch, std::string& out, int64& first_offset);

  BatchWalker walker_;
  std::size_t bytes_max_;
  Buffer buffer_;
  int refused_ = 0;
  bool ended_ = false;
};

/// The bytes of batches in the form above: one object, several one after the other or in an array, or an object with
/// "batches". Computed are length, crc, record_count, and crc_ok and position are not looked at; what is left out has
/// these values: magic 2; compression none; base_offset the first record's offset, else 0; last_offset (or
/// last_offset_delta) the last record's; offsets one after the other; timestamp -1; base_timestamp the first record's;
/// max_timestamp the largest; the rest as in a batch without producer. Unknown names are not looked at. With
/// LogAppendTime readers see max_timestamp in each record. Compressed bytes are this library's own. Refused, with the
/// reason and where: offsets that do not rise or lie outside of the batch, what a message set cannot say.
std::expected<std::string, std::string> batches_from_json(std::string_view json);

}  // namespace barnabas::records
