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
  std::string_view last;
  std::size_t group = 0;
  for (const Item& item : items) {
    const std::string_view topic = topic_of(item);
    if (groups.empty() || topic != last) {
      const auto [at, is_new] = index.try_emplace(topic, groups.size());
      if (is_new) groups.emplace_back();
      group = at->second;
      last = topic;
    }
    groups[group].push_back(&item);
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
  changes_.clear();
  gone_.clear();
  if (version < 7) {
    write_topics(request, wanted, version, arena);
    return;
  }
  request.session_id = id_;
  request.session_epoch = epoch_;
  ++requests_;
  std::vector<FetchAsk> changed;
  std::vector<Gone> gone;
  for (const FetchAsk& ask : wanted) {
    const std::size_t at = entry_of(*ask.partition);
    Entry& entry = entries_[at];
    entry.wanted_by = requests_;
    if (entry.is_known && entry.known.same(ask)) continue;
    changed.push_back(ask);
    changes_.push_back({at, ask});
    // By name the old and the new topic are the same to the broker, and forgetting comes after adding there.
    const bool other_topic = entry.is_known && version >= 13 && entry.known.topic_id != ask.topic_id;
    if (other_topic) gone.push_back({&ask.partition->key, entry.known.topic_id});
  }
  for (std::size_t at = 0; at < entries_.size(); ++at) {
    const Entry& entry = entries_[at];
    if (entry.wanted_by == requests_) continue;
    gone_.push_back(at);
    if (entry.is_known) gone.push_back({&entry.key, entry.known.topic_id});
  }
  write_topics(request, changed, version, arena);
  write_forgotten(request, gone, arena);
}

/// Partitions remember where their entry is; the index is for those that have just come, or whose entry has moved.
std::size_t FetchSession::entry_of(const FetchPartition& partition) {
  const std::size_t guess = partition.session_entry;
  if (guess < entries_.size() && entries_[guess].key == partition.key) return guess;
  const auto [at, is_new] = index_.try_emplace(partition.key, entries_.size());
  if (is_new) entries_.emplace_back(partition.key);
  return partition.session_entry = at->second;
}

void FetchSession::forget(std::size_t entry) {
  index_.erase(entries_[entry].key);
  if (entry + 1 < entries_.size()) {
    entries_[entry] = std::move(entries_.back());
    index_[entries_[entry].key] = entry;
  }
  entries_.pop_back();
}

void FetchSession::confirmed(std::int32_t session_id) {
  if (session_id == 0) {
    reset();
    return;
  }
  id_ = session_id;
  epoch_ = epoch_ == std::numeric_limits<std::int32_t>::max() ? 1 : epoch_ + 1;
  for (const Change& change : changes_) {
    entries_[change.entry].known = change.ask;
    entries_[change.entry].is_known = true;
  }
  // From behind: whoever fills a gap comes from behind it, and stays.
  while (!gone_.empty()) {
    forget(gone_.back());
    gone_.pop_back();
  }
  changes_.clear();
}

void FetchSession::reset() {
  id_ = 0;
  epoch_ = 0;
  entries_.clear();
  index_.clear();
  changes_.clear();
  gone_.clear();
}

}  // namespace barnabas::client
