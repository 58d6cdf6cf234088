// A share session with one leader (KIP-932): it remembers which partitions this member wants, requests name what
// changed, and every request of the session has the next epoch.
#pragma once

#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "barnabas/group/share/acquisition.hpp"
#include "barnabas/protocol/arena.hpp"
#include "barnabas/protocol/messages/share_acknowledge.hpp"
#include "barnabas/protocol/messages/share_fetch.hpp"

namespace barnabas::group {

/// Topic id and partition.
using SharePartitionKey = std::pair<protocol::Uuid, std::int32_t>;

/// What is said about one partition.
struct ShareSaying {
  SharePartitionKey key;
  std::vector<Acknowledgements::Range> ranges;
};

/// The client's half. Loop thread only. Lists go into the arena of the call.
class ShareSession {
 public:
  /// Nothing can be acknowledged before a session is open.
  bool open() const { return epoch_ > 0; }
  /// Fills epoch, topics and forgotten topics. `wanted` are all partitions that are to be asked for.
  void write(protocol::ShareFetchRequest& request, const std::set<SharePartitionKey>& wanted,
             const std::vector<ShareSaying>& said, protocol::Arena& arena);
  /// Fills epoch and topics; the epoch that ends the session when `closing`.
  void write(protocol::ShareAcknowledgeRequest& request, const std::vector<ShareSaying>& said, bool closing,
             protocol::Arena& arena) const;
  /// The answer to the last request came without an error of the session.
  void confirmed();
  /// Start over with a request that opens a session.
  void reset();

 private:
  std::int32_t epoch_ = 0;
  std::set<SharePartitionKey> known_, asked_;
};

}  // namespace barnabas::group
