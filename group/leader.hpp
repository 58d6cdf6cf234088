// What only the leader of a classic group does: know the topics of all members, divide their partitions, and notice
// when that division no longer fits the cluster.
#pragma once

#include <asio/awaitable.hpp>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "barnabas/client/client.hpp"
#include "barnabas/group/assignors/assignor.hpp"
#include "barnabas/group/life.hpp"

namespace barnabas::group {

/// Loop thread only.
class Leader {
 public:
  Leader(client::Client& client, std::shared_ptr<Life> life) : client_(client), life_(std::move(life)) {}
  ~Leader() { resign(); }

  /// Keeps the topics of these members in metadata and waits until all of them are known, or `deadline`.
  asio::awaitable<void> learn_topics(const std::vector<MemberSubscription>& members, runtime::TimePoint deadline);
  /// Divides the partitions that exist now, on a worker, and remembers them for why_again(). Throws Error when the
  /// assignor does.
  asio::awaitable<Assignments> divide(const Assignor& assignor, std::vector<MemberSubscription> members);
  /// The old assignment stands (KIP-814); from now on changes are noticed all the same.
  void keep_assignment() {
    snapshot_ = look();
    looked_at_ = 0;
    gone_since_.clear();
  }
  /// Somebody else leads.
  void resign();

  /// Why the group should divide anew: partitions were added, a topic came, went or was made anew. Topics that are gone
  /// must be so for a while, since a broker may be behind the others.
  std::optional<std::string> why_again();
  bool leading() const { return snapshot_.has_value(); }

 private:
  struct Seen {
    protocol::Uuid id;
    std::size_t partitions = 0;
    bool operator==(const Seen&) const = default;
  };
  using Snapshot = std::map<std::string, Seen>;
  Snapshot look() const;
  TopicShapes shapes(const Assignor& assignor, const std::vector<MemberSubscription>& members);
  bool asked_before(const std::vector<MemberSubscription>& members);
  void watch(std::set<std::string> topics);

  client::Client& client_;
  std::shared_ptr<Life> life_;
  std::set<std::string> watched_;
  std::optional<Snapshot> snapshot_;
  std::uint64_t looked_at_ = 0;  // generation of the metadata
  std::map<std::string, runtime::TimePoint> gone_since_;
  std::map<std::string, std::vector<std::string>> members_before_;
  Snapshot topics_before_;
  int divisions_ = 0;  // of the same topics among the same members, one after the other
};

}  // namespace barnabas::group
