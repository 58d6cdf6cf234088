// The messages that carry offsets and subscriptions, and what error codes ask for; no network.
#include "barnabas/group/commits.hpp"

#include <doctest/doctest.h>

#include "barnabas/group/assignors/subscription.hpp"

using namespace barnabas;
using namespace barnabas::group;
using client::TopicPartition;
using protocol::ErrorCode;

namespace {

MemberIdentity member() {
  MemberIdentity m;
  m.group_id = "g";
  m.member_id = "m-1";
  m.generation = 7;
  return m;
}

/// Through the wire and back, as a broker would read it.
template <class Message>
Message sent(const Message& message, std::int16_t version, protocol::Arena& arena, std::string& body) {
  auto encoded = protocol::encode(message, version);
  REQUIRE_MESSAGE(encoded.has_value(), (encoded ? "" : encoded.error().text()));
  body = *std::move(encoded);
  auto decoded = protocol::decode<Message>(protocol::bytes(body), version, arena);
  REQUIRE(decoded.has_value());
  return *decoded;
}

}  // namespace

TEST_CASE("commits: partitions are grouped by topic, in every version that a member uses") {
  const std::vector<OffsetToCommit> offsets{
      {TopicPartition("a", 0), 10, 3}, {TopicPartition("a", 2), 20, -1}, {TopicPartition("b", 1), 30, 4}};
  for (std::int16_t version = 2; version <= 9; ++version) {
    CAPTURE(version);
    protocol::Arena arena;
    std::string body;
    const auto request = sent(make_offset_commit(member(), offsets, arena), version, arena, body);
    CHECK(*request.group_id == "g");
    CHECK(*request.member_id == "m-1");
    CHECK(*request.generation_id_or_member_epoch == 7);
    REQUIRE(request.topics->size() == 2);
    const auto& a = (*request.topics)[0];
    CHECK(*a.name == "a");
    REQUIRE(a.partitions->size() == 2);
    CHECK(*(*a.partitions)[1].partition_index == 2);
    CHECK(*(*a.partitions)[1].committed_offset == 20);
    CHECK(*(*a.partitions)[0].committed_leader_epoch == (version >= 6 ? 3 : -1));
    CHECK(*(*request.topics)[1].name == "b");
  }
}

TEST_CASE("commits: an instance id needs a version that can carry it, and is not dropped in silence") {
  auto m = member();
  m.group_instance_id = "i";
  const std::vector<OffsetToCommit> offsets{{TopicPartition("a", 0), 10, 3}};
  protocol::Arena arena;
  const auto request = make_offset_commit(m, offsets, arena);
  CHECK_FALSE(protocol::encode(request, 6).has_value());
  CHECK(protocol::encode(request, 7).has_value());
}

TEST_CASE("commits: both forms of OffsetFetch ask for the same and are read the same") {
  const std::vector<TopicPartition> partitions{{"a", 0}, {"a", 1}, {"b", 5}};
  for (std::int16_t version = 1; version <= 9; ++version) {
    CAPTURE(version);
    protocol::Arena arena;
    std::string body;
    const auto request = sent(make_offset_fetch(member(), partitions, {}, version, arena), version, arena, body);
    if (version < 8) {
      CHECK(*request.group_id == "g");
      REQUIRE((*request.topics)->size() == 2);
    } else {
      REQUIRE(request.groups->size() == 1);
      CHECK(*(*request.groups)[0].group_id == "g");
      REQUIRE((*(*request.groups)[0].topics)->size() == 2);
    }
    CHECK(*request.require_stable == (version >= 7));
  }
}

