#include "barnabas/protocol/api.hpp"

#include <doctest/doctest.h>

#include "barnabas/protocol/messages/registry.hpp"

namespace barnabas::protocol {

TEST_CASE("APIs have Kafka's names") {
  CHECK(name(ApiKey::produce) == "Produce");
  CHECK(name(ApiKey::api_versions) == "ApiVersions");
  CHECK(api_name(23) == "OffsetForLeaderEpoch");
  CHECK(api_name(92) == "DeleteShareGroupOffsets");
  CHECK(api_name(93) == "UNKNOWN(93)");
  CHECK(api_name(-1) == "UNKNOWN(-1)");
  CHECK(is_known(ApiKey{0}));
  CHECK_FALSE(is_known(ApiKey{93}));
  CHECK_FALSE(is_known(ApiKey{-1}));
}

TEST_CASE("an API is found by each of its spellings") {
  CHECK(parse_api_key("Fetch") == ApiKey::fetch);
  CHECK(parse_api_key("LIST_OFFSETS") == ApiKey::list_offsets);
  CHECK(parse_api_key("list_offsets") == ApiKey::list_offsets);
  CHECK(parse_api_key("ListOffsets") == ApiKey::list_offsets);
  CHECK_FALSE(parse_api_key("Fetc"));
  CHECK_FALSE(parse_api_key("Fetchs"));
  CHECK_FALSE(parse_api_key(""));
  for (int16 key = 0; key < 93; ++key) CHECK(parse_api_key(name(ApiKey{key})) == ApiKey{key});
}

TEST_CASE("flexible versions of the API table are those of the messages") {
  for (const MessageInfo* info : all_messages()) {
    if (info->kind == MessageKind::data) continue;
    CAPTURE(std::string(info->name));
    CHECK(std::string(info->name) ==
          std::string(name(ApiKey{info->api.key})) + (info->kind == MessageKind::request ? "Request" : "Response"));
    const auto since = flexible_since(ApiKey{info->api.key});
    for (int version = info->api.versions.lo; version <= info->api.versions.hi; ++version) {
      CHECK(info->flexible(version) == (since && version >= *since));
    }
  }
  CHECK_FALSE(flexible_since(ApiKey::sasl_handshake));
  CHECK_FALSE(flexible_since(ApiKey::offset_delete));
}

TEST_CASE("version ranges meet or do not") {
  CHECK(intersect({0, 5}, {3, 9}) == VersionRange{3, 5});
  CHECK(intersect({3, 9}, {0, 5}) == VersionRange{3, 5});
  CHECK(intersect({0, 2}, {3, 9}).empty());
  CHECK_FALSE(intersect({3, 3}, {3, 9}).empty());
  CHECK(VersionRange{2, 4}.contains(4));
  CHECK_FALSE(VersionRange{2, 4}.contains(5));
  CHECK(VersionRange{}.empty());
}

}  // namespace barnabas::protocol
