// Messages as JSON and back.
//
// The form: one object on one line, with the fields that the version carries, in wire order, under Kafka's names in
// snake_case. Integers are plain numbers, also those of 64 bits. Bytes (records too) are standard base64 with padding,
// Uuids Kafka's 22 characters, null is null. float64 is the shortest text that reads back as the same number, and
// "NaN", "Infinity", "-Infinity" as strings; a NaN with other bits than Java's is "NaN:" and its 16 hexadecimal digits.
// A byte of a string that is not UTF-8 becomes the lone surrogate \udc80 to \udcff, as Python's surrogateescape has it:
// valid as a JSON text, and read back as that byte. Unknown tagged fields of a structure stand at its end under
// "_unknown_tags": [{"tag":7,"data":"base64"}]. So what is read back is what was printed, but for secrets that hide.
#pragma once

#include <expected>

#include "barnabas/protocol/arena.hpp"
#include "barnabas/protocol/table.hpp"
#include "barnabas/protocol/unknown_tags.hpp"

namespace barnabas::protocol {

/// What stands for a Secret: "(secret)", or its value, for those who have to be exact.
enum class Secrets { hide, reveal };

std::string to_json(const MessageInfo& info, const void* message, int version, const UnknownTags* unknown = nullptr,
                    Secrets secrets = Secrets::hide);
void append_json(std::string& out, const MessageInfo& info, const void* message, int version,
                 const UnknownTags* unknown = nullptr, Secrets secrets = Secrets::hide);

template <class M>
std::string to_json(const M& message, int16 version, Secrets secrets = Secrets::hide) {
  return to_json(message_info<M>(), &message, version, nullptr, secrets);
}

struct JsonError {
  std::string path;        // "topics[3].partitions[0].fetch_offset"; empty for the text itself
  std::size_t offset = 0;  // bytes into the text, where the value begins that is wrong
  std::string what;
  std::string text() const;
};

/// Reads the form above into `message`, which holds its defaults; strings, bytes and lists are copied into `arena`.
/// A field that is left out keeps its default. Refused: a name that the version does not have, a name given twice, null
/// where the version does not allow it, an integer out of range or with a fraction, base64 that is not exact, white
/// space aside anything before or after the object, nesting above 16. `unknown` takes the unknown tags; without it they
/// are checked and dropped. After an error the message is half read.
std::expected<void, JsonError> from_json(const MessageInfo& info, void* message, std::string_view json, int version,
                                         Arena& arena, UnknownTags* unknown = nullptr);

template <class M>
std::expected<M, JsonError> from_json(std::string_view json, int16 version, Arena& arena) {
  std::expected<M, JsonError> result;
  if (auto read = from_json(message_info<M>(), &*result, json, version, arena); !read) {
    result = std::unexpected(std::move(read.error()));
  }
  return result;
}

namespace detail {
/// A single value, for defaults.
void append_json_value(std::string& out, const TypeInfo& type, const char* value);
}  // namespace detail

/// Appends `text` as a JSON string, quotes included; bytes that are not UTF-8 as above.
void append_json_string(std::string& out, string text);

}  // namespace barnabas::protocol
