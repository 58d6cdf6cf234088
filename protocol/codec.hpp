// Messages to bytes and back. One codec walks the tables of all messages; nothing here touches a socket, a clock or a
// log. Every function may be called from any thread.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "barnabas/protocol/arena.hpp"
#include "barnabas/protocol/table.hpp"
#include "barnabas/protocol/unknown_tags.hpp"

namespace barnabas::protocol {

/// Structures inside structures, the root counted.
inline constexpr int nesting_max = 16;
/// Kafka's limit on every string, compact or not.
inline constexpr std::size_t string_bytes_max = 32767;

/// How much an arena may grow while a body of this size is read. A body whose lists need more is refused: hundreds of
/// elements of a few bytes each that become large structures, such as empty names.
constexpr std::size_t decode_bytes_max(std::size_t body_bytes) { return 8 * body_bytes + 1024; }

struct DecodeError {
  std::string path;        // "topics[3].partitions[0].fetch_offset"; empty for the message itself
  std::size_t offset = 0;  // bytes into the body
  std::string what;
  std::string text() const;
};

struct EncodeError {
  std::string path;
  std::string what;
  std::string text() const;
};

/// How to meet bytes that Java's client would read although the protocol does not allow them: bytes after the body,
/// tags out of order or repeated (the last one holds), and lengths below -1 (null). `strict` refuses them; what comes
/// from a broker is read with `lenient`.
enum class DecodeMode { strict, lenient };
inline constexpr DecodeMode strict = DecodeMode::strict;
inline constexpr DecodeMode lenient = DecodeMode::lenient;

/// The untyped layer under the templates below: `message` points to the structure that `info` describes. Tagged fields
/// that the version does not know go to `unknown` and come from there; without one they are dropped. What has to be
/// done for a version is worked out at its first use and kept; that takes some kilobytes beside the arena.
std::expected<std::size_t, EncodeError> measure(const MessageInfo& info, const void* message, int version,
                                                const UnknownTags* unknown = nullptr);
/// `to` has the room that measure() named for this message, version and `unknown`.
void write(const MessageInfo& info, const void* message, int version, char* to, const UnknownTags* unknown = nullptr);
std::expected<std::string, EncodeError> encode(const MessageInfo& info, const void* message, int version,
                                               const UnknownTags* unknown = nullptr);
/// `message` holds the defaults. Returns false with `error` filled; the message is then half read.
bool decode(const MessageInfo& info, void* message, bytes body, int version, Arena& arena, DecodeMode mode,
            DecodeError& error, UnknownTags* unknown = nullptr);
bool equal(const MessageInfo& info, const void* a, const void* b);
std::vector<std::string> lost_at(const MessageInfo& info, const void* message, int version);

/// The body of `message` as `version` writes it, without a header. Refused, with the path of the field: a version that
/// the API lacks, a field that this version cannot carry and that is neither at its default nor ignorable, null where
/// the version does not allow it, a string above 32,767 bytes, bytes or a list above 2^31 - 1, unknown tags in a
/// version that has no tags or that knows them.
template <class M>
std::expected<std::string, EncodeError> encode(const M& message, int16 version, const UnknownTags* unknown = nullptr) {
  return encode(message_info<M>(), &message, version, unknown);
}

/// Bytes that encode() would write; 0 when it would refuse.
template <class M>
std::size_t encoded_size(const M& message, int16 version) {
  return measure(message_info<M>(), &message, version).value_or(0);
}

/// Reads a whole body. Strings and bytes in the result are views into `body`, lists lie in `arena`, which grows by
/// decode_bytes_max() at most. Fields that the version lacks have their defaults.
template <class M>
std::expected<M, DecodeError> decode(bytes body, int16 version, Arena& arena, DecodeMode mode = strict) {
  std::expected<M, DecodeError> result;
  DecodeError error;
  if (!decode(message_info<M>(), &*result, body, version, arena, mode, error))
    result = std::unexpected(std::move(error));
  return result;
}

/// Field by field, in all versions; strings and lists by content.
template <class M>
bool equal(const M& a, const M& b) {
  return equal(message_info<M>(), &a, &b);
}

/// Paths of the fields that differ from their defaults and that `version` cannot carry, ignorable or not.
template <class M>
std::vector<std::string> lost_at(const M& message, int16 version) {
  return lost_at(message_info<M>(), &message, version);
}

}  // namespace barnabas::protocol
