#include "handwritten.hpp"

#include <bit>
#include <cstring>
#include <stdexcept>

namespace handwritten {

namespace {

class Reader {
 public:
  explicit Reader(std::string_view body) : p_(body.data()), end_(p_ + body.size()) {}

  template <class T>
  T integer() {
    need(sizeof(T));
    std::make_unsigned_t<T> value;
    std::memcpy(&value, p_, sizeof value);
    p_ += sizeof value;
    return static_cast<T>(std::byteswap(value));
  }
  bool boolean() { return integer<std::int8_t>() != 0; }

  std::uint32_t uvarint() {
    std::uint32_t value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      const auto octet = static_cast<std::uint8_t>(integer<std::int8_t>());
      value |= static_cast<std::uint32_t>(octet & 127) << shift;
      if (octet < 128) return value;
    }
    throw std::runtime_error("varint");
  }
  std::optional<std::string_view> nullable_string() {
    const std::uint32_t size = uvarint();
    if (size == 0) return std::nullopt;
    return raw(size - 1);
  }
  std::string_view string() {
    const std::uint32_t size = uvarint();
    if (size == 0) throw std::runtime_error("null");
    return raw(size - 1);
  }
  std::string_view raw(std::size_t size) {
    need(size);
    const std::string_view read(p_, size);
    p_ += size;
    return read;
  }
  std::size_t count() {
    const std::uint32_t count = uvarint();
    if (count == 0) throw std::runtime_error("null");
    need(count - 1);  // an element takes a byte at least
    return count - 1;
  }
  template <class T>
  void array(std::vector<T>& to, auto read) {
    to.resize(count());
    for (T& element : to) read(element);
  }
  void integers(std::vector<std::int32_t>& to) {
    array(to, [this](std::int32_t& element) { element = integer<std::int32_t>(); });
  }
  void tags() {
    for (std::uint32_t count = uvarint(); count > 0; --count) {
      uvarint();
      raw(uvarint());
    }
  }
  void finish() const {
    if (p_ != end_) throw std::runtime_error("bytes left over");
  }

 private:
  void need(std::size_t size) const {
    if (static_cast<std::size_t>(end_ - p_) < size) throw std::runtime_error("cut short");
  }

  const char* p_;
  const char* end_;
};

class Writer {
 public:
  template <class T>
  void integer(T value) {
    const auto swapped = std::byteswap(static_cast<std::make_unsigned_t<T>>(value));
    out.append(reinterpret_cast<const char*>(&swapped), sizeof swapped);
  }
  void boolean(bool value) { out += value ? '\1' : '\0'; }
  void uvarint(std::uint32_t value) {
    for (; value > 127; value >>= 7) out += static_cast<char>(value | 128);
    out += static_cast<char>(value);
  }
  void string(std::string_view text) {
    uvarint(static_cast<std::uint32_t>(text.size() + 1));
    out += text;
  }
  void nullable_string(std::optional<std::string_view> text) {
    if (text) {
      string(*text);
    } else {
      uvarint(0);
    }
  }
  void count(std::size_t count) { uvarint(static_cast<std::uint32_t>(count + 1)); }
  void integers(const std::vector<std::int32_t>& from) {
    count(from.size());
    for (std::int32_t element : from) integer(element);
  }
  void no_tags() { out += '\0'; }

  std::string out;
};

}  // namespace

void decode(std::string_view body, MetadataResponse& to) {
  Reader in(body);
  to.throttle_time_ms = in.integer<std::int32_t>();
  in.array(to.brokers, [&](MetadataResponse::Broker& broker) {
    broker.node_id = in.integer<std::int32_t>();
    broker.host = in.string();
    broker.port = in.integer<std::int32_t>();
    broker.rack = in.nullable_string();
    in.tags();
  });
  to.cluster_id = in.nullable_string();
  to.controller_id = in.integer<std::int32_t>();
  in.array(to.topics, [&](MetadataResponse::Topic& topic) {
    topic.error_code = in.integer<std::int16_t>();
    topic.name = in.nullable_string();
    std::memcpy(topic.topic_id, in.raw(16).data(), 16);
    topic.is_internal = in.boolean();
    in.array(topic.partitions, [&](MetadataResponse::Partition& partition) {
      partition.error_code = in.integer<std::int16_t>();
      partition.partition_index = in.integer<std::int32_t>();
      partition.leader_id = in.integer<std::int32_t>();
      partition.leader_epoch = in.integer<std::int32_t>();
      in.integers(partition.replica_nodes);
      in.integers(partition.isr_nodes);
      in.integers(partition.offline_replicas);
      in.tags();
    });
    topic.topic_authorized_operations = in.integer<std::int32_t>();
    in.tags();
  });
  in.tags();
  in.finish();
}