TEST_CASE("commits: from version 10 on topics go and come by id") {
  protocol::Uuid id;
  id.octets[15] = 7;
  const TopicNames names{{id, "a"}};
  protocol::Arena arena;
  std::string body;
  const std::vector<OffsetToCommit> offsets{{TopicPartition("a", 2), 10, 3, id}};
  const auto commit = sent(make_offset_commit(member(), offsets, arena), 10, arena, body);
  CHECK(*(*commit.topics)[0].topic_id == id);
  CHECK((*(*commit.topics)[0].name).empty());

  protocol::OffsetCommitResponse answer;
  auto results = arena.make_list<protocol::OffsetCommitResponse::Partition>(1);
  results[0].partition_index = 2;
  results[0].error_code = ErrorCode::unknown_topic_id;
  auto topics = arena.make_list<protocol::OffsetCommitResponse::Topic>(2);
  topics[0].topic_id = id;
  topics[0].partitions = results;
  (*topics[1].topic_id).octets[0] = 1;  // nobody named it
  topics[1].partitions = results;
  answer.topics = topics;
  CHECK(read_offset_commit(answer, 10, names).at({"a", 2}) == ErrorCode::unknown_topic_id);

  const std::vector<TopicPartition> partitions{{"a", 2}};
  std::string fetch_body;
  const auto fetch = sent(make_offset_fetch(member(), partitions, names, 10, arena), 10, arena, fetch_body);
  CHECK(*(**(*fetch.groups)[0].topics)[0].topic_id == id);
  auto found = arena.make_list<protocol::OffsetFetchResponse::GroupPartition>(1);
  found[0].partition_index = 2;
  found[0].committed_offset = 42;
  auto found_topics = arena.make_list<protocol::OffsetFetchResponse::GroupTopic>(1);
  found_topics[0].topic_id = id;
  found_topics[0].partitions = found;
  auto groups = arena.make_list<protocol::OffsetFetchResponse::Group>(1);
  groups[0].topics = found_topics;
  protocol::OffsetFetchResponse offsets_found;
  offsets_found.groups = groups;
  const auto committed = read_offset_fetch(offsets_found, 10, partitions, names).at({"a", 2});
  CHECK(committed.offset == 42);
  CHECK(committed.by_id);
}

TEST_CASE("commits: a member of the consumer protocol is named in OffsetFetch, a classic one is not") {
  const std::vector<TopicPartition> partitions{{"a", 0}};
  auto m = member();
  for (const bool has_epoch : {false, true}) {
    m.has_epoch = has_epoch;
    protocol::Arena arena;
    std::string body;
    const auto request = sent(make_offset_fetch(m, partitions, {}, 9, arena), 9, arena, body);
    CHECK((*request.groups)[0].member_id->has_value() == has_epoch);
    CHECK(*(*request.groups)[0].member_epoch == (has_epoch ? 7 : -1));
  }
}

TEST_CASE("commits: a partition that the answer leaves out, or whose group failed, has no offset and an error") {
  const std::vector<TopicPartition> partitions{{"a", 0}, {"a", 1}};
  protocol::Arena arena;
  auto in_topic = arena.make_list<protocol::OffsetFetchResponse::GroupPartition>(2);
  in_topic[0].partition_index = 0;
  in_topic[0].committed_offset = 42;
  in_topic[0].committed_leader_epoch = 6;
  in_topic[1].partition_index = 99;  // nobody asked for it
  auto topics = arena.make_list<protocol::OffsetFetchResponse::GroupTopic>(1);
  topics[0].name = protocol::string("a");
  topics[0].partitions = in_topic;
  auto groups = arena.make_list<protocol::OffsetFetchResponse::Group>(1);
  groups[0].topics = topics;
  protocol::OffsetFetchResponse response;
  response.groups = groups;

  auto committed = read_offset_fetch(response, 8, partitions, {});
  CHECK(committed.size() == 2);
  CHECK(committed.at({"a", 0}).error == ErrorCode::none);
  CHECK(committed.at({"a", 0}).offset == 42);
  CHECK(committed.at({"a", 0}).leader_epoch == 6);
  CHECK(committed.at({"a", 1}).error == ErrorCode::unknown_server_error);

  groups[0].error_code = ErrorCode::not_coordinator;
  committed = read_offset_fetch(response, 8, partitions, {});
  CHECK(committed.at({"a", 0}).error == ErrorCode::not_coordinator);
  CHECK(committed.at({"a", 1}).error == ErrorCode::not_coordinator);

  const protocol::OffsetFetchResponse empty;
  committed = read_offset_fetch(empty, 8, partitions, {});
  CHECK(committed.at({"a", 0}).error == ErrorCode::unknown_server_error);
}

