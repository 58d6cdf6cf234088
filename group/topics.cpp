// Which topics a consumer reads, followed through the cluster's changes: names, patterns, and partitions that are
// added.
#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "barnabas/group/consumer_parts.hpp"

namespace barnabas::group {

using client::EventKind;
using client::Severity;
using client::TopicPartition;
using protocol::ErrorCode;

namespace {

constexpr auto recreation_settles = std::chrono::minutes(2);

}  // namespace

void Consumer::Parts::want(Subscription wanted) {
  subscription = std::move(wanted);
  topics = subscription.names();
  keep_topics(client, subscription);
  follow_subscription();
}

void Consumer::Parts::want_nothing() {
  forget_topics(client, subscription);
  subscription = Subscription();
  topics.clear();
}

/// Called with each news of the cluster.
void Consumer::Parts::follow_subscription() {
  // Patterns are held against all topics or against none: a partial answer would make topics look new later.
  if (subscription.has_patterns() && client.metadata().lists_all()) {
    std::vector<std::string> now = subscription.topics(client.metadata());
    if (now != topics) {
      std::vector<std::string> added;
      std::ranges::set_difference(now, topics, std::back_inserter(added));
      for (const auto& name : added) {
        if (chosen_once) seen_at_start.emplace(name, SeenAtStart());
        report(EventKind::partitions_added, Severity::info, fmt::format("topic {} matches the subscription", name));
      }
      topics = std::move(now);
      if (membership) membership->choose(topics);
    }
    chosen_once = true;
  }
  note_new_topics();
  if (follow_from) take_new_partitions();
}

void Consumer::Parts::note_new_topics() {
  for (const auto& name : topics) {
    const client::TopicInfo* topic = client.metadata().topic(name);
    if (!topic) continue;
    const auto known = seen_at_start.find(name);
    if (known == seen_at_start.end()) {
      if (topic->error == ErrorCode::none) seen_at_start[name] = {topic->id, topic->partitions.size()};
      if (topic->error == ErrorCode::unknown_topic_or_partition) seen_at_start[name] = {};
    } else if (topic->error == ErrorCode::none && topic->id != known->second.id) {
      const bool is_other = !known->second.id.is_zero() && !topic->id.is_zero();
      known->second = {topic->id, is_other ? 0 : known->second.partitions};
      for (std::size_t i = 0; is_other && i < topic->partitions.size(); ++i) {
        recreated[TopicPartition(name, static_cast<std::int32_t>(i))] = client.now();
      }
    }
  }
}

/// Came into being after this consumer began to want it: all of its records were written while somebody waited.
bool Consumer::Parts::is_new(const TopicPartition& partition) const {
  const auto known = seen_at_start.find(partition.topic);
  return known != seen_at_start.end() && static_cast<std::size_t>(partition.partition) >= known->second.partitions;
}

/// Before Kafka 4.1 commits go by name: one of the old topic may have reached the coordinator when the new one was
/// there already. So the first commit that is found after a topic was made anew is not believed, at the price of
/// duplicates.
bool Consumer::Parts::commit_is_of_old_topic(const TopicPartition& partition) {
  const auto found = recreated.find(partition);
  if (found == recreated.end()) return false;
  const bool recent = client.now() - found->second < recreation_settles;
  recreated.erase(found);
  return recent;
}

void Consumer::Parts::take_new_partitions() {
  if (closing || error) return;
  for (const auto& name : topics) {
    const client::TopicInfo* topic = client.metadata().topic(name);
    if (!topic || topic->error != ErrorCode::none) continue;
    for (std::size_t i = 0; i < topic->partitions.size(); ++i) {
      const TopicPartition partition(name, static_cast<std::int32_t>(i));
      if (!followed.insert(partition).second) continue;
      take_by_hand(partition, is_new(partition) ? client::StartPosition::earliest() : *follow_from, options.end);
    }
  }
}

/// Nothing more is to come: partitions were taken by hand, and all of them have an end and have reached it.
bool Consumer::Parts::read_to_end() const {
  return !membership && !lanes.empty() && std::ranges::all_of(lanes, [](const auto& lane) { return lane->ended(); });
}

}  // namespace barnabas::group
