#include "barnabas/client/fetch/session.hpp"

#include <limits>

namespace barnabas::client {
namespace {

using Request = protocol::FetchRequest;

constexpr std::int16_t first_version_with_last_epoch = 12;  // KIP-595

/// Groups by topic, keeping the order of first appearance.
template <class Item, class TopicOf>
std::vector<std::vector<const Item*>> by_topic(const std::vector<Item>& items, TopicOf topic_of) {
  std::vector<std::vector<const Item*>> groups;
  std::map<std::string_view, std::size_t> index;
  for (const Item& item : items) {
    const auto [at, is_new] = index.try_emplace(topic_of(item), groups.size());
    if (is_new) groups.emplace_back();
    groups[at->second].push_back(&item);
  }
  return groups;
}

void write_topics(Request& request, const std::vector<FetchAsk>& asks, std::int16_t version, protocol::Arena& arena) {
  const auto groups = by_topic(asks, [](const FetchAsk& ask) { return std::string_view(ask.partition->key.topic); });
  auto topics = arena.make_list<Request::Topic>(groups.size());
  for (std::size_t t = 0; t < groups.size(); ++t) {
    topics[t].topic = protocol::string(groups[t][0]->partition->key.topic);
    topics[t].topic_id = groups[t][0]->topic_id;
    auto partitions = arena.make_list<Request::Partition>(groups[t].size());
    for (std::size_t p = 0; p < groups[t].size(); ++p) {
      const FetchAsk& ask = *groups[t][p];
      partitions[p].partition = ask.partition->key.partition;
      partitions[p].fetch_offset = ask.position;
      partitions[p].current_leader_epoch = ask.leader_epoch;
      // Not ignorable: older brokers refuse to have it set.
      if (version >= first_version_with_last_epoch) partitions[p].last_fetched_epoch = ask.last_epoch;
      partitions[p].partition_max_bytes = ask.bytes_max;
    }
    topics[t].partitions = partitions;
  }
  request.topics = topics;
}

struct Gone {
  const TopicPartition* key;
  protocol::Uuid topic_id;
};

void write_forgotten(Request& request, const std::vector<Gone>& gone, protocol::Arena& arena) {
  const auto groups = by_topic(gone, [](const Gone& g) { return std::string_view(g.key->topic); });
  auto topics = arena.make_list<Request::Forgotten>(groups.size());
  for (std::size_t t = 0; t < groups.size(); ++t) {
    topics[t].topic = arena.copy(protocol::string(groups[t][0]->key->topic));
    topics[t].topic_id = groups[t][0]->topic_id;
    auto partitions = arena.make_list<protocol::int32>(groups[t].size());
    for (std::size_t p = 0; p < groups[t].size(); ++p) partitions[p] = groups[t][p]->key->partition;
    topics[t].partitions = partitions;
  }
  request.forgotten_topics_data = topics;
}

}  // namespace

void FetchSession::write(Request& request, const std::vector<FetchAsk>& wanted, std::int16_t version,
                         protocol::Arena& arena) {
  // Names and ids do not mix within a session.
  if ((version >= 13) != (version_ >= 13)) reset();
  version_ = version;
  pending_.clear();
  if (version < 7) {
    write_topics(request, wanted, version, arena);
    return;
  }
  for (const FetchAsk& ask : wanted) pending_[ask.partition->key] = ask;
  request.session_id = id_;
  request.session_epoch = epoch_;
  if (id_ == 0) {
    write_topics(request, wanted, version, arena);
    return;
  }
  std::vector<FetchAsk> changed;
  for (const FetchAsk& ask : wanted) {
    const auto known = known_.find(ask.partition->key);
    if (known == known_.end() || !known->second.same(ask)) changed.push_back(ask);
  }
  std::vector<Gone> gone;
  for (const auto& [key, ask] : known_) {
    const auto still = pending_.find(key);
    // By name the old and the new topic are the same to the broker, and forgetting comes after adding there.
    const bool other_topic = still != pending_.end() && version >= 13 && still->second.topic_id != ask.topic_id;
    if (still == pending_.end() || other_topic) gone.push_back({&key, ask.topic_id});
  }
  write_topics(request, changed, version, arena);
  write_forgotten(request, gone, arena);
}

void FetchSession::confirmed(std::int32_t session_id) {
  if (session_id == 0) {
    reset();
    return;
  }
  id_ = session_id;
  epoch_ = epoch_ == std::numeric_limits<std::int32_t>::max() ? 1 : epoch_ + 1;
  known_ = std::move(pending_);
  pending_.clear();
}

void FetchSession::reset() {
  id_ = 0;
  epoch_ = 0;
  known_.clear();
  pending_.clear();
}

}  // namespace barnabas::client
