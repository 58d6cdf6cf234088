// Pulls partitions out of a Fetch response without building it. protocol/messages/fetch.hpp is the specification that
// the tests hold it against, field by field.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "barnabas/protocol/errors.hpp"
#include "barnabas/protocol/records/aborted.hpp"
#include "barnabas/protocol/types.hpp"

namespace barnabas::client {

/// One partition of a response. Views point into the response.
struct FetchedPartition {
  protocol::string topic;   ///< versions 0-12
  protocol::Uuid topic_id;  ///< versions 13+
  std::int32_t partition = -1;
  protocol::ErrorCode error = protocol::ErrorCode::none;
  std::int64_t high_watermark = -1;
  std::int64_t last_stable_offset = -1;
  std::int64_t log_start_offset = -1;
  std::int32_t preferred_read_replica = -1;
  std::int32_t diverging_epoch = -1;
  std::int64_t diverging_end_offset = -1;
  std::int32_t leader_id = -1;  ///< hint (KIP-951), with its epoch
  std::int32_t leader_epoch = -1;
  protocol::bytes records;
  std::vector<records::AbortedTransaction> aborted;
};

struct NodeEndpoint {
  std::int32_t node_id = -1;
  protocol::string host;
  std::int32_t port = 0;
};

class FetchResponseReader {
 public:
  FetchResponseReader(protocol::bytes body, std::int16_t version);

  std::int32_t throttle_time_ms() const { return throttle_time_ms_; }
  protocol::ErrorCode error() const { return error_; }
  std::int32_t session_id() const { return session_id_; }

  /// The next partition; false at the end or when the bytes make no sense (failed()). `out.aborted` keeps its memory.
  bool next(FetchedPartition& out);
  /// Brokers named by leader hints. Complete once next() returned false.
  const std::vector<NodeEndpoint>& node_endpoints() const { return node_endpoints_; }
  bool failed() const { return failed_; }
  /// Where in the body it failed.
  std::size_t failed_at() const { return failed_at_; }

 private:
  template <class Integer>
  Integer fixed();
  std::uint32_t uvarint();
  std::int64_t length(bool is_string);
  std::int64_t count(std::size_t element_bytes_min);
  protocol::bytes take(std::int64_t n);
  protocol::string text();
  bool open_topic();
  void read_partition(FetchedPartition& out);
  void read_partition_tags(FetchedPartition& out);
  void read_root_tags();
  void skip_tags();
  void fail();

  const char* begin_;
  const char* at_;
  const char* end_;
  std::int16_t version_;
  bool flexible_;
  bool failed_ = false;
  std::size_t failed_at_ = 0;
  std::int32_t throttle_time_ms_ = 0;
  protocol::ErrorCode error_ = protocol::ErrorCode::none;
  std::int32_t session_id_ = 0;
  std::int64_t topics_left_ = 0;
  std::int64_t partitions_left_ = 0;
  bool in_topic_ = false;
  protocol::string topic_;
  protocol::Uuid topic_id_{};
  std::vector<NodeEndpoint> node_endpoints_;
};

}  // namespace barnabas::client
