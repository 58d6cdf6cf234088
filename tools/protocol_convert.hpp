// One message between its bytes and its JSON, as `barnabas protocol` shows both.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "barnabas/protocol/arena.hpp"
#include "barnabas/protocol/codec.hpp"
#include "barnabas/protocol/json.hpp"
#include "barnabas/protocol/unknown_tags.hpp"

namespace barnabas::tools {

/// Why something was not converted.
struct Refusal {
  std::string what;
  std::string path;                   ///< of the field; empty when it is about the whole
  std::optional<std::size_t> offset;  ///< into the bytes or the JSON

  /// "topics[3].name: needs 4 bytes, 1 is left (at byte 12)"
  std::string text() const;
};

/// A message in one version, perhaps with the header of its request or response in front.
struct Subject {
  const protocol::MessageInfo* info = nullptr;
  int version = 0;
  bool header = false;
};

/// `api` is an API's name in any spelling, its key, or the name of a message; `kind` is "request", "response" or
/// "data", or empty when the name of the message says it. Refused with a hint.
std::expected<const protocol::MessageInfo*, std::string> find_message_named(std::string_view api,
                                                                            std::string_view kind);

/// Of the same kind and API as the bytes say that are a request with its header. Empty when they are none.
std::optional<Subject> subject_of_request(protocol::bytes frame);

/// Reuses its memory. Not thread-safe.
class Converter {
 public:
  /// Appends {"json":{…}}, or {"header":{…},"json":{…}}.
  std::optional<Refusal> decode(const Subject& subject, protocol::bytes data, std::string& out);
  /// Appends the JSON alone, of a message without header.
  std::optional<Refusal> decode_body(const Subject& subject, protocol::bytes data, std::string& out);
  /// Appends the bytes. `header` is the JSON of the header where the subject has one; its API key and version need not
  /// be given.
  std::optional<Refusal> encode(const Subject& subject, std::string_view json, std::string_view header,
                                std::string& out);
  void set_mode(protocol::DecodeMode mode) { mode_ = mode; }
  void set_secrets(protocol::Secrets secrets) { secrets_ = secrets; }

 private:
  std::optional<Refusal> decode_rest(const Subject& subject, protocol::bytes data, std::size_t body_at,
                                     std::string& out);
  void* decode_header(const Subject& subject, protocol::bytes data, std::size_t& body_at);

  protocol::Arena arena_;
  protocol::UnknownTags unknown_;
  protocol::DecodeMode mode_ = protocol::strict;
  /// Who asks what is in some bytes gets told.
  protocol::Secrets secrets_ = protocol::Secrets::reveal;
  Refusal refusal_;
};

}  // namespace barnabas::tools
