// Frames: what stands between the connection and the messages. A frame is an int32 size, a header and a body.
#pragma once

#include "barnabas/protocol/api.hpp"
#include "barnabas/protocol/codec.hpp"
#include "barnabas/protocol/messages/api_versions.hpp"

namespace barnabas::protocol {

/// The size in front of a frame; it does not count itself.
inline constexpr std::size_t frame_size_bytes = 4;

struct RequestHeader {
  int16 api_key = 0;
  int16 api_version = 0;
  int32 correlation_id = 0;
  nullable<string> client_id;
};

struct DecodedRequestHeader {
  RequestHeader header;
  std::size_t body_at = 0;  // counted like the frame, without the size
};

struct DecodedResponseHeader {
  int32 correlation_id = 0;
  std::size_t body_at = 0;
};

/// 0 without client id (ControlledShutdown 0 alone), 1 with it, 2 with a tag section as well. A key that is not known
/// counts as flexible, like all new ones.
int request_header_version(int16 api_key, int16 api_version);
/// 1 with a tag section, else 0; ApiVersions always 0.
int response_header_version(int16 api_key, int16 api_version);

/// The untyped layer under the templates below.
std::expected<std::string, EncodeError> encode_request(const MessageInfo& info, const void* message, int16 version,
                                                       int32 correlation_id, nullable<string> client_id);
std::expected<std::string, EncodeError> encode_response(const MessageInfo& info, const void* message, int16 version,
                                                        int32 correlation_id);

/// A whole frame, its size in front, in one buffer of the exact size. Refuses what encode() refuses.
template <class M>
std::expected<std::string, EncodeError> encode_request(const M& message, int16 version, int32 correlation_id,
                                                       nullable<string> client_id) {
  return encode_request(message_info<M>(), &message, version, correlation_id, client_id);
}
template <class M>
std::expected<std::string, EncodeError> encode_response(const M& message, int16 version, int32 correlation_id) {
  return encode_response(message_info<M>(), &message, version, correlation_id);
}

/// Gives an encoded request another correlation id.
void set_correlation_id(std::string& request_frame, int32 correlation_id);

/// `frame` comes without its size. The client id in the result is a view into it.
std::expected<DecodedRequestHeader, DecodeError> decode_request_header(bytes frame);
std::expected<DecodedResponseHeader, DecodeError> decode_response_header(bytes frame, int header_version);

/// Reads the body that answers an ApiVersions request of `version`. With error UNSUPPORTED_VERSION it is of version 0,
/// whatever was asked, and lists at most the versions of ApiVersions itself.
std::expected<ApiVersionsResponse, DecodeError> decode_api_versions(bytes body, int16 version, Arena& arena);

}  // namespace barnabas::protocol