TEST_CASE("commits: what error codes ask for") {
  CHECK(judge(ErrorCode::none) == Verdict::ok);
  CHECK(judge(ErrorCode::not_coordinator) == Verdict::find_coordinator);
  CHECK(judge(ErrorCode::unknown_member_id) == Verdict::new_member);
  CHECK(judge(ErrorCode::fenced_instance_id) == Verdict::fatal);
  CHECK(judge(ErrorCode::topic_authorization_failed) == Verdict::refused);
  CHECK(judge(static_cast<ErrorCode>(999)) == Verdict::retry);
  CHECK(hopeless(Error(Error::Stage::config, "a", "b", "c")));
  CHECK_FALSE(hopeless(Error(Error::Stage::connect, "a", "b", "c")));
}

TEST_CASE("subscription: what a member says is what the leader hears") {
  MemberSubscription said;
  said.topics = {"a", "b"};
  said.owned_partitions = {{"a", 0}, {"a", 3}, {"b", 1}};
  said.generation = 12;
  said.rack = "r1";
  MemberSubscription heard;
  const std::string data = encode_subscription(said);
  REQUIRE(decode_subscription(protocol::bytes(data), heard).has_value());
  CHECK(heard.topics == said.topics);
  CHECK(heard.owned_partitions == said.owned_partitions);
  CHECK(heard.generation == 12);
  CHECK(heard.rack == "r1");
}

TEST_CASE("subscription: known bytes of version 3, and of version 0 from an old member") {
  MemberSubscription said;
  said.topics = {"t"};
  const std::string data = encode_subscription(said);
  const std::string expected(
      "\x00\x03"                   // version
      "\x00\x00\x00\x01\x00\x01t"  // topics
      "\xff\xff\xff\xff"           // user data: null
      "\x00\x00\x00\x00"           // owned partitions
      "\xff\xff\xff\xff"           // generation
      "\xff\xff",                  // rack: null
      23);
  CHECK(data == expected);
  const std::string old("\x00\x00\x00\x00\x00\x01\x00\x01t\xff\xff\xff\xff", 13);
  MemberSubscription heard;
  heard.generation = 5;
  REQUIRE(decode_subscription(protocol::bytes(old), heard).has_value());
  CHECK(heard.topics == std::vector<std::string>{"t"});
  CHECK(heard.generation == -1);
}

TEST_CASE("subscription: cut anywhere it is refused, never read beyond") {
  MemberSubscription said;
  said.topics = {"topic"};
  said.owned_partitions = {{"topic", 1}};
  said.rack = "rack";
  const std::string data = encode_subscription(said);
  for (std::size_t size = 1; size < data.size(); ++size) {
    CAPTURE(size);
    const std::string cut = data.substr(0, size);
    MemberSubscription heard;
    CHECK_FALSE(decode_subscription(protocol::bytes(cut), heard).has_value());
  }
}

TEST_CASE("assignment: round trip, nothing at all, and rubbish") {
  const std::vector<TopicPartition> partitions{{"a", 0}, {"a", 1}, {"b", 7}};
  const std::string data = encode_assignment(partitions);
  const auto read = decode_assignment(protocol::bytes(data));
  REQUIRE(read.has_value());
  CHECK(*read == partitions);
  CHECK(decode_assignment({})->empty());
  CHECK(decode_assignment(protocol::bytes(encode_assignment({})))->empty());
  const std::string rubbish("\x00\x00\x7f\xff\xff\xff", 6);
  CHECK_FALSE(decode_assignment(protocol::bytes(rubbish)).has_value());
}
