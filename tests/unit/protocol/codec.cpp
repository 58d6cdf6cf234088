// The rules of the codec, one by one.
#include "barnabas/protocol/codec.hpp"

#include <array>
#include <vector>

#include "barnabas/protocol/messages/api_versions.hpp"
#include "barnabas/protocol/messages/fetch.hpp"
#include "barnabas/protocol/messages/find_coordinator.hpp"
#include "barnabas/protocol/messages/heartbeat.hpp"
#include "barnabas/protocol/messages/leave_group.hpp"
#include "barnabas/protocol/messages/metadata.hpp"
#include "barnabas/protocol/messages/offset_fetch.hpp"
#include "samples.hpp"
#include "support.hpp"

namespace barnabas::protocol::test {

namespace {

// HeartbeatResponse 4 up to its tag section.
constexpr const char* heartbeat = "00 00 00 00 | 00 00 | ";

DecodeError refusal(auto&& result) {
  REQUIRE_FALSE(result.has_value());
  return result.error();
}

}  // namespace

TEST_CASE("unknown tags are skipped") {
  Arena arena;
  CHECK(read<HeartbeatResponse>(std::string(heartbeat) + "01 | 05 03 aa bb cc", 4, arena).has_value());
  CHECK(read<HeartbeatResponse>(std::string(heartbeat) + "02 | 00 00 | ff ff ff ff 0f 01 aa", 4, arena).has_value());
  const auto versions = read<ApiVersionsResponse>(
      "00 00 | 01 | 00 00 00 00 | 03 | 01 08 00 00 00 00 00 00 00 07 | 09 02 aa bb | 0a 00", 3, arena);
  REQUIRE(versions.has_value());
  CHECK(versions->finalized_features_epoch == 7);
}

TEST_CASE("a tag that a later version brings counts as unknown") {
  // Fetch 12 with the tag replica_state of version 15, which even holds nonsense.
  const char* body =
      "ff ff ff ff | 00 00 01 f4 | 00 00 00 01 | 7f ff ff ff | 01 | 00 00 00 00 | 00 00 00 00 | 01 | 01 | 01 | 01 01 "
      "02 aa bb";
  Arena arena;
  const auto request = read<FetchRequest>(body, 12, arena);
  REQUIRE_MESSAGE(request.has_value(), request.error().text());
  CHECK(request->replica_state->replica_id == -1);
}

TEST_CASE("the size of a tag is checked") {
  Arena arena;
  CHECK(refusal(read<HeartbeatResponse>(std::string(heartbeat) + "01 | 05 04 aa bb cc", 4, arena)).what ==
        "needs 4 bytes, 3 are left");
  // An int64 in a tag of nine and of seven bytes.
  const std::string versions = "00 00 | 01 | 00 00 00 00 | 01 | 01 ";
  const DecodeError longer = refusal(read<ApiVersionsResponse>(versions + "09 00 00 00 00 00 00 00 07 00", 3, arena));
  CHECK(longer.path == "finalized_features_epoch");
  CHECK(longer.what == "1 bytes of the tagged field are left over");
  const DecodeError shorter = refusal(read<ApiVersionsResponse>(versions + "07 00 00 00 00 00 00 00 07", 3, arena));
  CHECK(shorter.path == "finalized_features_epoch");
  CHECK(shorter.what == "needs 8 bytes, 7 are left");
}

TEST_CASE("tags that repeat or do not ascend are refused, and read by the lenient") {
  Arena arena;
  const std::string twice =
      "00 00 | 01 | 00 00 00 00 | 02 | 01 08 00 00 00 00 00 00 00 07 | 01 08 00 00 00 00 00 00 00 08";
  CHECK(refusal(read<ApiVersionsResponse>(twice, 3, arena)).what == "tag 1 after tag 1, tags have to ascend");
  const auto last = read<ApiVersionsResponse>(twice, 3, arena, lenient);
  REQUIRE(last.has_value());
  CHECK(last->finalized_features_epoch == 8);
  const std::string descending = "00 00 | 01 | 00 00 00 00 | 02 | 03 01 01 | 01 08 00 00 00 00 00 00 00 07";
  CHECK(refusal(read<ApiVersionsResponse>(descending, 3, arena)).what == "tag 1 after tag 3, tags have to ascend");
  CHECK(read<ApiVersionsResponse>(descending, 3, arena, lenient).has_value());
  CHECK(refusal(read<HeartbeatResponse>(std::string(heartbeat) + "02 | 05 00 | 05 00", 4, arena)).what ==
        "tag 5 after tag 5, tags have to ascend");
}

TEST_CASE("a tag that repeats starts from the defaults again") {
  std::string body = encode(Everything{}, 3).value();
  REQUIRE(body.back() == '\0');
  body.pop_back();
  // tag_inner twice, the first time with its own tag 3.
  body += octets("02 | c9 01 09 00 00 00 07 01 01 03 01 05 | c9 01 06 00 00 00 08 01 00");
  Arena arena;
  const auto read = decode<Everything>(body, 3, arena, lenient);
  REQUIRE_MESSAGE(read.has_value(), read.error().text());
  CHECK(read->tag_inner->number == 8);
  CHECK(read->tag_inner->late == 0);
}

TEST_CASE("more tags than there are bytes") {
  Arena arena;
  CHECK_FALSE(read<HeartbeatResponse>(std::string(heartbeat) + "ff ff ff ff 0f", 4, arena).has_value());
  CHECK(refusal(read<HeartbeatResponse>(std::string(heartbeat) + "ff ff ff ff 1f", 4, arena)).what ==
        "a variable-length number of more than 32 bits");
  CHECK(refusal(read<HeartbeatResponse>(std::string(heartbeat) + "80 80 80 80 80 00", 4, arena)).what ==
        "a variable-length number of more than 32 bits");
  CHECK(read<HeartbeatResponse>(std::string(heartbeat) + "80 80 80 80 00", 4, arena).has_value());
}

TEST_CASE("null is read only where the version allows it") {
  Arena arena;
  CHECK(refusal(read<MetadataRequest>("ff ff ff ff", 0, arena)).text() ==
        "topics: null is not allowed in version 0 (at byte 4)");
  const auto all = read<MetadataRequest>("ff ff ff ff", 1, arena);
  REQUIRE(all.has_value());
  CHECK_FALSE(all->topics);
  CHECK(refusal(read<MetadataRequest>("02 | 00 00 | 01 | 00 00 | 00", 9, arena)).path == "topics[0].name");
  CHECK(refusal(read<HeartbeatRequest>("ff ff | 00 00 00 05 | 00 01 6d", 0, arena)).path == "group_id");
  CHECK(refusal(read<FindCoordinatorRequest>("00 | 00 | 00", 4, arena)).path == "coordinator_keys");
  CHECK(refusal(read<FindCoordinatorRequest>("00 | 02 00 | 00", 4, arena)).path == "coordinator_keys[0]");
}

TEST_CASE("null is written only where the version allows it") {
  std::array<MetadataRequest::Topic, 2> topics;
  topics[1].name = std::nullopt;
  topics[1].topic_id = Uuid{{1}};
  MetadataRequest request;
  request.topics = topics;
  CHECK(encode(request, 10).has_value());
  const auto refused = encode(request, 9);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().text() == "topics[1].name: null is not allowed in version 9");
  CHECK(encoded_size(request, 9) == 0);
  request.topics = std::nullopt;
  CHECK_FALSE(encode(request, 0).has_value());
  CHECK(encode(request, 1).has_value());
}

