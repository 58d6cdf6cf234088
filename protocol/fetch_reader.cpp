#include "barnabas/protocol/fetch_reader.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace barnabas::protocol {

namespace {

// The fewest bytes that an element of each list takes in any version.
constexpr std::size_t topic_by_name_bytes_min = 3, topic_by_id_bytes_min = 17, partition_bytes_min = 18,
                      aborted_bytes_min = 16, endpoint_bytes_min = 10;

}  // namespace

FetchReader::FetchReader(bytes body, int16 version)
    : begin_(body.data()),
      at_(body.data()),
      end_(body.data() + body.size()),
      version_(version),
      flexible_(version >= 12) {
  if (version_ >= 1) throttle_time_ms_ = fixed<int32>();
  if (version_ >= 7) {
    error_ = static_cast<ErrorCode>(fixed<int16>());
    session_id_ = fixed<int32>();
  }
  topics_left_ = count(version_ >= 13 ? topic_by_id_bytes_min : topic_by_name_bytes_min);
}

bool FetchReader::next(FetchedPartition& out) {
  while (!failed_ && partitions_left_ == 0) {
    if (in_topic_) {
      in_topic_ = false;
      skip_tags();
    }
    if (topics_left_ == 0) {
      read_tags([this](uint32 tag) {
        if (tag == 0 && version_ >= 16) read_endpoints();
      });
      topics_left_ = -1;
    }
    if (failed_ || topics_left_ < 0 || !open_topic()) return false;
  }
  if (failed_) return false;
  --partitions_left_;
  read_partition(out);
  return !failed_;
}

bool FetchReader::open_topic() {
  --topics_left_;
  in_topic_ = true;
  if (version_ >= 13) {
    const bytes id = take(16);
    if (!failed_) std::memcpy(topic_id_.octets.data(), id.data(), 16);
  } else {
    topic_ = text().value_or("");
  }
  partitions_left_ = count(partition_bytes_min);
  return !failed_;
}

void FetchReader::read_partition(FetchedPartition& out) {
  out.topic = topic_;
  out.topic_id = topic_id_;
  out.partition = fixed<int32>();
  out.error = static_cast<ErrorCode>(fixed<int16>());
  out.high_watermark = fixed<int64>();
  out.last_stable_offset = version_ >= 4 ? fixed<int64>() : -1;
  out.log_start_offset = version_ >= 5 ? fixed<int64>() : -1;
  read_aborted(out);
  out.preferred_read_replica = version_ >= 11 ? fixed<int32>() : -1;
  const int64 size = length(false);
  out.has_records = size >= 0;
  out.records = size > 0 ? take(size) : bytes();
  out.diverging_epoch = out.leader_id = out.leader_epoch = out.snapshot_epoch = -1;
  out.diverging_end_offset = out.snapshot_end_offset = -1;
  read_tags([&](uint32 tag) {
    if (tag == 0) {
      out.diverging_epoch = fixed<int32>();
      out.diverging_end_offset = fixed<int64>();
      skip_tags();
    } else if (tag == 1) {
      out.leader_id = fixed<int32>();
      out.leader_epoch = fixed<int32>();
      skip_tags();
    } else if (tag == 2) {
      out.snapshot_end_offset = fixed<int64>();
      out.snapshot_epoch = fixed<int32>();
      skip_tags();
    }
  });
}

void FetchReader::read_aborted(FetchedPartition& out) {
  out.aborted.clear();
  out.has_aborted = false;
  if (version_ < 4) return;
  const int64 n = length(false);
  out.has_aborted = n >= 0;
  if (n > static_cast<int64>(static_cast<std::size_t>(end_ - at_) / aborted_bytes_min)) return fail();
  for (int64 i = 0; i < n && !failed_; ++i) {
    records::AbortedTransaction transaction{};
    transaction.producer_id = fixed<int64>();
    transaction.first_offset = fixed<int64>();
    skip_tags();
    if (!failed_) out.aborted.push_back(transaction);
  }
}

void FetchReader::read_endpoints() {
  node_endpoints_.clear();
  const int64 nodes = count(endpoint_bytes_min);
  for (int64 n = 0; n < nodes && !failed_; ++n) {
    FetchedEndpoint node;
    node.node_id = fixed<int32>();
    node.host = text().value_or("");
    node.port = fixed<int32>();
    node.rack = text();
    skip_tags();
    if (!failed_) node_endpoints_.push_back(node);
  }
}

/// Calls `known(tag)` for each tag, with nothing but the tag's bytes in reach; what it leaves of them is skipped.
template <class Known>
void FetchReader::read_tags(Known known) {
  if (!flexible_) return;
  const uint32 tags = uvarint();
  for (uint32 i = 0; i < tags && !failed_; ++i) {
    const uint32 tag = uvarint();
    const uint32 size = uvarint();
    if (failed_ || size > static_cast<std::size_t>(end_ - at_)) return fail();
    const char* const next = at_ + size;
    const char* const end = std::exchange(end_, next);
    known(tag);
    end_ = end;
    if (!failed_) at_ = next;
  }
}

void FetchReader::skip_tags() {
  read_tags([](uint32) {});
}

template <class Integer>
Integer FetchReader::fixed() {
  if (static_cast<std::size_t>(end_ - at_) < sizeof(Integer)) {
    fail();
    return Integer{};
  }
  Integer value;
  std::memcpy(&value, at_, sizeof value);
  at_ += sizeof value;
  return std::endian::native == std::endian::little ? std::byteswap(value) : value;
}

uint32 FetchReader::uvarint() {
  uint64 value = 0;
  for (int shift = 0; shift < 35 && at_ != end_; shift += 7) {
    const auto byte = static_cast<uint8>(*at_++);
    value |= static_cast<uint64>(byte & 0x7f) << shift;
    if (byte >= 0x80) continue;
    if (value > 0xffffffffu) break;
    return static_cast<uint32>(value);
  }
  fail();
  return 0;
}

/// Length of a string, of bytes or of a list; negative means null.
int64 FetchReader::length(bool is_string) {
  if (flexible_) return static_cast<int64>(uvarint()) - 1;
  return is_string ? fixed<int16>() : fixed<int32>();
}

int64 FetchReader::count(std::size_t element_bytes_min) {
  const int64 n = length(false);
  if (n > static_cast<int64>(static_cast<std::size_t>(end_ - at_) / element_bytes_min)) fail();
  return failed_ ? 0 : std::max<int64>(n, 0);
}

bytes FetchReader::take(int64 n) {
  if (failed_ || n < 0 || n > end_ - at_) {
    fail();
    return {};
  }
  const char* const first = at_;
  at_ += n;
  return {first, static_cast<std::size_t>(n)};
}

nullable<string> FetchReader::text() {
  const int64 size = length(true);
  if (size < 0 || failed_) return std::nullopt;
  const bytes view = take(size);
  return string(view.data(), view.size());
}

void FetchReader::fail() {
  if (!failed_) failed_at_ = static_cast<std::size_t>(at_ - begin_);
  failed_ = true;
  at_ = end_;
}

}  // namespace barnabas::protocol
