// Being a member of a group, whatever the protocol that keeps the group together.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "barnabas/client/runtime/clock.hpp"
#include "barnabas/client/topic_partition.hpp"
#include "barnabas/group/verdict.hpp"

namespace barnabas::group {

/// Who speaks to the coordinator. Written by the membership, read by whoever sends requests for it.
struct MemberIdentity {
  std::string group_id;
  std::string member_id;
  std::string group_instance_id;
  std::int32_t generation = -1;
  /// The generation is a member epoch of the consumer protocol (KIP-848), which offset requests are held against.
  bool has_epoch = false;
  auto operator<=>(const MemberIdentity&) const = default;
};

/// What the membership asks of the consumer. Called on the loop.
class MembershipOwner {
 public:
  virtual ~MembershipOwner() = default;
  /// These partitions are this member's from now on, beside those that it has.
  virtual void assigned(std::vector<client::TopicPartition> partitions) = 0;
  /// Returns when these partitions are given up: nothing handed out, nothing under way or `drain_deadline` passed, what
  /// was finished is committed or `commit_deadline` passed. Shorter when the membership is lost meanwhile. The others
  /// go on.
  virtual asio::awaitable<void> revoke(std::vector<client::TopicPartition> partitions,
                                       runtime::TimePoint drain_deadline, runtime::TimePoint commit_deadline) = 0;
  /// The partitions may be somebody else's already: nothing can be committed any more.
  virtual void lost(const std::string& why) = 0;
};

/// Loop thread only.
class Membership {
 public:
  virtual ~Membership() = default;
  /// Joins, follows every rebalance, and joins again, until halt() or the consumer stops. Throws Error when waiting
  /// cannot help.
  virtual asio::awaitable<void> run() = 0;
  /// Wants other topics from now on.
  virtual void choose(std::vector<std::string> topics) = 0;
  /// Wants a rebalance; the reason is sent to the coordinator, who logs it.
  virtual void rejoin(const std::string& reason) = 0;
  /// A commit of the present generation was refused.
  virtual void commit_refused(Verdict verdict, const Error& error) = 0;
  /// No new rebalance is begun from here on; heartbeats go on.
  virtual void halt() = 0;
  /// Says goodbye, so that the others need not wait for the session timeout. Static members stay: they come back.
  virtual asio::awaitable<void> leave(runtime::TimePoint deadline) = 0;
  /// False after the coordinator declared the membership over and before the next join.
  virtual bool valid() const = 0;
};

}  // namespace barnabas::group
