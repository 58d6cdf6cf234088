#include "barnabas/group/leader.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace barnabas::group {
namespace {

constexpr auto gone_for_good = std::chrono::seconds(10);

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

Assignments Leader::divide(const Assignor& assignor, const std::vector<MemberSubscription>& members) {
  keep_assignment();
  TopicShapes shapes;
  for (const auto& [name, seen] : *snapshot_) shapes.emplace(name, TopicShape(seen.partitions));
  return assignor.assign(shapes, members);
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
