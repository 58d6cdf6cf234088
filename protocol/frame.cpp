#include "barnabas/protocol/frame.hpp"

#include "barnabas/protocol/errors.hpp"
#include "barnabas/protocol/memory.hpp"

namespace barnabas::protocol {

namespace {

using detail::big_endian;
using detail::get;
using detail::put;

constexpr std::size_t frame_bytes_max = 0x7fffffff;
constexpr std::size_t correlation_id_at = 8;  // size 4, key 2, version 2

template <class U>
char* put_integer(char* to, U value) {
  put(to, big_endian(value));
  return to + sizeof value;
}

/// The headers are too odd for a table: the client id keeps its two-byte length in version 2.
class HeaderReader {
 public:
  explicit HeaderReader(bytes frame) : frame_(frame) {}

  std::size_t at() const { return at_; }
  bool failed() const { return failed_; }
  DecodeError take_error() { return std::move(error_); }

  template <class U>
  U integer(const char* field) {
    if (!need(sizeof(U), field)) return 0;
    const U value = big_endian(get<U>(frame_.data() + at_));
    at_ += sizeof(U);
    return value;
  }

  nullable<string> client_id() {
    const auto size = static_cast<int16>(integer<uint16>("client_id"));
    if (size < 0 || !need(static_cast<std::size_t>(size), "client_id")) return std::nullopt;
    const string text(frame_.data() + at_, static_cast<std::size_t>(size));
    at_ += text.size();
    return text;
  }

  void skip_tags() {
    for (uint32 count = uvarint(); count > 0 && !failed_; --count) {
      uvarint();
      const uint32 size = uvarint();
      if (need(size, "tags")) at_ += size;
    }
  }

 private:
  uint32 uvarint() {
    uint64 value = 0;
    for (std::size_t i = 0; i < detail::uvarint_bytes_max; ++i) {
      const auto octet = integer<uint8>("tags");
      value |= static_cast<uint64>(octet & 127) << (7 * i);
      if (failed_) return 0;
      if (octet < 128 && value <= 0xffffffff) return static_cast<uint32>(value);
    }
    fail("tags", "a variable-length number of more than 32 bits");
    return 0;
  }

  bool need(std::size_t size, const char* field) {
    if (failed_) return false;
    if (size <= frame_.size() - at_) return true;
    fail(field, "needs " + std::to_string(size) + " bytes, " + std::to_string(frame_.size() - at_) + " are left");
    return false;
  }

  void fail(const char* field, std::string what) {
    if (failed_) return;
    failed_ = true;
    error_ = {std::string("header.") + field, at_, std::move(what)};
  }

