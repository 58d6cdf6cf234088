#include "barnabas/protocol/frame.hpp"

#include "barnabas/protocol/errors.hpp"
#include "barnabas/protocol/messages/heartbeat.hpp"
#include "barnabas/protocol/messages/metadata.hpp"
#include "support.hpp"

namespace barnabas::protocol::test {

namespace {

HeartbeatRequest heartbeat() {
  HeartbeatRequest request;
  request.group_id = "g";
  request.generation_id = 5;
  request.member_id = "m";
  return request;
}

bytes without_size(const std::string& frame) { return bytes(frame).subspan(frame_size_bytes); }

}  // namespace

TEST_CASE("request frames") {
  const auto old = encode_request(heartbeat(), 0, 7, string("cli"));
  REQUIRE(old.has_value());
  CHECK(dump(*old) ==
        dump(octets("00 00 00 17 | 00 0c 00 00 00 00 00 07 00 03 'cli' | 00 01 67 | 00 00 00 05 | 00 01 6d")));
  const auto flexible = encode_request(heartbeat(), 4, 7, string("cli"));
  REQUIRE(flexible.has_value());
  CHECK(dump(*flexible) ==
        dump(octets("00 00 00 18 | 00 0c 00 04 00 00 00 07 00 03 'cli' 00 | 02 67 | 00 00 00 05 | 02 6d | 00 | 00")));
  const auto nameless = encode_request(heartbeat(), 4, -1, std::nullopt);
  REQUIRE(nameless.has_value());
  CHECK(dump(*nameless) ==
        dump(octets("00 00 00 15 | 00 0c 00 04 ff ff ff ff ff ff 00 | 02 67 | 00 00 00 05 | 02 6d | 00 | 00")));
}

TEST_CASE("response frames") {
  HeartbeatResponse response;
  response.error_code = 27;
  CHECK(dump(encode_response(response, 0, 7).value()) == dump(octets("00 00 00 06 | 00 00 00 07 | 00 1b")));
  CHECK(dump(encode_response(response, 4, 7).value()) ==
        dump(octets("00 00 00 0c | 00 00 00 07 00 | 00 00 00 00 | 00 1b | 00")));
  // The header of ApiVersions never has tags.
  CHECK(dump(encode_response(ApiVersionsResponse{}, 3, 7).value()) ==
        dump(octets("00 00 00 0c | 00 00 00 07 | 00 00 | 01 | 00 00 00 00 | 00")));
}

TEST_CASE("what cannot be encoded makes no frame") {
  HeartbeatRequest request = heartbeat();
  request.group_instance_id = "i";
  CHECK(encode_request(request, 2, 1, std::nullopt).error().path == "group_instance_id");
  CHECK_FALSE(encode_request(request, 5, 1, std::nullopt).has_value());
  CHECK_FALSE(encode_response(HeartbeatResponse{}, 5, 1).has_value());
  const std::string long_name(32768, 'n');
  CHECK(encode_request(heartbeat(), 0, 1, string(long_name)).error().path == "header.client_id");
}

TEST_CASE("versions of headers") {
  CHECK(request_header_version(1, 11) == 1);
  CHECK(request_header_version(1, 12) == 2);
  CHECK(response_header_version(1, 11) == 0);
  CHECK(response_header_version(1, 12) == 1);
  CHECK(request_header_version(18, 2) == 1);
  CHECK(request_header_version(18, 3) == 2);
  CHECK(request_header_version(18, 99) == 2);
  CHECK(response_header_version(18, 3) == 0);
  CHECK(response_header_version(18, 99) == 0);
  CHECK(request_header_version(7, 0) == 0);
  CHECK(request_header_version(7, 1) == 1);
  CHECK(request_header_version(17, 1) == 1);  // SaslHandshake never becomes flexible
  CHECK(response_header_version(17, 1) == 0);
  CHECK(request_header_version(47, 0) == 1);  // nor does OffsetDelete
  CHECK(request_header_version(68, 0) == 2);
  CHECK(request_header_version(200, 0) == 2);
}

TEST_CASE("request headers read back") {
  for (int16 version = 0; version <= 4; ++version) {
    for (const nullable<string> client : {nullable<string>("cli"), nullable<string>(""), nullable<string>()}) {
      const std::string frame = encode_request(heartbeat(), version, 99, client).value();
      const auto decoded = decode_request_header(without_size(frame));
      REQUIRE(decoded.has_value());
      CHECK(decoded->header.api_key == 12);
      CHECK(decoded->header.api_version == version);
      CHECK(decoded->header.correlation_id == 99);
      CHECK(decoded->header.client_id == client);
      Arena arena;
      const auto body = decode<HeartbeatRequest>(without_size(frame).subspan(decoded->body_at), version, arena);
      REQUIRE(body.has_value());
      CHECK(equal(*body, heartbeat()));
    }
  }
}

TEST_CASE("response headers read back") {
  const std::string frame = encode_response(MetadataResponse{}, 12, 5).value();
  const auto decoded = decode_response_header(without_size(frame), response_header_version(3, 12));
  REQUIRE(decoded.has_value());
  CHECK(decoded->correlation_id == 5);
  CHECK(decoded->body_at == 5);
  CHECK(decode_response_header(without_size(frame), 0)->body_at == 4);
  const Exact tagged(octets("00 00 00 05 | 02 | 00 01 aa | 07 02 bb cc | 00 01"));
  CHECK(decode_response_header(tagged.view(), 1)->body_at == 12);
}

TEST_CASE("headers cut short anywhere are refused") {
  const std::string request = octets("00 0c 00 04 00 00 00 07 00 03 'cli' 02 00 01 aa 05 00");
  REQUIRE(decode_request_header(bytes(request))->body_at == request.size());
  for (std::size_t size = 0; size < request.size(); ++size) {
    const Exact cut(std::string_view(request).substr(0, size));
    const auto decoded = decode_request_header(cut.view());
    REQUIRE_FALSE(decoded.has_value());
    CHECK(decoded.error().path.starts_with("header."));
  }
  const std::string response = octets("00 00 00 05 | 02 | 00 01 aa | 07 02 bb cc");
  REQUIRE(decode_response_header(bytes(response), 1)->body_at == response.size());
  for (std::size_t size = 0; size < response.size(); ++size) {
    const Exact cut(std::string_view(response).substr(0, size));
    REQUIRE_FALSE(decode_response_header(cut.view(), 1).has_value());
  }
}

TEST_CASE("lengths in headers that lie") {
  CHECK(decode_request_header(bytes(octets("00 0c 00 04 00 00 00 07 7f ff 'cli'"))).error().text() ==
        "header.client_id: needs 32767 bytes, 3 are left (at byte 10)");
  CHECK_FALSE(decode_request_header(bytes(octets("00 0c 00 04 00 00 00 07 ff ff ff ff ff ff 0f"))).has_value());
  CHECK_FALSE(decode_request_header(bytes(octets("00 0c 00 04 00 00 00 07 ff ff 01 00 ff ff ff ff 0f"))).has_value());
  CHECK(decode_request_header(bytes(octets("00 0c 00 04 00 00 00 07 ff ff ff ff ff ff ff 0f"))).error().what ==
        "a variable-length number of more than 32 bits");
}

TEST_CASE("a frame gets another correlation id") {
  std::string frame = encode_request(heartbeat(), 4, 7, string("cli")).value();
  const std::string other = encode_request(heartbeat(), 4, -123456, string("cli")).value();
  set_correlation_id(frame, -123456);
  CHECK(dump(frame) == dump(other));
  std::string scrap = "short";
  set_correlation_id(scrap, 1);
  CHECK(scrap == "short");
}

TEST_CASE("ApiVersions answers of brokers that lack the version") {
  Arena arena;
  const std::string unsupported = octets("00 23 | 00 00 00 01 | 00 12 00 00 00 03");
  const auto versions = decode_api_versions(unsupported, 4, arena);
  REQUIRE(versions.has_value());
  CHECK(versions->error_code == ErrorCode::unsupported_version);
  REQUIRE(versions->api_keys.size() == 1);
  CHECK(versions->api_keys[0].api_key == 18);
  CHECK(versions->api_keys[0].max_version == 3);
  // Before 2.4 the list was empty.
  CHECK(decode_api_versions(octets("00 23 | 00 00 00 00"), 3, arena).has_value());
  const auto good = decode_api_versions(octets("00 00 | 02 | 00 12 00 00 00 04 00 | 00 00 00 00 | 00"), 3, arena);
  REQUIRE(good.has_value());
  CHECK(good->api_keys.size() == 1);
  CHECK_FALSE(decode_api_versions({}, 3, arena).has_value());
  CHECK_FALSE(decode_api_versions(octets("00"), 3, arena).has_value());
}

}  // namespace barnabas::protocol::test
