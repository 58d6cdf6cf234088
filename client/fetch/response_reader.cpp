#include "barnabas/client/fetch/response_reader.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace barnabas::client {

FetchResponseReader::FetchResponseReader(protocol::bytes body, std::int16_t version)
    : begin_(body.data()),
      at_(body.data()),
      end_(body.data() + body.size()),
      version_(version),
      flexible_(version >= 12) {
  if (version_ >= 1) throttle_time_ms_ = fixed<std::int32_t>();
  if (version_ >= 7) {
    error_ = static_cast<protocol::ErrorCode>(fixed<std::int16_t>());
    session_id_ = fixed<std::int32_t>();
  }
  topics_left_ = count(version_ >= 13 ? 17 : 3);
}

bool FetchResponseReader::next(FetchedPartition& out) {
  while (!failed_ && partitions_left_ == 0) {
    if (in_topic_) {
      in_topic_ = false;
      skip_tags();
    }
    if (topics_left_ == 0) {
      read_root_tags();
      topics_left_ = -1;
    }
    if (failed_ || topics_left_ < 0 || !open_topic()) return false;
  }
  if (failed_) return false;
  --partitions_left_;
  read_partition(out);
  return !failed_;
}

bool FetchResponseReader::open_topic() {
  --topics_left_;
  in_topic_ = true;
  if (version_ >= 13) {
    const auto id = take(16);
    if (!failed_) std::memcpy(topic_id_.octets.data(), id.data(), 16);
  } else {
    topic_ = text();
  }
  partitions_left_ = count(14);
  return !failed_;
}

void FetchResponseReader::read_partition(FetchedPartition& out) {
  out.topic = topic_;
  out.topic_id = topic_id_;
  out.partition = fixed<std::int32_t>();
  out.error = static_cast<protocol::ErrorCode>(fixed<std::int16_t>());
  out.high_watermark = fixed<std::int64_t>();
  out.last_stable_offset = version_ >= 4 ? fixed<std::int64_t>() : -1;
  out.log_start_offset = version_ >= 5 ? fixed<std::int64_t>() : -1;
  out.aborted.clear();
  if (version_ >= 4) {
    const std::int64_t aborted = count(16);
    for (std::int64_t i = 0; i < aborted && !failed_; ++i) {
      records::AbortedTransaction transaction{};
      transaction.producer_id = fixed<std::int64_t>();
      transaction.first_offset = fixed<std::int64_t>();
      skip_tags();
      out.aborted.push_back(transaction);
    }
  }
  out.preferred_read_replica = version_ >= 11 ? fixed<std::int32_t>() : -1;
  const std::int64_t bytes = length(false);
  out.records = bytes > 0 ? take(bytes) : protocol::bytes();
  out.diverging_epoch = out.leader_id = out.leader_epoch = -1;
  out.diverging_end_offset = -1;
  if (flexible_) read_partition_tags(out);
}

void FetchResponseReader::read_partition_tags(FetchedPartition& out) {
  const std::uint32_t tags = uvarint();
  for (std::uint32_t i = 0; i < tags && !failed_; ++i) {
    const std::uint32_t tag = uvarint();
    const std::uint32_t size = uvarint();
    if (failed_ || size > static_cast<std::size_t>(end_ - at_)) return fail();
    const char* const next = at_ + size;
    const char* const end = std::exchange(end_, next);
    if (tag == 0) {
      out.diverging_epoch = fixed<std::int32_t>();
      out.diverging_end_offset = fixed<std::int64_t>();
    } else if (tag == 1) {
      out.leader_id = fixed<std::int32_t>();
      out.leader_epoch = fixed<std::int32_t>();
    }
    end_ = end;
    if (!failed_) at_ = next;
  }
}

void FetchResponseReader::read_root_tags() {
  if (!flexible_) return;
  const std::uint32_t tags = uvarint();
  for (std::uint32_t i = 0; i < tags && !failed_; ++i) {
    const std::uint32_t tag = uvarint();
    const std::uint32_t size = uvarint();
    if (failed_ || size > static_cast<std::size_t>(end_ - at_)) return fail();
    const char* const next = at_ + size;
    const char* const end = std::exchange(end_, next);
    if (tag == 0 && version_ >= 16) {
      const std::int64_t nodes = count(10);
      for (std::int64_t n = 0; n < nodes && !failed_; ++n) {
        NodeEndpoint node;
        node.node_id = fixed<std::int32_t>();
        node.host = text();
        node.port = fixed<std::int32_t>();
        const std::int64_t rack = length(true);
        if (rack > 0) take(rack);
        skip_tags();
        if (!failed_) node_endpoints_.push_back(node);
      }
    }
    end_ = end;
    if (!failed_) at_ = next;
  }
}

void FetchResponseReader::skip_tags() {
  if (!flexible_) return;
  const std::uint32_t tags = uvarint();
  for (std::uint32_t i = 0; i < tags && !failed_; ++i) {
    uvarint();
    take(uvarint());
  }
}

template <class Integer>
Integer FetchResponseReader::fixed() {
  if (static_cast<std::size_t>(end_ - at_) < sizeof(Integer)) {
    fail();
    return Integer{};
  }
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(Integer); ++i) value = value << 8 | static_cast<unsigned char>(at_[i]);
  at_ += sizeof(Integer);
  return static_cast<Integer>(value);
}

std::uint32_t FetchResponseReader::uvarint() {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 35; shift += 7) {
    if (at_ == end_) break;
    const auto byte = static_cast<unsigned char>(*at_++);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) {
      if (value > 0xffffffffu) break;
      return static_cast<std::uint32_t>(value);
    }
  }
  fail();
  return 0;
}

/// Length of a string, of bytes or of a list; negative means null.
std::int64_t FetchResponseReader::length(bool is_string) {
  if (flexible_) return static_cast<std::int64_t>(uvarint()) - 1;
  return is_string ? fixed<std::int16_t>() : fixed<std::int32_t>();
}

std::int64_t FetchResponseReader::count(std::size_t element_bytes_min) {
  const std::int64_t n = length(false);
  if (n > static_cast<std::int64_t>(static_cast<std::size_t>(end_ - at_) / element_bytes_min)) fail();
  return failed_ ? 0 : std::max<std::int64_t>(n, 0);
}

protocol::bytes FetchResponseReader::take(std::int64_t n) {
  if (failed_ || n < 0 || n > end_ - at_) {
    fail();
    return {};
  }
  const char* const first = at_;
  at_ += n;
  return {first, static_cast<std::size_t>(n)};
}

protocol::string FetchResponseReader::text() {
  const auto view = take(std::max<std::int64_t>(length(true), 0));
  return {view.data(), view.size()};
}

void FetchResponseReader::fail() {
  if (!failed_) failed_at_ = static_cast<std::size_t>(at_ - begin_);
  failed_ = true;
  at_ = end_;
}

}  // namespace barnabas::client
