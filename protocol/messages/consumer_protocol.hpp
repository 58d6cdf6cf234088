// What consumers say to each other through the coordinator: the bytes inside JoinGroup and SyncGroup.
#pragma once

#include "barnabas/protocol/codec.hpp"

namespace barnabas::protocol {

/// What a member wants; JoinGroupRequest::Protocol::metadata.
struct ConsumerProtocolSubscription {
  static constexpr Api api{.versions = "0-3"};

  struct TopicPartition {
    Field<string> topic;
    Field<list<int32>> partitions;
  };

  Field<list<string>> topics;
  /// For the assignor alone: the sticky one keeps what the member had.
  Field<nullable<bytes>> user_data;
  /// What the member still holds, for cooperative rebalances (KIP-429).
  Field<list<TopicPartition>, "1+ ignorable"> owned_partitions;
  /// Of the generation in which it got that (KIP-792); -1 = unknown.
  Field<int32, "2+ ignorable"> generation_id{-1};
  Field<nullable<string>, "3+ ignorable"> rack_id;
};

/// What a member gets; SyncGroupResponse::assignment.
struct ConsumerProtocolAssignment {
  static constexpr Api api{.versions = "0-3"};

  struct TopicPartition {
    Field<string> topic;
    Field<list<int32>> partitions;
  };

  Field<list<TopicPartition>> assigned_partitions;
  Field<nullable<bytes>> user_data;
};

/// Data with its version, an int16, in front.
std::expected<std::string, EncodeError> encode_versioned(const MessageInfo& info, const void* message, int16 version);
/// A version above the known ones is read as the highest known, and bytes left over are ignored, as members of a group
/// need not be of one release. `version` gets what stood there. No bytes at all leave the defaults, with version -1:
/// nothing assigned.
bool decode_versioned(const MessageInfo& info, void* message, bytes data, Arena& arena, int16& version,
                      DecodeError& error);

template <class M>
std::expected<std::string, EncodeError> encode_versioned(const M& message, int16 version) {
  return encode_versioned(message_info<M>(), &message, version);
}
template <class M>
std::expected<M, DecodeError> decode_versioned(bytes data, Arena& arena) {
  std::expected<M, DecodeError> result;
  int16 version = -1;
  DecodeError error;
  if (!decode_versioned(message_info<M>(), &*result, data, arena, version, error)) {
    result = std::unexpected(std::move(error));
  }
  return result;
}

}  // namespace barnabas::protocol
