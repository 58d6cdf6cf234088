#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "barnabas/group/assignors/assignor.hpp"

using namespace barnabas::group;
using barnabas::client::TopicPartition;

namespace {

MemberSubscription member(std::string id, std::vector<std::string> topics, std::string rack = "",
                          std::string instance = "") {
  MemberSubscription m;
  m.member_id = std::move(id);
  m.topics = std::move(topics);
  m.rack = std::move(rack);
  m.group_instance_id = std::move(instance);
  return m;
}

TopicShape racks(std::vector<std::set<std::string>> of_partitions) {
  TopicShape shape;
  shape.racks = std::move(of_partitions);
  return shape;
}

/// "a[0] a[1] b[0]"
std::string text(const Assignments& assignments, const std::string& id) {
  std::string all;
  for (const auto& partition : assignments.at(id)) all += (all.empty() ? "" : " ") + partition.text();
  return all;
}

const Assignor& range() { return *find_assignor("range"); }

}  // namespace

TEST_CASE("range: contiguous runs, the first members get one more") {
  const TopicShapes topics{{"a", TopicShape(7)}};
  const auto result = range().assign(topics, {member("m2", {"a"}), member("m3", {"a"}), member("m1", {"a"})});
  CHECK(text(result, "m1") == "a[0] a[1] a[2]");
  CHECK(text(result, "m2") == "a[3] a[4]");
  CHECK(text(result, "m3") == "a[5] a[6]");
}

TEST_CASE("range: each topic by itself, among its subscribers only") {
  const TopicShapes topics{{"a", TopicShape(3)}, {"b", TopicShape(2)}, {"nobody", TopicShape(4)}};
  const auto result = range().assign(topics, {member("m1", {"a", "gone"}), member("m2", {"a", "b"}), member("m3", {})});
  CHECK(text(result, "m1") == "a[0] a[1]");
  CHECK(text(result, "m2") == "a[2] b[0] b[1]");
  CHECK(text(result, "m3").empty());
}

TEST_CASE("range: more members than partitions leaves the last ones empty") {
  const auto result = range().assign({{"a", TopicShape(1)}}, {member("m1", {"a"}), member("m2", {"a"})});
  CHECK(text(result, "m1") == "a[0]");
  CHECK(text(result, "m2").empty());
}

TEST_CASE("range: static members come first, by instance id") {
  const auto result = range().assign(
      {{"a", TopicShape(3)}}, {member("m1", {"a"}), member("m9", {"a"}, "", "i2"), member("m8", {"a"}, "", "i3")});
  CHECK(text(result, "m9") == "a[0]");
  CHECK(text(result, "m8") == "a[1]");
  CHECK(text(result, "m1") == "a[2]");
}

TEST_CASE("range: a topic alone goes to members in the partition's rack") {
  const TopicShapes topics{{"a", racks({{"r2"}, {"r2"}, {"r1"}, {"r1"}})}};
  const auto result = range().assign(topics, {member("m1", {"a"}, "r1"), member("m2", {"a"}, "r2")});
  CHECK(text(result, "m1") == "a[2] a[3]");
  CHECK(text(result, "m2") == "a[0] a[1]");
}

TEST_CASE("range: racks change nothing when every partition is in all of them, or no member is near") {
  const TopicShapes everywhere{{"a", racks({{"r1", "r2"}, {"r1", "r2"}})}};
  auto result = range().assign(everywhere, {member("m1", {"a"}, "r2"), member("m2", {"a"}, "r1")});
  CHECK(text(result, "m1") == "a[0]");
  const TopicShapes apart{{"a", racks({{"r1"}, {"r2"}})}};
  result = range().assign(apart, {member("m1", {"a"}, "r8"), member("m2", {"a"}, "r9")});
  CHECK(text(result, "m1") == "a[0]");
  CHECK(text(result, "m2") == "a[1]");
}

