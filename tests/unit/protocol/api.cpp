#include "barnabas/protocol/api.hpp"

#include <doctest/doctest.h>

#include "barnabas/protocol/messages/fetch.hpp"
#include "barnabas/protocol/messages/init_producer_id.hpp"
#include "barnabas/protocol/messages/registry.hpp"
#include "barnabas/protocol/messages/share_fetch.hpp"

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

TEST_CASE("every API has both of its messages, in the same versions") {
  for (int16 key = 0; is_known(ApiKey{key}); ++key) {
    const MessageInfo* const request = find_message(key, MessageKind::request);
    const MessageInfo* const response = find_message(key, MessageKind::response);
    CAPTURE(api_name(key));
    REQUIRE(request != nullptr);
    REQUIRE(response != nullptr);
    CHECK(request->api.versions == response->api.versions);
    CHECK(request->api.flexible == response->api.flexible);
    CHECK(request->api.unstable == response->api.unstable);
  }
  CHECK(find_message("UpdateRaftVoterRequest")->api.key == 82);
}

TEST_CASE("who serves an API, and who asks") {
  CHECK(listeners(ApiKey::produce) == Listeners::brokers);
  CHECK(listeners(ApiKey::vote) == Listeners::controllers);
  CHECK(listeners(ApiKey::api_versions) == Listeners::both);
  CHECK(listeners(ApiKey{93}) == Listeners::both);
  CHECK(sender(ApiKey::produce) == Sender::client);
  CHECK(sender(ApiKey::write_txn_markers) == Sender::client);
  CHECK(sender(ApiKey::vote) == Sender::node);
  CHECK(sender(ApiKey::read_share_group_state_summary) == Sender::node);
  CHECK(sender(ApiKey{93}) == Sender::client);
  int asked_by_clients = 0;
  for (int16 key = 0; is_known(ApiKey{key}); ++key) asked_by_clients += sender(ApiKey{key}) == Sender::client ? 1 : 0;
  CHECK(asked_by_clients == 72);
}

TEST_CASE("unstable versions are known, but not spoken") {
  CHECK(versions_of<FetchRequest>() == VersionRange{0, 18});
  CHECK(InitProducerIdRequest::api.versions.has(6));
  CHECK(versions_of<InitProducerIdRequest>() == VersionRange{0, 5});
  CHECK(versions_of<ShareFetchRequest>() == VersionRange{1, 2});
  CHECK(find_message("ShareFetchResponse")->unstable(0));
  CHECK_FALSE(find_message("ShareFetchResponse")->unstable(1));
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
