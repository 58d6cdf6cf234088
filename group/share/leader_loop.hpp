// The talk with one leader of a share group's partitions: acquire, acknowledge, renew, one request at a time, since a
// session's requests are numbered. Only the share consumer uses it.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "barnabas/client/client.hpp"
#include "barnabas/client/cluster/backoff.hpp"
#include "barnabas/client/cluster/connection.hpp"
#include "barnabas/group/life.hpp"
#include "barnabas/group/membership.hpp"
#include "barnabas/group/options.hpp"
#include "barnabas/group/share/lane.hpp"
#include "barnabas/group/share/session.hpp"

namespace barnabas::group {

/// What the loops of one share consumer have in common.
struct ShareContext {
  ShareContext(client::Client& c, ConsumerOptions o) : client(c), options(std::move(o)) {}
  virtual ~ShareContext() = default;
  /// Waiting does not help.
  virtual void fail(const Error& why) = 0;
  /// Leaders may have changed.
  virtual void retarget() = 0;

  client::Client& client;
  ConsumerOptions options;
  MemberIdentity member;
  std::vector<std::shared_ptr<ShareLane>> lanes;  ///< those that leave included, until all is said about them
  bool is_member = false;                         ///< nothing is acquired otherwise
  bool ending = false;                            ///< say what there is to say, close the session
};

/// Loop thread only.
class ShareLeaderLoop {
 public:
  ShareLeaderLoop(ShareContext& context, std::int32_t node_id);
  /// Ends when context.ending is set and the session is closed, or after abort().
  asio::awaitable<void> run();
  void wake() { wakeup_.set(); }
  /// Ends a request under way.
  void abort();
  std::int32_t node_id() const { return node_id_; }

 private:
  using Lanes = std::vector<std::shared_ptr<ShareLane>>;
  struct Sent {
    std::shared_ptr<ShareLane> lane;
    std::vector<Acknowledgements::Range> ranges;
  };
  enum class Kind : std::uint8_t { nothing, fetch, acknowledge, renew, close };

  Lanes lanes_here() const;
  Kind what_to_do(runtime::TimePoint now, runtime::TimePoint& next_try) const;
  bool can_renew() const;
  bool wants(const ShareLane& lane, runtime::TimePoint now) const;
  std::int32_t affordable_bytes() const;
  void take_over(std::shared_ptr<client::Connection> connection);
  void lose_session(const std::string& why, client::Severity severity);

  asio::awaitable<client::Reply> exchange(Kind kind);
  asio::awaitable<client::Reply> fetch(runtime::TimePoint deadline);
  asio::awaitable<client::Reply> acknowledge(Kind kind, runtime::TimePoint deadline);
  std::vector<ShareSaying> gather(Kind kind);

  void process_fetch(const client::Reply& reply);
  void process_acknowledge(const client::Reply& reply, Kind kind);
  bool refused(protocol::ErrorCode error, const std::string& said, const std::string& attempted,
               std::int32_t throttle_ms);
  void failed(const Error& error);
  void take_partition(const SharePartitionKey& key, const protocol::ShareFetchResponse::Partition& fetched,
                      std::int32_t lock_timeout_ms, const client::BlockRef& block);
  void take_records(ShareLane& lane, const protocol::ShareFetchResponse::Partition& fetched,
                    std::int32_t lock_timeout_ms, const client::BlockRef& block);
  void settle(const SharePartitionKey& key, protocol::ErrorCode error, Kind kind, std::int32_t lock_timeout_ms);
  void take_error(ShareLane& lane, protocol::ErrorCode error, std::int32_t leader_id, std::int32_t leader_epoch);
  void settle_unanswered(Kind kind);
  void refused_words(Sent sent, protocol::ErrorCode error, Kind kind);
  void forget_sent();
  std::shared_ptr<ShareLane> find(const SharePartitionKey& key) const;
  client::Event event(client::EventKind kind, client::Severity severity, std::string text) const;
  client::Event event(client::EventKind kind, client::Severity severity, const ShareLane& lane, std::string text) const;

  ShareContext& context_;
  std::int32_t node_id_;
  runtime::Wakeup wakeup_;
  ShareSession session_;
  std::shared_ptr<client::Connection> connection_;
  client::Backoff backoff_;
  runtime::TimePoint not_before_{};
  std::vector<Sent> sent_;
  std::deque<Sent> alone_;  ///< of one lot each, to be said again without the others that a broker refused with it
  bool aborted_ = false;
};

}  // namespace barnabas::group