  bytes frame_;
  std::size_t at_ = 0;
  bool failed_ = false;
  DecodeError error_;
};

/// Room for a header and a body of `info`, with the frame's size written in front.
template <class WriteHeader>
std::expected<std::string, EncodeError> encode_frame(const MessageInfo& info, const void* message, int16 version,
                                                     std::size_t header_bytes, WriteHeader write_header) {
  auto body_bytes = measure(info, message, version);
  if (!body_bytes) return std::unexpected(std::move(body_bytes.error()));
  const std::size_t size = header_bytes + *body_bytes;
  if (size > frame_bytes_max) {
    return std::unexpected(EncodeError{{}, "a frame of " + std::to_string(size) + " bytes, at most 2147483647 fit"});
  }
  std::string frame;
  frame.resize_and_overwrite(frame_size_bytes + size, [&](char* to, std::size_t) {
    char* const body = write_header(put_integer(to, static_cast<uint32>(size)));
    write(info, message, version, body);
    return frame_size_bytes + size;
  });
  return frame;
}

}  // namespace

int request_header_version(int16 api_key, int16 api_version) {
  const auto flexible = flexible_since(ApiKey{api_key});
  if (flexible && api_version >= *flexible) return 2;
  return ApiKey{api_key} == ApiKey::controlled_shutdown && api_version == 0 ? 0 : 1;
}

int response_header_version(int16 api_key, int16 api_version) {
  if (ApiKey{api_key} == ApiKey::api_versions) return 0;
  const auto flexible = flexible_since(ApiKey{api_key});
  return flexible && api_version >= *flexible ? 1 : 0;
}

std::expected<std::string, EncodeError> encode_request(const MessageInfo& info, const void* message, int16 version,
                                                       int32 correlation_id, nullable<string> client_id) {
  const bool tags = info.flexible(version);
  const bool names_client = request_header_version(info.api.key, version) > 0;
  const std::size_t client_id_bytes = client_id && names_client ? client_id->size() : 0;
  if (client_id_bytes > string_bytes_max) {
    return std::unexpected(EncodeError{"header.client_id", "longer than 32767 bytes"});
  }
  const std::size_t header_bytes = 2 + 2 + 4 + (names_client ? 2 + client_id_bytes : 0) + (tags ? 1 : 0);
  return encode_frame(info, message, version, header_bytes, [&](char* to) {
    to = put_integer(to, static_cast<uint16>(info.api.key));
    to = put_integer(to, static_cast<uint16>(version));
    to = put_integer(to, static_cast<uint32>(correlation_id));
    if (!names_client) return to;
    to = put_integer(to, static_cast<uint16>(client_id ? client_id_bytes : 0xffff));
    if (client_id_bytes > 0) std::memcpy(to, client_id->data(), client_id_bytes);
    to += client_id_bytes;
    return tags ? put_integer<uint8>(to, 0) : to;
  });
}

std::expected<std::string, EncodeError> encode_response(const MessageInfo& info, const void* message, int16 version,
                                                        int32 correlation_id) {
  const bool tags = response_header_version(info.api.key, version) == 1;
  return encode_frame(info, message, version, tags ? 5 : 4, [&](char* to) {
    to = put_integer(to, static_cast<uint32>(correlation_id));
    return tags ? put_integer<uint8>(to, 0) : to;
  });
}

void set_correlation_id(std::string& request_frame, int32 correlation_id) {
  if (request_frame.size() < correlation_id_at + sizeof correlation_id) return;
  put_integer(request_frame.data() + correlation_id_at, static_cast<uint32>(correlation_id));
}

std::expected<DecodedRequestHeader, DecodeError> decode_request_header(bytes frame) {
  HeaderReader reader(frame);
  RequestHeader header;
  header.api_key = static_cast<int16>(reader.integer<uint16>("api_key"));
  header.api_version = static_cast<int16>(reader.integer<uint16>("api_version"));
  header.correlation_id = static_cast<int32>(reader.integer<uint32>("correlation_id"));
  const int version = request_header_version(header.api_key, header.api_version);
  if (version >= 1) header.client_id = reader.client_id();
  if (version >= 2) reader.skip_tags();
  if (reader.failed()) return std::unexpected(reader.take_error());
  return DecodedRequestHeader{header, reader.at()};
}

std::expected<DecodedResponseHeader, DecodeError> decode_response_header(bytes frame, int header_version) {
  HeaderReader reader(frame);
  const auto correlation_id = static_cast<int32>(reader.integer<uint32>("correlation_id"));
  if (header_version >= 1) reader.skip_tags();
  if (reader.failed()) return std::unexpected(reader.take_error());
  return DecodedResponseHeader{correlation_id, reader.at()};
}

std::expected<ApiVersionsResponse, DecodeError> decode_api_versions(bytes body, int16 version, Arena& arena) {
  const bool unsupported =
      body.size() >= 2 && big_endian(get<uint16>(body.data())) == static_cast<uint16>(ErrorCode::unsupported_version);
  return decode<ApiVersionsResponse>(body, unsupported ? int16{0} : version, arena, lenient);
}

}  // namespace barnabas::protocol