TEST_CASE("lengths below -1 are refused, and null to the lenient") {
  Arena arena;
  CHECK(refusal(read<MetadataRequest>("ff ff ff fe", 1, arena)).what == "length -2");
  const auto topics = read<MetadataRequest>("80 00 00 00", 1, arena, lenient);
  REQUIRE(topics.has_value());
  CHECK_FALSE(topics->topics);
  const auto member = read<HeartbeatRequest>("00 01 67 | 00 00 00 05 | 00 01 6d | ff fe", 3, arena, lenient);
  REQUIRE(member.has_value());
  CHECK_FALSE(member->group_instance_id);
}

TEST_CASE("nullable structures") {
  Arena arena;
  Everything sample;
  const std::string present = encode(sample, 1).value();
  // The structures hold nothing but a 7 in version 1: the first is `inner`, the second follows its 1.
  const std::size_t seven = present.find(octets("00 00 00 07 00 00 | 01 | 00 00 00 07"));
  REQUIRE(seven != std::string::npos);
  std::string absent = present;
  absent.replace(seven + 6, 1 + 4 + 2, "\xff");
  CHECK(refusal(decode<Everything>(absent, 1, arena)).text() ==
        "maybe_inner: null is not allowed in version 1 (at byte " + std::to_string(seven + 7) + ")");
  sample.maybe_inner = std::nullopt;
  CHECK(encode(sample, 1).error().text() == "maybe_inner: null is not allowed in version 1");
  const auto body = encode(sample, 2);
  REQUIRE(body.has_value());
  const auto back = decode<Everything>(*body, 2, arena);
  REQUIRE(back.has_value());
  CHECK_FALSE(back->maybe_inner);
  Everything given;
  const auto longer = encode(given, 2);
  REQUIRE(longer.has_value());
  // 0xff against 0x01, a number, an empty text and no tags.
  CHECK(longer->size() == body->size() + 4 + 1 + 1);
  CHECK(body->find('\xff') != std::string::npos);
  CHECK(decode<Everything>(*longer, 2, arena)->maybe_inner);
}

