// Pulls partitions out of a Fetch response without building it: nothing is allocated for a partition, and the caller
// may act on one before the next is read. messages/fetch.hpp is its specification; a test holds the two together, field
// by field, in every version. Reads what DecodeMode::lenient reads; bytes behind the response are not looked at.
#pragma once

#include <vector>

#include "barnabas/protocol/errors.hpp"
#include "barnabas/protocol/records/aborted.hpp"
#include "barnabas/protocol/types.hpp"

namespace barnabas::protocol {

/// One partition of a response. Fields that the version lacks have the defaults below. Views point into the response.
struct FetchedPartition {
  string topic;   ///< versions 0-12
  Uuid topic_id;  ///< versions 13+
  int32 partition = -1;
  ErrorCode error = ErrorCode::none;
  int64 high_watermark = -1;
  int64 last_stable_offset = -1;
  int64 log_start_offset = -1;
  int32 preferred_read_replica = -1;
  int32 diverging_epoch = -1;  ///< where the log of the client and that of the broker part (KIP-595)
  int64 diverging_end_offset = -1;
  int32 leader_id = -1;  ///< hint (KIP-951), with its epoch
  int32 leader_epoch = -1;
  int64 snapshot_end_offset = -1;  ///< for followers of the metadata log
  int32 snapshot_epoch = -1;
  bytes records;
  bool has_records = false;  ///< false: null, which means the same as empty to all but a byte-exact copy
  std::vector<records::AbortedTransaction> aborted;
  bool has_aborted = false;  ///< false: null, as read_uncommitted gets it, or the version lacks the list
};

/// A broker that a leader hint names.
struct FetchedEndpoint {
  int32 node_id = -1;
  string host;
  int32 port = 0;
  nullable<string> rack;
};

/// One thread at a time; `body` outlives the reader and what it gives out.
class FetchReader {
 public:
  /// `body` comes without header. Reads the fields in front of the first topic. `version` is 0 to 18.
  FetchReader(bytes body, int16 version);

  int32 throttle_time_ms() const { return throttle_time_ms_; }
  ErrorCode error() const { return error_; }
  int32 session_id() const { return session_id_; }

  /// The next partition; false at the end or when the bytes make no sense (failed()). `out.aborted` keeps its memory.
  bool next(FetchedPartition& out);
  /// Complete once next() returned false.
  const std::vector<FetchedEndpoint>& node_endpoints() const { return node_endpoints_; }
  bool failed() const { return failed_; }
  /// Where in the body it failed.
  std::size_t failed_at() const { return failed_at_; }

 private:
  template <class Integer>
  Integer fixed();
  uint32 uvarint();
  int64 length(bool is_string);
  int64 count(std::size_t element_bytes_min);
  bytes take(int64 n);
  nullable<string> text();
  bool open_topic();
  void read_partition(FetchedPartition& out);
  void read_aborted(FetchedPartition& out);
  void read_endpoints();
  template <class Known>
  void read_tags(Known known);
  void skip_tags();
  void fail();

  const char* begin_;
  const char* at_;
  const char* end_;
  int16 version_;
  bool flexible_;
  bool failed_ = false;
  std::size_t failed_at_ = 0;
  int32 throttle_time_ms_ = 0;
  ErrorCode error_ = ErrorCode::none;
  int32 session_id_ = 0;
  int64 topics_left_ = 0;
  int64 partitions_left_ = 0;
  bool in_topic_ = false;
  string topic_;
  Uuid topic_id_{};
  std::vector<FetchedEndpoint> node_endpoints_;
};

}  // namespace barnabas::protocol