TEST_CASE("range: a member without rack fits everywhere, what is left goes by the plain rule") {
  const TopicShapes topics{{"a", racks({{"r1"}, {"r3"}, {"r1"}})}};
  const auto result = range().assign(topics, {member("m1", {"a"}, "r1"), member("m2", {"a"}, "r2")});
  CHECK(text(result, "m1") == "a[0] a[2]");
  CHECK(text(result, "m2") == "a[1]");
  const auto free = range().assign(topics, {member("m1", {"a"}), member("m2", {"a"}, "r1")});
  CHECK(text(free, "m1") == "a[0] a[1]");
  CHECK(text(free, "m2") == "a[2]");
}

TEST_CASE("range: topics alike stay together under racks") {
  const TopicShapes topics{{"a", racks({{"r2"}, {"r1"}})}, {"b", racks({{"r2"}, {"r1"}})}};
  const auto result = range().assign(topics, {member("m1", {"a", "b"}, "r1"), member("m2", {"a", "b"}, "r2")});
  CHECK(text(result, "m1") == "a[1] b[1]");
  CHECK(text(result, "m2") == "a[0] b[0]");
}

TEST_CASE("range: every partition has exactly one owner who subscribed, in balance, with racks or without") {
  for (unsigned seed = 1; seed <= 400; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    const bool with_racks = seed % 2 == 0;
    TopicShapes topics;
    for (unsigned t = 0, count = random() % 5; t < count; ++t) {
      TopicShape shape(random() % 9);
      if (with_racks)
        for (auto& of_partition : shape.racks) of_partition.insert("r" + std::to_string(random() % 3));
      topics.emplace("t" + std::to_string(t), shape);
    }
    std::vector<MemberSubscription> members;
    for (unsigned m = 0, count = 1 + random() % 6; m < count; ++m) {
      std::vector<std::string> subscribed;
      for (int t = 0; t < 6; ++t)
        if (random() % 2) subscribed.push_back("t" + std::to_string(t));
      members.push_back(member("m" + std::to_string(m), subscribed,
                               with_racks && random() % 4 ? "r" + std::to_string(random() % 3) : "",
                               random() % 5 ? "" : "i" + std::to_string(m)));
    }
    const auto result = range().assign(topics, members);
    REQUIRE(result.size() == members.size());
    std::map<TopicPartition, int> owners;
    for (const auto& m : members) {
      std::map<std::string, std::size_t> shares;
      for (const auto& partition : result.at(m.member_id)) {
        ++owners[partition];
        ++shares[partition.topic];
        REQUIRE(std::count(m.topics.begin(), m.topics.end(), partition.topic) == 1);
      }
      for (const auto& topic : m.topics) {
        if (!topics.contains(topic)) continue;
        const auto among =
            static_cast<std::size_t>(std::count_if(members.begin(), members.end(), [&](const auto& other) {
              return std::count(other.topics.begin(), other.topics.end(), topic) == 1;
            }));
        const auto partitions = topics.at(topic).racks.size();
        REQUIRE(shares[topic] >= partitions / among);
        REQUIRE(shares[topic] <= (partitions + among - 1) / among);
      }
    }
    for (const auto& [topic, shape] : topics) {
      const bool wanted = std::any_of(members.begin(), members.end(), [&](const auto& m) {
        return std::count(m.topics.begin(), m.topics.end(), topic) == 1;
      });
      for (std::size_t p = 0; p < shape.racks.size(); ++p)
        REQUIRE(owners[TopicPartition(topic, static_cast<std::int32_t>(p))] == (wanted ? 1 : 0));
    }
  }
}

TEST_CASE("strings compare as Java compares them") {
  CHECK(java_less("a", "b"));
  CHECK(java_less("a", "ab"));
  CHECK_FALSE(java_less("a", "a"));
  CHECK(java_less("\xc3\xa9", "\xe2\x82\xac"));          // é before €
  CHECK(java_less("\xf0\x9f\x98\x80", "\xef\xbf\xbd"));  // an emoji is two surrogates, which sort before U+FFFD
  CHECK_FALSE(java_less("\xef\xbf\xbd", "\xf0\x9f\x98\x80"));
}

TEST_CASE("an assignor that is not there is null, not another one") {
  CHECK(find_assignor("range") != nullptr);
  CHECK(find_assignor("stick") == nullptr);
  CHECK(find_assignor("") == nullptr);
}