TEST_CASE("a field that a version cannot carry is an error unless it is ignorable") {
  Everything sample;
  sample.ignorable_number = 5;
  CHECK(encode(sample, 0).has_value());
  CHECK(lost_at(sample, 0) == std::vector<std::string>{"ignorable_number"});
  CHECK(lost_at(sample, 1).empty());
  sample.strict_number = 0;
  const auto refused = encode(sample, 0);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().text() == "strict_number: is set, but version 0 cannot carry it");
  CHECK(encode(sample, 1).has_value());
  CHECK(lost_at(sample, 0) == std::vector<std::string>{"strict_number", "ignorable_number"});
}

TEST_CASE("the path of a loss leads into lists") {
  std::array<Everything::Inner, 3> inners;
  inners[2].text = "late";
  Everything sample;
  sample.inners = inners;
  CHECK(encode(sample, 0).error().path == "inners[2].text");
  CHECK(lost_at(sample, 0) == std::vector<std::string>{"inners[2].text"});
  CHECK(lost_at(sample, 1).empty());
  inners[0].late = 1;
  CHECK(encode(sample, 1).error().path == "inners[0].late");
  CHECK(encode(sample, 2).has_value());

  std::array<FetchRequest::Partition, 1> partitions;
  partitions[0].last_fetched_epoch = 4;
  std::array<FetchRequest::Topic, 2> topics;
  topics[1].partitions = partitions;
  FetchRequest fetch;
  fetch.topics = topics;
  CHECK(encode(fetch, 11).error().path == "topics[1].partitions[0].last_fetched_epoch");
  CHECK(encode(fetch, 12).has_value());
}

TEST_CASE("a version that lacks a field reads its default") {
  Arena arena;
  const auto request = read<FetchRequest>("ff ff ff ff | 00 00 01 f4 | 00 00 00 01 | 00 00 00 00", 0, arena);
  REQUIRE(request.has_value());
  CHECK(request->max_bytes == 2147483647);
  CHECK(request->session_epoch == -1);
  CHECK_FALSE(request->cluster_id);
}

TEST_CASE("tagged fields at their defaults are left out") {
  Everything sample;
  const std::size_t bare = encoded_size(sample, 3);
  sample.tag_zero = 1;
  CHECK(encoded_size(sample, 3) == bare + 1 + 1 + 4);
  sample.tag_zero = 0;
  sample.tag_one = "";
  CHECK(encoded_size(sample, 3) == bare + 1 + 1 + 1);
  sample.tag_one = std::nullopt;
  std::array<Everything::Inner, 1> inners;
  sample.tag_big = inners;
  // Tag 200 takes two bytes; its value is a count, a number, an empty text and no tags.
  CHECK(encoded_size(sample, 3) == bare + 2 + 1 + (1 + 4 + 1 + 1));
  sample.tag_big = {};
  CHECK(encoded_size(sample, 3) == bare);
}

