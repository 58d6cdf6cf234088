// A fetch session with one broker (KIP-227): the broker remembers the partitions, requests name only what changed.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "barnabas/client/fetch/partition.hpp"
#include "barnabas/protocol/arena.hpp"
#include "barnabas/protocol/messages/fetch.hpp"

namespace barnabas::client {

/// What a request says about one partition.
struct FetchAsk {
  const FetchPartition* partition = nullptr;
  std::uint64_t epoch = 0;  ///< fetch epoch, unlike the pointer never used again
  protocol::Uuid topic_id{};
  std::int64_t position = -1;
  std::int32_t leader_epoch = -1;
  std::int32_t last_epoch = -1;
  std::int32_t bytes_max = 0;
  bool same(const FetchAsk& other) const {
    return topic_id == other.topic_id && position == other.position && leader_epoch == other.leader_epoch &&
           last_epoch == other.last_epoch && bytes_max == other.bytes_max;
  }
};

/// The client's half. Changes of a request count only once its response came without an error; until then, and after
/// any failure, the session starts over. Loop thread only.
class FetchSession {
 public:
  /// Fills session fields, topics and forgotten topics of `request` for `wanted` (the complete list, in the order in
  /// which it should be served). `version` < 7 has no sessions: everything is named each time.
  void write(protocol::FetchRequest& request, const std::vector<FetchAsk>& wanted, std::int16_t version,
             protocol::Arena& arena);
  /// The response to the last request came without a session error and gave this id (0: the broker keeps no session).
  void confirmed(std::int32_t session_id);
  /// Start over with a full request.
  void reset();
  bool established() const { return id_ != 0; }
  std::size_t partitions() const { return entries_.size(); }

 private:
  /// A partition that the broker knows, or was told of in the request under way.
  struct Entry {
    explicit Entry(const TopicPartition& partition) : key(partition) {}
    TopicPartition key;
    FetchAsk known;  ///< as the broker has it
    bool is_known = false;
    std::uint64_t wanted_by = 0;  ///< number of the last request that wanted it
  };
  struct Change {
    std::size_t entry;
    FetchAsk ask;
  };
  std::size_t entry_of(const FetchPartition& partition);
  void forget(std::size_t entry);

  std::int32_t id_ = 0;
  std::int32_t epoch_ = 0;
  std::vector<Entry> entries_;
  std::map<TopicPartition, std::size_t> index_;
  // What the request under way changes: nothing else is touched, however many partitions there are.
  std::vector<Change> changes_;
  std::vector<std::size_t> gone_;  ///< rising
  std::uint64_t requests_ = 0;
  std::int16_t version_ = -1;
};

}  // namespace barnabas::client
