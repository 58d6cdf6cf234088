#include "barnabas/group/share/session.hpp"

#include <algorithm>
#include <limits>
#include <map>

namespace barnabas::group {
namespace {

constexpr std::int32_t closing_epoch = -1;

/// Partitions by topic, each with what is said about it or null.
using ByTopic = std::map<protocol::Uuid, std::map<std::int32_t, const ShareSaying*>>;

template <class Request>
protocol::list<typename Request::Topic> topics_of(const ByTopic& all, protocol::Arena& arena) {
  auto topics = arena.make_list<typename Request::Topic>(all.size());
  std::size_t t = 0;
  for (const auto& [id, mine] : all) {
    auto partitions = arena.make_list<typename Request::Partition>(mine.size());
    std::size_t p = 0;
    for (const auto& [index, saying] : mine) {
      typename Request::Partition& partition = partitions[p++];
      partition.partition_index = index;
      if (!saying) continue;
      auto batches = arena.make_list<typename Request::AcknowledgementBatch>(saying->ranges.size());
      for (std::size_t b = 0; b < saying->ranges.size(); ++b) {
        const Acknowledgements::Range& range = saying->ranges[b];
        auto types = arena.make_list<protocol::int8>(1);
        types[0] = static_cast<std::int8_t>(range.type);
        batches[b].first_offset = range.first;
        batches[b].last_offset = range.next - 1;
        batches[b].acknowledge_types = types;
      }
      partition.acknowledgement_batches = batches;
    }
    topics[t].topic_id = id;
    topics[t++].partitions = partitions;
  }
  return topics;
}

}  // namespace

void ShareSession::write(protocol::ShareFetchRequest& request, const std::set<SharePartitionKey>& wanted,
                         const std::vector<ShareSaying>& said, protocol::Arena& arena) {
  ByTopic named;
  for (const SharePartitionKey& key : wanted) {
    if (!known_.contains(key)) named[key.first][key.second] = nullptr;
  }
  std::set<SharePartitionKey> unwanted;
  std::ranges::set_difference(known_, wanted, std::inserter(unwanted, unwanted.end()));
  for (const ShareSaying& saying : said) {
    named[saying.key.first][saying.key.second] = &saying;
    // Whatever is named is taken into the session.
    if (!wanted.contains(saying.key)) unwanted.insert(saying.key);
  }
  request.share_session_epoch = epoch_;
  request.topics = topics_of<protocol::ShareFetchRequest>(named, arena);
  std::map<protocol::Uuid, std::vector<std::int32_t>> leaving;
  for (const auto& [id, partition] : unwanted) leaving[id].push_back(partition);
  auto forgotten = arena.make_list<protocol::ShareFetchRequest::Forgotten>(leaving.size());
  std::size_t i = 0;
  for (const auto& [id, indexes] : leaving) {
    auto partitions = arena.make_list<protocol::int32>(indexes.size());
    std::ranges::copy(indexes, partitions.begin());
    forgotten[i].topic_id = id;
    forgotten[i++].partitions = partitions;
  }
  request.forgotten_topics_data = forgotten;
  asked_ = wanted;
}

void ShareSession::write(protocol::ShareAcknowledgeRequest& request, const std::vector<ShareSaying>& said, bool closing,
                         protocol::Arena& arena) const {
  ByTopic named;
  for (const ShareSaying& saying : said) named[saying.key.first][saying.key.second] = &saying;
  request.share_session_epoch = closing ? closing_epoch : epoch_;
  request.topics = topics_of<protocol::ShareAcknowledgeRequest>(named, arena);
}

void ShareSession::confirmed() {
  epoch_ = epoch_ == std::numeric_limits<std::int32_t>::max() ? 1 : epoch_ + 1;
  known_ = asked_;
}

void ShareSession::reset() {
  epoch_ = 0;
  known_.clear();
  asked_.clear();
}

}  // namespace barnabas::group