void decode(std::string_view body, OffsetFetchResponse& to) {
  Reader in(body);
  to.throttle_time_ms = in.integer<std::int32_t>();
  in.array(to.groups, [&](OffsetFetchResponse::Group& group) {
    group.group_id = in.string();
    in.array(group.topics, [&](OffsetFetchResponse::Topic& topic) {
      topic.name = in.string();
      in.array(topic.partitions, [&](OffsetFetchResponse::Partition& partition) {
        partition.partition_index = in.integer<std::int32_t>();
        partition.committed_offset = in.integer<std::int64_t>();
        partition.committed_leader_epoch = in.integer<std::int32_t>();
        partition.metadata = in.nullable_string();
        partition.error_code = in.integer<std::int16_t>();
        in.tags();
      });
      in.tags();
    });
    group.error_code = in.integer<std::int16_t>();
    in.tags();
  });
  in.tags();
  in.finish();
}

void decode(std::string_view body, JoinGroupResponse& to) {
  Reader in(body);
  to.throttle_time_ms = in.integer<std::int32_t>();
  to.error_code = in.integer<std::int16_t>();
  to.generation_id = in.integer<std::int32_t>();
  to.protocol_type = in.nullable_string();
  to.protocol_name = in.nullable_string();
  to.leader = in.string();
  to.skip_assignment = in.boolean();
  to.member_id = in.string();
  in.array(to.members, [&](JoinGroupResponse::Member& member) {
    member.member_id = in.string();
    member.group_instance_id = in.nullable_string();
    member.metadata = in.string();
    in.tags();
  });
  in.tags();
  in.finish();
}

std::string encode(const MetadataResponse& from) {
  Writer to;
  to.integer(from.throttle_time_ms);
  to.count(from.brokers.size());
  for (const MetadataResponse::Broker& broker : from.brokers) {
    to.integer(broker.node_id);
    to.string(broker.host);
    to.integer(broker.port);
    to.nullable_string(broker.rack);
    to.no_tags();
  }
  to.nullable_string(from.cluster_id);
  to.integer(from.controller_id);
  to.count(from.topics.size());
  for (const MetadataResponse::Topic& topic : from.topics) {
    to.integer(topic.error_code);
    to.nullable_string(topic.name);
    to.out.append(topic.topic_id, 16);
    to.boolean(topic.is_internal);
    to.count(topic.partitions.size());
    for (const MetadataResponse::Partition& partition : topic.partitions) {
      to.integer(partition.error_code);
      to.integer(partition.partition_index);
      to.integer(partition.leader_id);
      to.integer(partition.leader_epoch);
      to.integers(partition.replica_nodes);
      to.integers(partition.isr_nodes);
      to.integers(partition.offline_replicas);
      to.no_tags();
    }
    to.integer(topic.topic_authorized_operations);
    to.no_tags();
  }
  to.no_tags();
  return std::move(to.out);
}

std::string encode(const OffsetFetchResponse& from) {
  Writer to;
  to.integer(from.throttle_time_ms);
  to.count(from.groups.size());
  for (const OffsetFetchResponse::Group& group : from.groups) {
    to.string(group.group_id);
    to.count(group.topics.size());
    for (const OffsetFetchResponse::Topic& topic : group.topics) {
      to.string(topic.name);
      to.count(topic.partitions.size());
      for (const OffsetFetchResponse::Partition& partition : topic.partitions) {
        to.integer(partition.partition_index);
        to.integer(partition.committed_offset);
        to.integer(partition.committed_leader_epoch);
        to.nullable_string(partition.metadata);
        to.integer(partition.error_code);
        to.no_tags();
      }
      to.no_tags();
    }
    to.integer(group.error_code);
    to.no_tags();
  }
  to.no_tags();
  return std::move(to.out);
}

std::string encode(const JoinGroupResponse& from) {
  Writer to;
  to.integer(from.throttle_time_ms);
  to.integer(from.error_code);
  to.integer(from.generation_id);
  to.nullable_string(from.protocol_type);
  to.nullable_string(from.protocol_name);
  to.string(from.leader);
  to.boolean(from.skip_assignment);
  to.string(from.member_id);
  to.count(from.members.size());
  for (const JoinGroupResponse::Member& member : from.members) {
    to.string(member.member_id);
    to.nullable_string(member.group_instance_id);
    to.string(member.metadata);
    to.no_tags();
  }
  to.no_tags();
  return std::move(to.out);
}

}  // namespace handwritten
