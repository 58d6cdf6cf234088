// A member of a share group (KIP-932): records of a partition go to any member, one by one, and each is acknowledged,
// given back or rejected for itself.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "barnabas/client/client.hpp"
#include "barnabas/group/assignment_listener.hpp"
#include "barnabas/group/options.hpp"
#include "barnabas/group/share/lane.hpp"

namespace barnabas::group {

struct ConsumerStatistics;

/// As group::Consumer, with the same turns and ackers. What differs:
/// * A turn's records were acquired for a time (the broker's lock). Acker::done() accepts them, release() gives them
///   back, reject() puts them away for good; what is said too late is dropped and counted. Locks are renewed while a
///   handler works, where brokers can (Kafka 4.2).
/// * Turn::delivery_count() says how often the records were handed to anybody. They come in no order.
/// * There are no positions, no commits, no seeks; where a new group starts is the brokers' share.auto.offset.reset.
/// Loop thread only. The client outlives it; close() is awaited before it is destroyed, unless the loop has ended.
class ShareConsumer {
 public:
  /// Throws Error(config) for options that cannot work. Of ConsumerOptions, group.group_id, max_poll_records,
  /// share_acquire_mode, rebalance_drain_ms and the sizes and waits of fetch count.
  ShareConsumer(client::Client& client, ConsumerOptions options);
  ~ShareConsumer();

  /// Joins the group and follows its assignments until close(), once. Topics as in Consumer::subscribe().
  void subscribe(std::vector<std::string> topics);
  /// Who gets the lanes; before the first assignment. Without one, next() serves all lanes in turn.
  void listen(AssignmentListener* listener);
  /// The next turn of any partition; false after close() and when stopped for good (error()).
  asio::awaitable<bool> next(Turn& turn);
  /// Give back what was not handed out, let what is under way finish (for 60 % of the time), give back the rest, say so
  /// to the leaders, leave. Always returns by `deadline`.
  asio::awaitable<void> close(runtime::TimePoint deadline);

  /// Those that leave included, until the leaders know what became of their records.
  const std::vector<std::shared_ptr<ShareLane>>& lanes() const;
  /// What cannot be cured by waiting. Null while all is well.
  const Error* error() const;
  asio::awaitable<void> stopped();
  /// The member epoch; 0 outside of the group.
  std::int32_t generation() const;
  const std::string& member_id() const;
  ConsumerStatistics statistics() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace barnabas::group
