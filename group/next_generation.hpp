// The consumer group protocol (KIP-848): one request, ConsumerGroupHeartbeat, and an assignment that the coordinator
// computes and each member comes to in its own time.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "barnabas/client/client.hpp"
#include "barnabas/client/cluster/backoff.hpp"
#include "barnabas/client/runtime/tasks.hpp"
#include "barnabas/group/ask.hpp"
#include "barnabas/group/classic.hpp"
#include "barnabas/group/coordinator.hpp"
#include "barnabas/group/membership.hpp"
#include "barnabas/group/options.hpp"
#include "barnabas/protocol/messages/consumer_group_heartbeat.hpp"

namespace barnabas::group {

/// Loop thread only. Heartbeats run beside everything else and wait for nothing but their own answers; only their
/// answers change the member epoch. MemberIdentity::generation is the member epoch, -1 outside of the group.
class NextGeneration final : public Membership {
 public:
  /// `pattern` is what the broker shall choose topics by, in its own terms; without one, and with brokers that take
  /// none (version 0), the topics of the context are subscribed to by name.
  NextGeneration(MembershipContext context, std::optional<std::string> pattern);

  asio::awaitable<void> run() override;
  void choose(std::vector<std::string> topics) override;
  void rejoin(const std::string& reason) override;
  void commit_refused(Verdict verdict, const Error& error) override;
  void halt() override;
  asio::awaitable<void> leave(runtime::TimePoint deadline) override;
  bool valid() const override { return valid_; }

  /// Why run() ended: the coordinator does not speak this protocol, or not for this group.
  bool refused_protocol() const { return refused_protocol_; }

 private:
  using Partition = std::pair<protocol::Uuid, std::int32_t>;
  using Partitions = std::set<Partition>;
  /// What a heartbeat may have to tell.
  struct Told {
    std::vector<std::string> topics;
    Partitions partitions;
  };
  /// A heartbeat on its way.
  struct Sent {
    MemberIdentity as;
    std::int32_t epoch = 0;
    bool all = false;  ///< whatever was told before
    Told told, known;
  };
  using Request = protocol::ConsumerGroupHeartbeatRequest;
  using Response = protocol::ConsumerGroupHeartbeatResponse;

  bool alive() const { return !life_->stopping && !halted_; }
  bool joined() const { return member_.generation > 0; }
  void report(client::EventKind kind, client::Severity severity, const std::string& text,
              protocol::ErrorCode code = protocol::ErrorCode::none);
  void changed();
  void stop_for(const Error& error);
  void lose(const std::string& why);
  void drop_lost();

  // next_generation.cpp: the way to the assignment.
  bool reconcile_due() const;
  asio::awaitable<void> reconcile();
  asio::awaitable<void> give_up(Partitions partitions);
  void take_new();
  const std::string* name_to_take(const Partition& partition) const;
  void ask_for_names();
  void check_idle();
  runtime::TimePoint held_until() const;

  // next_generation_heartbeats.cpp
  asio::awaitable<void> heartbeat_loop();
  bool may_send() const;
  asio::awaitable<void> heartbeat();
  std::shared_ptr<const Sent> what_to_send() const;
  static Request make(const Sent& sent, const GroupOptions& options, const std::string& rack,
                      const std::optional<std::string>& pattern, std::int16_t version, protocol::Arena& arena);
  Build<Request> builder(std::shared_ptr<const Sent> sent) const;
  void take_answer(const Sent& sent, const Answer<Response>& answer, std::int32_t node_id, runtime::TimePoint sent_at);
  void take_good_answer(const Sent& sent, const Response& answer, runtime::TimePoint sent_at);
  void take_refusal(const Sent& sent, const Error& error, std::int32_t node_id);
  void refused_instance(const Error& error);
  void heartbeat_failed(const Error& error);

  client::Client& client_;
  std::shared_ptr<Life> life_;
  runtime::TaskGroup& tasks_;
  Coordinator& coordinator_;
  MemberIdentity& member_;
  MembershipOwner& owner_;
  const GroupOptions& options_;
  std::string rack_;
  std::vector<std::string> topics_;
  std::optional<std::string> pattern_;

  bool halted_ = false;
  bool over_ = false;   // left, or stopped for good: no heartbeat any more, and answers come too late
  bool valid_ = false;  // a member, as far as anybody said
  bool lost_ = false;   // partitions are held without being valid
  bool known_ = false;  // the coordinator may have heard of this member
  bool ever_joined_ = false;
  bool refused_protocol_ = false;
  std::unique_ptr<Error> failure_;

  Partitions target_;                       // as the coordinator gave them last
  std::map<Partition, std::string> owned_;  // what the consumer has, with the topics' names then
  bool settled_ = true;                     // the consumer was told of what target_ is
  runtime::TimePoint names_wanted_at_{};
  bool missing_told_ = false, idle_told_ = false;
  runtime::TimePoint stable_since_{};

  Told told_;        // what the coordinator knows
  bool all_ = true;  // it may know something else
  bool begin_anew_ = false;
  std::int16_t version_ = -1;
  std::chrono::milliseconds interval_;
  runtime::TimePoint next_heartbeat_{};
  runtime::TimePoint answered_at_{};                      // sent then, and answered well
  runtime::TimePoint unanswered_since_ = runtime::never;  // the first one sent after that
  std::optional<runtime::TimePoint> unreleased_since_;
  client::Backoff heartbeat_backoff_;
};

}  // namespace barnabas::group
