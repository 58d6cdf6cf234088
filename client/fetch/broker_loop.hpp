// The fetch loop of one broker: build, send, walk headers, hand shares to the lanes, and again. Only the fetcher uses
// it.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "barnabas/client/cluster/connection.hpp"
#include "barnabas/client/fetch/partition.hpp"
#include "barnabas/client/fetch/session.hpp"
#include "barnabas/client/runtime/wakeup.hpp"
#include "barnabas/protocol/fetch_reader.hpp"

namespace barnabas::client {

/// What the loops of one fetcher share.
struct FetchContext {
  FetchContext(Client& c, FetchOptions o) : client(c), options(std::move(o)) {}
  virtual ~FetchContext() = default;
  /// Finds a new offset for a partition whose position has no meaning any more.
  virtual void look_up_offset(FetchPartition& partition, StartPosition start) = 0;
  /// Asks the leader whether its log still holds what was read, before anything more is.
  virtual void check_position(FetchPartition& partition) = 0;
  /// The log ends below the position, at `end`: what was read behind it is gone.
  virtual void truncated(FetchPartition& partition, std::int64_t end, std::int32_t end_epoch, std::int32_t node_id) = 0;
  /// The position is outside of the log.
  virtual void out_of_range(FetchPartition& partition, std::int32_t node_id) = 0;
  /// Leaders may have changed: sends every partition to its loop.
  virtual void retarget() = 0;
  /// Partitions that are read from this follower go back to their leaders.
  virtual void leave_follower(std::int32_t node_id) = 0;
  virtual void stop_partition(FetchPartition& partition, const Error& error) = 0;
  /// Fetching goes on from another offset: everything under way is stale.
  virtual void move_to(FetchPartition& partition, std::int64_t offset, std::int32_t leader_epoch) = 0;

  Client& client;
  FetchOptions options;
  FetchPartitions partitions;
  std::int64_t reserved_bytes = 0;  ///< asked for and not yet received, over all brokers
  bool closing = false;
};

/// Fetches from one broker. Loop thread only.
class BrokerLoop {
 public:
  BrokerLoop(FetchContext& context, std::int32_t node_id);

  asio::awaitable<void> run();
  /// Something changed that may let it send.
  void wake() { wakeup_.set(); }
  std::int32_t node_id() const { return node_id_; }
  /// Ends a long poll under way.
  void abort();
  /// Its request should have been answered by now.
  bool overdue(runtime::TimePoint now) const { return now >= answer_due_; }

 private:
  struct Plan {
    std::vector<FetchAsk> asks;
    std::int32_t bytes_max = 0;
    bool has_ids = true;
    runtime::TimePoint next_try = runtime::never;  ///< when nothing can be asked for now
    /// Nothing is open yet, and a partition here has its position looked up: connecting need not wait for it.
    bool connects_ahead = false;
  };
  Plan plan();
  bool reads_here(FetchPartition& partition) const;
  bool reads_here(FetchPartition& partition, const PartitionInfo* info) const;
  std::int32_t affordable_bytes() const;
  void drop_removed(Plan& plan) const;
  void hold_unchecked(Plan& plan) const;
  asio::awaitable<Reply> fetch(Plan& plan, runtime::TimePoint deadline);
  void failed(const Error& error);
  void process(Reply reply);
  bool session_refused(protocol::ErrorCode error);
  void take_partition(protocol::FetchedPartition& fetched, const BlockRef& block);
  void take_records(FetchPartition& partition, protocol::FetchedPartition& fetched, const BlockRef& block);
  void take_cut_batch(FetchPartition& partition, std::size_t whole_bytes, std::size_t got_bytes);
  void take_error(FetchPartition& partition, const protocol::FetchedPartition& fetched);
  void back_off(FetchPartition& partition);
  FetchPartition* find(const protocol::FetchedPartition& fetched);
  Event event(EventKind kind, Severity severity, const FetchPartition& partition, std::string text) const;

  FetchContext& context_;
  std::int32_t node_id_;
  runtime::Wakeup wakeup_;
  FetchSession session_;
  std::shared_ptr<Connection> connection_;
  Backoff backoff_;
  runtime::TimePoint not_before_{};
  runtime::TimePoint answer_due_ = runtime::never;
  std::size_t rotation_ = 0;
  protocol::FetchedPartition scratch_;
  bool starved_ = false;  ///< the budget was said to be exhausted
};

}  // namespace barnabas::client
