// What must hold of every assignor, in random groups that live through several generations.
#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "barnabas/group/assignors/assignor.hpp"

using namespace barnabas::group;
using barnabas::client::TopicPartition;

namespace {

class World {
 public:
  World(const Assignor& assignor, std::uint64_t seed) : assignor_(assignor), random_(seed), equal_(seed % 2 == 0) {
    for (int t = 0, count = number(1, 5); t < count; ++t)
      topics_.emplace("t" + std::to_string(t), shape(number(1, 12)));
    for (int m = 0, count = number(1, 6); m < count; ++m) join();
  }

  int number(int low, int high) { return low + static_cast<int>(random_() % static_cast<unsigned>(high - low + 1)); }

  void join() {
    MemberSubscription m;
    m.member_id = "m" + std::to_string(++names_);
    m.topics = equal_ ? all_topics() : some_topics();
    if (number(0, 2) == 0) m.rack = "r" + std::to_string(number(0, 2));
    members_.push_back(m);
  }
  void change() {
    if (number(0, 1) && members_.size() > 1)
      members_.erase(members_.begin() + number(0, static_cast<int>(members_.size()) - 1));
    if (number(0, 1)) join();
    if (number(0, 3) == 0) {
      auto& grown = topics_.begin()->second;
      grown.racks.resize(grown.racks.size() + static_cast<std::size_t>(number(1, 4)));
    }
    if (!equal_ && number(0, 2) == 0) {
      auto& m = members_.front();
      m.topics = some_topics();
      // Before it joins, a member gives up what it no longer wants.
      std::erase_if(m.owned_partitions, [&](const auto& owned) { return !wants(m, owned.topic); });
    }
  }

  const Assignments& divide() {
    for (auto& m : members_) m.user_data = assignor_.user_data(m.owned_partitions, m.generation);
    result_ = assignor_.assign(topics_, members_);
    return result_;
  }
  /// Members take what they were given.
  void take() {
    ++generation_;
    for (auto& m : members_) {
      m.owned_partitions = result_.at(m.member_id);
      m.generation = generation_;
    }
  }

  const Assignments& given() const { return result_; }

  static bool wants(const MemberSubscription& m, const std::string& topic) {
    return std::count(m.topics.begin(), m.topics.end(), topic) > 0;
  }
  std::size_t wanted_partitions() const {
    std::size_t count = 0;
    for (const auto& [name, shape] : topics_) {
      const bool wanted = std::any_of(members_.begin(), members_.end(), [&](const auto& m) { return wants(m, name); });
      if (wanted) count += shape.racks.size();
    }
    return count;
  }
  const std::vector<MemberSubscription>& members() const { return members_; }
  const TopicShapes& topics() const { return topics_; }
  bool equal() const { return equal_; }
  bool racks() const {
    return std::any_of(members_.begin(), members_.end(), [](const auto& m) { return !m.rack.empty(); });
  }

 private:
  TopicShape shape(int partitions) {
    TopicShape made(static_cast<std::size_t>(partitions));
    if (number(0, 1)) {
      for (auto& racks : made.racks) racks.insert("r" + std::to_string(number(0, 2)));
    }
    return made;
  }
  std::vector<std::string> all_topics() const {
    std::vector<std::string> names;
    for (const auto& [name, shape] : topics_) names.push_back(name);
    return names;
  }
  std::vector<std::string> some_topics() {
    auto names = all_topics();
    std::erase_if(names, [&](const auto&) { return number(0, 2) == 0; });
    return names;
  }

  const Assignor& assignor_;
  std::mt19937_64 random_;
  bool equal_;
  TopicShapes topics_;
  std::vector<MemberSubscription> members_;
  Assignments result_;
  int names_ = 0;
  std::int32_t generation_ = 0;
};

/// Nothing twice, nothing that does not exist, nothing to those who did not ask. Returns how many were given out.
std::size_t check_division(const World& world, const Assignments& result) {
  REQUIRE(result.size() == world.members().size());
  std::set<TopicPartition> given;
  for (const auto& m : world.members()) {
    const auto& mine = result.at(m.member_id);
    REQUIRE(std::is_sorted(mine.begin(), mine.end()));
    for (const auto& partition : mine) {
      REQUIRE(World::wants(m, partition.topic));
      REQUIRE(static_cast<std::size_t>(partition.partition) < world.topics().at(partition.topic).racks.size());
      REQUIRE(given.insert(partition).second);
    }
  }
  return given.size();
}

/// No member could take one from another that has two more.
void check_balance(const World& world, const Assignments& result) {
  for (const auto& poor : world.members()) {
    for (const auto& [rich, partitions] : result) {
      if (partitions.size() < result.at(poor.member_id).size() + 2) continue;
      const bool could = std::any_of(partitions.begin(), partitions.end(),
                                     [&](const auto& partition) { return World::wants(poor, partition.topic); });
      CAPTURE(poor.member_id);
      CAPTURE(rich);
      REQUIRE_FALSE(could);
    }
  }
}

}  // namespace

TEST_CASE("every assignor: each partition exactly once, to a member that subscribed to it") {
  for (const char* name : {"range", "roundrobin", "sticky"}) {
    CAPTURE(name);
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
      CAPTURE(seed);
      World world(*find_assignor(name), seed);
      for (int round = 0; round < 4; ++round) {
        const auto& result = world.divide();
        REQUIRE(check_division(world, result) == world.wanted_partitions());
        if (std::string_view(name) == "sticky") check_balance(world, result);
        if (std::string_view(name) == "roundrobin" && world.equal()) check_balance(world, result);
        world.take();
        world.change();
      }
    }
  }
}