TEST_CASE("strings have at most 32767 bytes, compact or not") {
  const std::string longest(32767, 'x'), too_long(32768, 'x');
  HeartbeatRequest request;
  request.group_id = longest;
  Arena arena;
  for (int16 version : {0, 4}) {
    const auto body = encode(request, version);
    REQUIRE(body.has_value());
    CHECK(decode<HeartbeatRequest>(*body, version, arena)->group_id->size() == 32767);
  }
  request.group_id = too_long;
  CHECK(encode(request, 0).error().text() == "group_id: 32768 bytes, at most 32767 fit");
  CHECK(encode(request, 4).error().path == "group_id");
  const std::string compact = octets("81 80 02") + too_long + octets("00 00 00 05 | 02 6d | 00 | 00");
  CHECK(decode<HeartbeatRequest>(compact, 4, arena).error().what == "a string of 32768 bytes, Kafka allows 32767");
}

TEST_CASE("a count beyond what the bytes can hold takes no memory") {
  Arena arena;
  const DecodeError old = refusal(read<MetadataResponse>("7f ff ff ff", 0, arena));
  CHECK(old.path == "brokers");
  CHECK(old.what == "2147483647 elements cannot fit in the 0 bytes left");
  const std::string zeros(1000, '\0');
  Arena fresh;
  // 150 partitions of one topic need more than a thousand bytes.
  CHECK_FALSE(decode<MetadataRequest>(octets("ff 7f") + zeros, 9, fresh).has_value());
  CHECK_FALSE(decode<FindCoordinatorRequest>(octets("ff ff ff 7f") + zeros, 4, fresh).has_value());
  CHECK(fresh.bytes() == 0);
}

TEST_CASE("lists within lists cannot claim the same bytes twice") {
  // Ten groups of at least three bytes leave nothing for the topics that the first group announces.
  std::string body = octets("0b");  // 10 groups
  body += octets("01 | 06");        // the first: no name, 5 topics
  body.resize(1 + 30, '\0');
  Arena arena;
  const auto request = decode<OffsetFetchRequest>(body, 8, arena);
  REQUIRE_FALSE(request.has_value());
  CHECK(request.error().path == "groups[0].topics");
  CHECK(request.error().what == "5 elements cannot fit in the 1 bytes left");
  CHECK(arena.bytes() <= 10 * sizeof(OffsetFetchRequest::Group) + 1024);
}

TEST_CASE("nesting stops at sixteen") {
  const auto nested = [](int depth) {
    std::string body;
    for (int i = 1; i < depth; ++i) body += octets("00 00 00 01");
    return body + octets("00 00 00 00");
  };
  Arena arena;
  CHECK(decode<Node>(nested(16), 0, arena).has_value());
  const auto deeper = decode<Node>(nested(17), 0, arena);
  REQUIRE_FALSE(deeper.has_value());
  CHECK(deeper.error().what == "nested more than 16 deep");
  CHECK(deeper.error().path.starts_with("children[0].children[0]."));

  std::vector<Node> nodes(40);
  for (std::size_t i = 1; i < nodes.size(); ++i) nodes[i - 1].children = list<Node>(&nodes[i], 1);
  CHECK(encode(nodes[40 - 16], 0).has_value());
  CHECK(encode(nodes[40 - 17], 0).error().what == "nested more than 16 deep");
}

TEST_CASE("any byte but 0 is true") {
  Arena arena;
  const auto request = read<MetadataRequest>("00 00 00 00 | 02", 4, arena);
  REQUIRE(request.has_value());
  CHECK(request->allow_auto_topic_creation == true);
  CHECK(dump(encode(*request, 4).value()) == dump(octets("00 00 00 00 | 01")));
}

TEST_CASE("errors say where and what") {
  Arena arena;
  const DecodeError error = refusal(read<LeaveGroupRequest>("02 67 | 03 | 02 6d 00 00 00 | 02 6e 00 09 'x'", 5, arena));
  CHECK(error.path == "members[1].reason");
  CHECK(error.offset == 12);
  CHECK(error.text() == "members[1].reason: needs 8 bytes, 1 are left (at byte 12)");
}

TEST_CASE("strings are views into the body") {
  const std::string body = octets("02 67 | 00 00 00 05 | 02 6d | 00 | 00");
  Arena arena;
  const auto request = decode<HeartbeatRequest>(body, 4, arena);
  REQUIRE(request.has_value());
  CHECK(request->group_id->data() == body.data() + 1);
  CHECK(arena.bytes() == 0);
}

}  // namespace barnabas::protocol::test
