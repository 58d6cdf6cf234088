#include "barnabas/group/leader.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <functional>

namespace barnabas::group {
namespace {

constexpr auto gone_for_good = std::chrono::seconds(10);
constexpr int rack_divisions_max = 3;

bool exists(const client::TopicInfo* topic) {
  return topic && topic->error == protocol::ErrorCode::none && !topic->partitions.empty();
}

}  // namespace

void Leader::watch(std::set<std::string> topics) {
  for (const auto& topic : topics) {
    if (!watched_.contains(topic)) client_.add_interest(topic);
  }
  for (const auto& topic : watched_) {
    if (!topics.contains(topic)) client_.remove_interest(topic);
  }
  watched_ = std::move(topics);
}

void Leader::resign() {
  watch({});
  snapshot_.reset();
  gone_since_.clear();
}

asio::awaitable<void> Leader::learn_topics(const std::vector<MemberSubscription>& members,
                                           runtime::TimePoint deadline) {
  std::set<std::string> topics;
  for (const auto& member : members) topics.insert(member.topics.begin(), member.topics.end());
  watch(std::move(topics));
  const auto unsure = [this](const std::string& name) {
    const client::TopicInfo* topic = client_.metadata().topic(name);
    const bool was_there = snapshot_ && snapshot_->contains(name);
    return !topic || (!exists(topic) && was_there);
  };
  while (std::any_of(watched_.begin(), watched_.end(), unsure)) {
    if (client_.now() >= deadline || life_->stopping) co_return;
    client_.request_metadata("the group is about to be divided");
    co_await life_->news.wait_until(deadline);
  }
}

asio::awaitable<Assignments> Leader::divide(const Assignor& assignor, std::vector<MemberSubscription> members) {
  keep_assignment();
  const TopicShapes topics = shapes(assignor, members);
  Assignments assignments;
  std::string failure;
  std::function<void()> work = [&] {
    try {
      assignments = assignor.assign(topics, members);
    } catch (const std::exception& error) {
      failure = fmt::format("the assignor failed: {}", error.what());
    }
  };
  co_await client_.runtime().workers().run(work);
  if (!failure.empty()) {
    throw Error(Error::Stage::protocol, fmt::format("divide partitions by {}", assignor.name()), "", failure);
  }
  co_return assignments;
}

/// Racks count when a member has said one. A group that keeps its partitions while they are divided might move them to
/// and fro for ever, balance against racks: when the same question comes again and again, balance has the last word.
TopicShapes Leader::shapes(const Assignor& assignor, const std::vector<MemberSubscription>& members) {
  bool with_racks = std::ranges::any_of(members, [](const auto& member) { return !member.rack.empty(); });
  if (with_racks && assignor.cooperative()) {
    divisions_ = asked_before(members) ? divisions_ + 1 : 0;
    with_racks = divisions_ < rack_divisions_max;
  }
  const auto& brokers = client_.metadata().brokers();
  TopicShapes shapes;
  for (const auto& [name, seen] : *snapshot_) {
    TopicShape& shape = shapes.emplace(name, TopicShape(seen.partitions)).first->second;
    const client::TopicInfo* topic = client_.metadata().topic(name);
    for (std::size_t i = 0; with_racks && i < seen.partitions; ++i) {
      for (const std::int32_t id : topic->partitions[i].replica_ids) {
        const auto broker = brokers.find(id);
        if (broker != brokers.end() && !broker->second.rack.empty()) shape.racks[i].insert(broker->second.rack);
      }
    }
  }
  return shapes;
}

bool Leader::asked_before(const std::vector<MemberSubscription>& members) {
  std::map<std::string, std::vector<std::string>> now;
  for (const auto& member : members) now.emplace(member.member_id, member.topics);
  const bool same = now == members_before_ && topics_before_ == *snapshot_;
  members_before_ = std::move(now);
  topics_before_ = *snapshot_;
  return same;
}

Leader::Snapshot Leader::look() const {
  Snapshot snapshot;
  for (const auto& name : watched_) {
    const client::TopicInfo* topic = client_.metadata().topic(name);
    if (exists(topic)) snapshot.emplace(name, Seen{topic->id, topic->partitions.size()});
  }
  return snapshot;
}

std::optional<std::string> Leader::why_again() {
  if (!snapshot_) return std::nullopt;
  const std::uint64_t generation = client_.metadata().generation();
  if (generation == looked_at_ && gone_since_.empty()) return std::nullopt;
  looked_at_ = generation;
  const Snapshot now = look();
  for (const auto& [name, seen] : now) {
    gone_since_.erase(name);
    const auto before = snapshot_->find(name);
    if (before == snapshot_->end()) return fmt::format("topic {} has appeared", name);
    if (before->second.id != seen.id) return fmt::format("topic {} was made anew", name);
    if (before->second.partitions < seen.partitions) {
      return fmt::format("topic {} has {} partitions now instead of {}", name, seen.partitions,
                         before->second.partitions);
    }
  }
  for (const auto& [name, seen] : *snapshot_) {
    if (now.contains(name)) continue;
    const auto since = gone_since_.emplace(name, client_.now()).first->second;
    if (client_.now() - since >= gone_for_good) return fmt::format("topic {} is gone", name);
  }
  return std::nullopt;
}

}  // namespace barnabas::group
