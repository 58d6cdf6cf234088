// Messages of magic 0 and 1, which stood in logs and on the wire before Kafka 0.11 and still do in old ones. A message
// set is one message after the other; a compressed message (a wrapper) holds a message set as its value.
//
// BatchWalker hands out each message as a batch of its own and RecordCursor reads it, so that who reads batches reads
// messages as well. What is particular to them:
//  * Inside a wrapper offsets are absolute in magic 0. In magic 1 they count from the first message, and the last one
//    has the wrapper's offset (KIP-31). A wrapper with offset 0 was not numbered yet (librdkafka sends that to be
//    produced): its messages count from 0.
//  * With log append time, the wrapper's timestamp is that of all messages inside (KIP-32).
//  * A wrapper holds messages of its own magic, none of them compressed; Java refuses the rest, and so does this.
//  * A message inside a wrapper has a checksum of its own, which RecordCursor verifies.
#pragma once

#include <string_view>

#include "barnabas/protocol/records/batch.hpp"

namespace barnabas::records {

/// Offset, length and checksum; the checksum covers the rest.
inline constexpr std::size_t message_crc_end = 16;
/// BatchHeader::length of a message with neither key nor value.
inline constexpr int64 message_length_min_v0 = 14;
inline constexpr int64 message_length_min_v1 = 22;

/// One message as it stands on the wire. Key and value are views.
struct Message {
  int64 offset = 0;
  uint32 crc = 0;
  int8 magic = 0;
  uint8 attributes = 0;
  int64 timestamp_ms = -1;  ///< -1 in magic 0, which has none
  bytes key;
  bytes value;
  bool has_key = false;
  bool has_value = false;

  Codec codec() const { return static_cast<Codec>(attributes & 7); }
};

/// Reads the message that `whole` consists of; its length field is not looked at. Empty when it is sound, else the
/// reason. Does not compute the checksum.
std::string_view parse_message(bytes whole, Message& out);

/// The CRC-32 that `whole`, a message, must have.
uint32 message_crc(bytes whole);

/// Internal to BatchView: a message's fields as those of a batch. `whole` holds at least the smallest message of its
/// magic.
BatchHeader load_message_header(bytes whole);

}  // namespace barnabas::records
