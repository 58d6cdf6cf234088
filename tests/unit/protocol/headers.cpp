// What frame.hpp writes and reads by hand is what headers.hpp declares.
#include "barnabas/protocol/messages/headers.hpp"

#include <doctest/doctest.h>

#include "barnabas/protocol/frame.hpp"
#include "barnabas/protocol/messages/registry.hpp"

namespace barnabas::protocol {

namespace {

headers::RequestHeader declared(int16 key, int16 version, nullable<string> client_id) {
  headers::RequestHeader header;
  header.request_api_key = key;
  header.request_api_version = version;
  header.correlation_id = 0x01020304;
  header.client_id = client_id;
  return header;
}

/// The header of a frame that carries the defaults of `info`.
std::string written(const MessageInfo& info, int16 version, std::expected<std::string, EncodeError> frame) {
  REQUIRE(frame.has_value());
  const auto body = measure(info, info.root->defaults, version);
  REQUIRE(body.has_value());
  return frame->substr(frame_size_bytes, frame->size() - frame_size_bytes - *body);
}

}  // namespace

TEST_CASE("the headers of all requests and responses are as declared") {
  for (const MessageInfo* info : all_messages()) {
    for (int16 version = info->api.versions.lo; version <= info->api.versions.hi; ++version) {
      const int16 key = info->api.key;
      CAPTURE(std::string(info->name));
      CAPTURE(version);
      const void* const defaults = info->root->defaults;
      if (info->kind == MessageKind::response) {
        headers::ResponseHeader header;
        header.correlation_id = 77;
        const auto expected = encode(header, static_cast<int16>(response_header_version(key, version)));
        CHECK(written(*info, version, encode_response(*info, defaults, version, 77)) == expected.value());
      } else if (info->kind == MessageKind::request) {
        for (const nullable<string> client_id : {nullable<string>(), nullable<string>("me"), nullable<string>("")}) {
          const auto header_version = static_cast<int16>(request_header_version(key, version));
          const nullable<string> said = header_version > 0 ? client_id : nullable<string>("");
          const auto expected = encode(declared(key, version, said), header_version).value();
          CHECK(written(*info, version, encode_request(*info, defaults, version, 0x01020304, client_id)) == expected);
          const auto read = decode_request_header(bytes(expected));
          REQUIRE(read.has_value());
          CHECK(read->body_at == expected.size());
          CHECK(read->header.api_key == key);
          CHECK(read->header.client_id == (header_version > 0 ? client_id : nullable<string>()));
        }
      }
    }
  }
}

TEST_CASE("only the first version of ControlledShutdown has a header without client id") {
  const auto key = static_cast<int16>(ApiKey::controlled_shutdown);
  const auto expected = encode(declared(key, 0, nullable<string>("")), 0).value();
  CHECK(expected.size() == 8);
  const auto read = decode_request_header(bytes(expected));
  REQUIRE(read.has_value());
  CHECK(read->body_at == 8);
  CHECK(read->header.correlation_id == 0x01020304);
  for (const MessageInfo* info : all_messages()) {
    if (info->kind != MessageKind::request) continue;
    const bool alone = request_header_version(info->api.key, info->api.versions.lo) == 0;
    CHECK(alone == (info->api.key == key));
  }
}

}  // namespace barnabas::protocol
