// The front door: subscribe, receive turns, acknowledge; or take single partitions by hand without a group.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "barnabas/client/client.hpp"
#include "barnabas/client/fetch/fetcher.hpp"
#include "barnabas/group/assignment_listener.hpp"
#include "barnabas/group/lane.hpp"
#include "barnabas/group/options.hpp"

namespace barnabas::group {

struct ConsumerStatistics;
class ShareConsumer;

/// One member; with group.type = share, one of a share group (see ShareConsumer for what differs). Loop thread only.
/// The client outlives it; close() is awaited before it is destroyed, unless the loop has ended.
class Consumer {
 public:
  /// Throws Error(config) for options that cannot work.
  Consumer(client::Client& client, ConsumerOptions options);
  ~Consumer();

  /// Joins the group and follows its assignments until close(). Retries for ever what waiting can cure, as events.
  /// Needs group_id; once. `topics` are names, ^patterns and !exclusions (see Subscription). Topics that do not exist
  /// yet are waited for; topics that come to match a pattern later, and partitions that are added, are read from their
  /// start. Throws Error(config), also for what Subscription refuses.
  void subscribe(std::vector<std::string> topics);
  /// Reads all partitions of these topics without membership, those that are added later as well (from their start).
  /// With a group_id, commits go to that group, which must have no members. Once; not together with subscribe().
  void follow(std::vector<std::string> topics, client::StartPosition start);
  /// Takes a partition by hand, without membership. With a group_id, commits go to that group, which must have no
  /// members; with offset.store.path to that file, and what it has goes before `start`, as in follow(). Not together
  /// with subscribe().
  void assign(const client::TopicPartition& partition, client::StartPosition start,
              client::EndPosition end = client::EndPosition::never());
  /// Gives it back as a rebalance would, soon. Does nothing for a partition that was not assigned.
  void unassign(const client::TopicPartition& partition);

  /// Who gets the lanes; before the first assignment. Without one, next() serves all lanes in turn.
  void listen(AssignmentListener* listener);
  /// The next turn of any partition, fair among those that have one; false after close(), when stopped for good
  /// (error()), and when all partitions that were taken by hand are read to their ends. The turn before is ended. Only
  /// without a listener; one caller.
  asio::awaitable<bool> next(Turn& turn);

  /// Commits the lowest unfinished offset of each partition now and waits for the answer. Throws Error.
  asio::awaitable<void> commit();
  /// Stop handing out, drain, commit, leave. Always returns by `deadline`: 60 % of the time is for draining, 20 % for
  /// the commit, 15 % for the goodbye, each left early when done.
  asio::awaitable<void> close(runtime::TimePoint deadline);

  /// None in a share group: see share().
  const std::vector<std::shared_ptr<Lane>>& lanes() const;
  /// The member of a share group that does the work when group.type is share; else null.
  ShareConsumer* share();
  client::Fetcher& fetcher();
  /// What cannot be cured by waiting: fenced instance, no authorisation for the group. Null while all is well.
  const Error* error() const;
  /// Waits until error() is set or close() was called.
  asio::awaitable<void> stopped();
  /// -1 outside of a generation.
  std::int32_t generation() const;
  const std::string& member_id() const;
  /// Figures of this moment: membership, partitions, lag.
  ConsumerStatistics statistics() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace barnabas::group
