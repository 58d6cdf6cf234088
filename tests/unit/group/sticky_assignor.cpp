#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "barnabas/group/assignors/assignor.hpp"
#include "barnabas/group/assignors/claims.hpp"

using namespace barnabas::group;
using barnabas::client::TopicPartition;

namespace {

const Assignor& sticky() { return *find_assignor("sticky"); }
const Assignor& cooperative() { return *find_assignor("cooperative-sticky"); }

/// One that was given `owned` in `generation`, and says so as its assignor does.
MemberSubscription member(const Assignor& assignor, std::string id, std::vector<std::string> topics,
                          std::vector<TopicPartition> owned = {}, std::int32_t generation = -1) {
  MemberSubscription m;
  m.member_id = std::move(id);
  m.topics = std::move(topics);
  m.user_data = assignor.user_data(owned, generation);
  m.owned_partitions = std::move(owned);
  m.generation = generation;
  return m;
}

std::string text(const Assignments& assignments, const std::string& id) {
  std::string all;
  for (const auto& partition : assignments.at(id)) all += (all.empty() ? "" : " ") + partition.text();
  return all;
}

TopicShape racks(std::vector<std::set<std::string>> of_partitions) {
  TopicShape shape;
  shape.racks = std::move(of_partitions);
  return shape;
}

}  // namespace

TEST_CASE("sticky: without history as round robin") {
  const auto& s = sticky();
  const auto result = s.assign({{"a", TopicShape(3)}, {"b", TopicShape(2)}},
                               {member(s, "m2", {"a", "b"}), member(s, "m1", {"b", "a"})});
  CHECK(text(result, "m1") == "a[0] a[2] b[1]");
  CHECK(text(result, "m2") == "a[1] b[0]");
}

TEST_CASE("sticky: a third member takes from both, and no more than its share") {
  const auto& s = sticky();
  const auto result = s.assign({{"a", TopicShape(6)}},
                               {member(s, "m1", {"a"}, {{"a", 0}, {"a", 2}, {"a", 4}}, 1),
                                member(s, "m2", {"a"}, {{"a", 1}, {"a", 3}, {"a", 5}}, 1), member(s, "m3", {"a"})});
  CHECK(text(result, "m1") == "a[0] a[2]");
  CHECK(text(result, "m2") == "a[1] a[3]");
  CHECK(text(result, "m3") == "a[4] a[5]");
}

TEST_CASE("sticky: of two claims the newer generation holds, of two in one generation neither") {
  const auto& s = sticky();
  auto result = s.assign({{"a", TopicShape(2)}},
                         {member(s, "m1", {"a"}, {{"a", 0}, {"a", 1}}, 4), member(s, "m2", {"a"}, {{"a", 0}}, 5)});
  CHECK(text(result, "m1") == "a[1]");
  CHECK(text(result, "m2") == "a[0]");
  result =
      s.assign({{"a", TopicShape(2)}}, {member(s, "m1", {"a"}, {{"a", 1}}, 5), member(s, "m2", {"a"}, {{"a", 1}}, 5)});
  CHECK(text(result, "m1") == "a[0]");
  CHECK(text(result, "m2") == "a[1]");
}

TEST_CASE("sticky: partitions and topics that are not there are claimed in vain") {
  const auto& s = sticky();
  const auto result = s.assign({{"a", TopicShape(2)}},
                               {member(s, "m1", {"a"}, {{"a", 7}, {"gone", 0}, {"a", -1}}, 5), member(s, "m2", {"a"})});
  CHECK(text(result, "m1") == "a[0]");
  CHECK(text(result, "m2") == "a[1]");
}

TEST_CASE("sticky: a member that subscribed to nothing gets nothing") {
  const auto& s = sticky();
  const auto result = s.assign({{"a", TopicShape(2)}}, {member(s, "m1", {}), member(s, "m2", {"a"})});
  CHECK(text(result, "m1").empty());
  CHECK(text(result, "m2") == "a[0] a[1]");
  CHECK(s.assign({}, {member(s, "m1", {"a"})}).at("m1").empty());
  CHECK(s.assign({{"a", TopicShape(2)}}, {}).empty());
}

