// The classic group protocol: JoinGroup, SyncGroup, Heartbeat, LeaveGroup. Whether partitions are kept while the group
// divides anew is the word of the assignor that the group chose, generation by generation (KIP-429).
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "barnabas/client/client.hpp"
#include "barnabas/client/cluster/backoff.hpp"
#include "barnabas/client/runtime/tasks.hpp"
#include "barnabas/group/ask.hpp"
#include "barnabas/group/coordinator.hpp"
#include "barnabas/group/leader.hpp"
#include "barnabas/group/membership.hpp"
#include "barnabas/group/options.hpp"
#include "barnabas/protocol/messages/heartbeat.hpp"
#include "barnabas/protocol/messages/join_group.hpp"
#include "barnabas/protocol/messages/sync_group.hpp"

namespace barnabas::group {

/// What a membership works with; all of it belongs to the consumer and outlives the membership.
struct MembershipContext {
  client::Client& client;
  std::shared_ptr<Life> life;
  runtime::TaskGroup& tasks;
  Coordinator& coordinator;
  MemberIdentity& member;
  MembershipOwner& owner;
  const GroupOptions& options;
  std::string rack;
  std::vector<std::string> topics;
};

/// Loop thread only. Heartbeats run beside everything else and wait for nothing but their own answers.
class Classic final : public Membership {
 public:
  explicit Classic(MembershipContext context);

  asio::awaitable<void> run() override;
  void choose(std::vector<std::string> topics) override;
  void rejoin(const std::string& reason) override;
  void commit_refused(Verdict verdict, const Error& error) override;
  void halt() override;
  asio::awaitable<void> leave(runtime::TimePoint deadline) override;
  bool valid() const override { return valid_; }

 private:
  bool alive() const { return !life_->stopping && !halted_; }
  void report(client::EventKind kind, client::Severity severity, const std::string& text,
              protocol::ErrorCode code = protocol::ErrorCode::none);
  Ask ask_for(std::string attempted, std::int32_t node_id, client::ConnectionClass connection, std::int64_t timeout_ms);
  /// Draws the conclusions for membership and coordinator, then throws.
  [[noreturn]] void refused(protocol::ErrorCode code, const std::string& attempted, const std::string& peer,
                            std::int32_t node_id);
  void unreachable_at(std::int32_t node_id, const Error& error);
  void lose(Verdict verdict, const std::string& why);

  // classic.cpp: one rebalance after the other.
  asio::awaitable<void> join();
  asio::awaitable<void> join_and_sync();
  asio::awaitable<std::unique_ptr<Answer<protocol::JoinGroupResponse>>> send_join(std::int32_t node_id);
  asio::awaitable<void> sync(std::int32_t node_id, std::string protocol_name, Assignments assignments);
  asio::awaitable<Assignments> divide(const protocol::JoinGroupResponse& joined, const std::string& protocol_name);
  asio::awaitable<void> until_rejoin();
  asio::awaitable<void> take_assignment();
  asio::awaitable<void> give_up_partitions();
  asio::awaitable<void> give_up(std::vector<client::TopicPartition> partitions);
  void drop_lost();
  asio::awaitable<void> guard_loop();
  void check_idle();

  // heartbeats.cpp
  asio::awaitable<void> heartbeat_loop();
  asio::awaitable<void> heartbeat();
  void heartbeat_failed(const Error& error);
  runtime::Duration heartbeat_interval() const;
  runtime::TimePoint held_until() const;

  client::Client& client_;
  std::shared_ptr<Life> life_;
  runtime::TaskGroup& tasks_;
  Coordinator& coordinator_;
  MemberIdentity& member_;
  MembershipOwner& owner_;
  const GroupOptions& options_;
  std::string rack_;
  std::vector<std::string> topics_;
  std::vector<std::string> joined_topics_;  // what the last JoinGroup said
  Leader leader_;

  bool halted_ = false;
  bool valid_ = false;  // a member of a generation, as far as anybody said
  bool lost_ = false;   // partitions are held without being valid
  bool rejoin_wanted_ = false;
  std::string reason_ = "the consumer has started";
  runtime::TimePoint rejoin_since_{};

  std::vector<client::TopicPartition> assignment_;  // as it was given last
  std::int32_t assignment_generation_ = -1;
  std::vector<client::TopicPartition> owned_;  // what the consumer has; sorted, as assignment_ is
  bool cooperative_ = false;                   // the assignor of the present generation is
  bool came_back_ = false;  // a static member under a new member id, in place of one that may be dead
  bool joining_ = false;
  bool assignment_kept_ = false;  // by KIP-814: this leader did not divide
  bool idle_told_ = false;
  runtime::TimePoint stable_since_{};

  bool heartbeating_ = false;
  runtime::TimePoint next_heartbeat_{};
  runtime::TimePoint last_heartbeat_{};
  runtime::TimePoint counted_in_at_{};  ///< sent then, and answered well: what counted this member in, no rebalance on
  runtime::TimePoint
      answered_at_{};  ///< sent then, and answered well or with word of a rebalance: the session began anew
  client::Backoff heartbeat_backoff_;
};

}  // namespace barnabas::group