TEST_CASE("sticky assignors: a group in which nothing changed stays as it is") {
  for (const char* name : {"sticky", "cooperative-sticky"}) {
    CAPTURE(name);
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
      CAPTURE(seed);
      World world(*find_assignor(name), seed);
      world.divide();
      world.take();
      const Assignments before = world.divide();
      world.take();
      // As in Kafka, what is in another rack is given up each time, and may not come back.
      if (!world.racks()) REQUIRE(world.divide() == before);
    }
  }
}

TEST_CASE("sticky: with equal subscriptions no member loses a partition and gets another") {
  for (std::uint64_t seed = 2; seed <= 600; seed += 2) {
    CAPTURE(seed);
    World world(*find_assignor("sticky"), seed);
    world.divide();
    world.take();
    world.change();
    if (world.racks()) continue;
    const auto& result = world.divide();
    for (const auto& m : world.members()) {
      const auto& now = result.at(m.member_id);
      std::vector<TopicPartition> lost, got;
      std::ranges::set_difference(m.owned_partitions, now, std::back_inserter(lost));
      std::ranges::set_difference(now, m.owned_partitions, std::back_inserter(got));
      REQUIRE((lost.empty() || got.empty()));
    }
  }
}

TEST_CASE("cooperative-sticky: never in two hands, and it comes to rest in balance") {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    CAPTURE(seed);
    World world(*find_assignor("cooperative-sticky"), seed);
    for (int change = 0; change < 4; ++change) {
      std::size_t given = 0;
      for (int round = 0; round < 6 && given < world.wanted_partitions(); ++round) {
        const auto& result = world.divide();
        given = check_division(world, result);
        for (const auto& m : world.members()) {
          for (const auto& other : world.members()) {
            if (m.member_id == other.member_id) continue;
            for (const auto& owned : other.owned_partitions) {
              const auto& mine = result.at(m.member_id);
              REQUIRE_FALSE(std::binary_search(mine.begin(), mine.end(), owned));
            }
          }
        }
        world.take();
      }
      if (!world.racks()) REQUIRE(given == world.wanted_partitions());
      if (given == world.wanted_partitions()) check_balance(world, world.given());
      world.change();
    }
  }
}

TEST_CASE("a large group is divided with bounded work") {
  TopicShapes topics;
  std::vector<MemberSubscription> members(60);
  for (int t = 0; t < 40; ++t) topics.emplace("t" + std::to_string(t), TopicShape(50));
  for (std::size_t i = 0; i < members.size(); ++i) {
    members[i].member_id = "m" + std::to_string(i);
    for (std::size_t t = 0; t < 40; ++t) {
      if ((t * 7 + i * 3) % 5 < 2) members[i].topics.push_back("t" + std::to_string(t));
    }
    // All that it could have, which is as far from balance as it gets.
    for (const auto& topic : members[i].topics) {
      if (i % 10) continue;
      for (int p = 0; p < 50; ++p) members[i].owned_partitions.emplace_back(topic, p);
    }
    members[i].generation = static_cast<std::int32_t>(i);
  }
  for (const char* name : {"sticky", "cooperative-sticky"}) {
    const Assignor& assignor = *find_assignor(name);
    for (auto& m : members) m.user_data = assignor.user_data(m.owned_partitions, m.generation);
    std::size_t given = 0;
    for (const auto& [member, partitions] : assignor.assign(topics, members)) given += partitions.size();
    CHECK(given <= 2000);
    CHECK((assignor.cooperative() || given == 2000));
  }
}

namespace {

class FirstTakesAll final : public Assignor {
 public:
  explicit FirstTakesAll(std::string name) : name_(std::move(name)) {}
  std::string_view name() const override { return name_; }
  Assignments assign(const TopicShapes& topics, const std::vector<MemberSubscription>& members) const override {
    Assignments result;
    for (const auto& m : members) result[m.member_id];
    for (const auto& [name, shape] : topics) {
      for (std::size_t p = 0; p < shape.racks.size(); ++p) {
        result[in_order(members).front()->member_id].emplace_back(name, static_cast<std::int32_t>(p));
      }
    }
    return result;
  }

 private:
  std::string name_;
};

}  // namespace

TEST_CASE("registry: Kafka's assignors by name and class name, and the program's own") {
  CHECK(find_assignor("RoundRobinAssignor") == find_assignor("roundrobin"));
  CHECK(find_assignor("org.apache.kafka.clients.consumer.CooperativeStickyAssignor") ==
        find_assignor("cooperative-sticky"));
  CHECK(assignor_names().starts_with("range, roundrobin, sticky, cooperative-sticky"));

  register_assignor(std::make_unique<FirstTakesAll>("first-takes-all"));
  const Assignor* own = find_assignor("first-takes-all");
  REQUIRE(own != nullptr);
  CHECK(assignor_names().ends_with(", first-takes-all"));
  MemberSubscription only;
  only.member_id = "m1";
  CHECK(own->assign({{"a", TopicShape(2)}}, {only}).at("m1").size() == 2);
  CHECK_THROWS_AS(register_assignor(std::make_unique<FirstTakesAll>("first-takes-all")), std::invalid_argument);
  CHECK_THROWS_AS(register_assignor(std::make_unique<FirstTakesAll>("RangeAssignor")), std::invalid_argument);
  CHECK_THROWS_AS(register_assignor(std::make_unique<FirstTakesAll>("")), std::invalid_argument);
  CHECK_THROWS_AS(register_assignor(nullptr), std::invalid_argument);
}