TEST_CASE("sticky: unequal subscriptions, the ones with less choice are served first") {
  const auto& s = sticky();
  const auto result = s.assign({{"a", TopicShape(1)}, {"b", TopicShape(2)}, {"c", TopicShape(3)}},
                               {member(s, "m1", {"a"}), member(s, "m2", {"a", "b"}), member(s, "m3", {"a", "b", "c"})});
  CHECK(text(result, "m1") == "a[0]");
  CHECK(text(result, "m2") == "b[0] b[1]");
  CHECK(text(result, "m3") == "c[0] c[1] c[2]");
}

TEST_CASE("sticky: what is in another rack is given up for a member nearby") {
  const auto& s = sticky();
  auto near_a = member(s, "m1", {"a"}, {{"a", 1}}, 3);
  auto near_b = member(s, "m2", {"a"}, {{"a", 0}}, 3);
  near_a.rack = "ra";
  near_b.rack = "rb";
  const auto result = s.assign({{"a", racks({{"ra"}, {"rb"}})}}, {near_a, near_b});
  CHECK(text(result, "m1") == "a[0]");
  CHECK(text(result, "m2") == "a[1]");
}

TEST_CASE("sticky user data: what it says is read back, version 0 has no generation, nonsense claims nothing") {
  const std::vector<TopicPartition> owned{{"a", 0}, {"a", 3}, {"bb", 1}};
  const std::string data = sticky_user_data(owned, 7);
  Claim claim = read_sticky_user_data(data);
  CHECK(claim.partitions == owned);
  CHECK(claim.generation == 7);
  claim = read_sticky_user_data(data.substr(0, data.size() - 4));
  CHECK(claim.partitions == owned);
  CHECK(claim.generation == -1);
  for (std::size_t size = 0; size + 4 < data.size(); ++size) {
    CAPTURE(size);
    CHECK(read_sticky_user_data(std::string_view(data).substr(0, size)).partitions.empty());
  }
  CHECK(read_sticky_user_data(std::string("\x7f\xff\xff\xff\0\1a", 7)).partitions.empty());
  CHECK(read_sticky_user_data(std::string("\0\0\0\1\0\1a\x7f\xff\xff\xff", 11)).partitions.empty());
  CHECK(read_sticky_user_data(std::string("\0\0\0\1\xff\xff\0\0\0\0", 10)).partitions.empty());
}

TEST_CASE("cooperative-sticky: what moves is nobody's until it was given up") {
  const auto& c = cooperative();
  CHECK(c.cooperative());
  const TopicShapes topics{{"a", TopicShape(2)}};
  auto result = c.assign(topics, {member(c, "m1", {"a"}, {{"a", 0}, {"a", 1}}, 1), member(c, "m2", {"a"})});
  CHECK(text(result, "m1") == "a[0]");
  CHECK(text(result, "m2").empty());
  result = c.assign(topics, {member(c, "m1", {"a"}, {{"a", 0}}, 2), member(c, "m2", {"a"}, {}, 2)});
  CHECK(text(result, "m1") == "a[0]");
  CHECK(text(result, "m2") == "a[1]");
}

TEST_CASE("cooperative-sticky: what two members claim is nobody's for one generation") {
  const auto& c = cooperative();
  const auto result = c.assign(
      {{"a", TopicShape(2)}}, {member(c, "m1", {"a"}, {{"a", 0}}, 5), member(c, "m2", {"a"}, {{"a", 0}, {"a", 1}}, 5)});
  CHECK(text(result, "m1").empty());
  CHECK(text(result, "m2") == "a[1]");
}

TEST_CASE("cooperative-sticky: an old subscription has its generation in the user data") {
  const auto& c = cooperative();
  auto newer = member(c, "m1", {"a"}, {{"a", 0}}, 6);
  auto older = member(c, "m2", {"a"}, {{"a", 0}}, 5);
  newer.generation = older.generation = -1;
  const auto result = c.assign({{"a", TopicShape(1)}}, {older, newer});
  CHECK(text(result, "m1") == "a[0]");
  CHECK(text(result, "m2").empty());
}
