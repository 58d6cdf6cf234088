// Being a member of a share group (KIP-932): ShareGroupHeartbeat, and nothing else.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "barnabas/client/client.hpp"
#include "barnabas/client/cluster/backoff.hpp"
#include "barnabas/group/ask.hpp"
#include "barnabas/group/coordinator.hpp"
#include "barnabas/group/membership.hpp"
#include "barnabas/group/options.hpp"
#include "barnabas/group/share/session.hpp"
#include "barnabas/protocol/messages/share_group_heartbeat.hpp"

namespace barnabas::group {

/// Loop thread only. The member makes its own id and keeps it; partitions are shared, so nothing has to be given up
/// before anybody else may have it, and a membership that is lost takes no acquisition with it.
class ShareMembership {
 public:
  struct Owner {
    virtual ~Owner() = default;
    /// These are this member's partitions from now on.
    virtual void assigned(std::vector<SharePartitionKey> partitions) = 0;
    /// Until the next assigned(): nothing may be acquired.
    virtual void lost() = 0;
  };

  ShareMembership(client::Client& client, std::shared_ptr<Life> life, Coordinator& coordinator, MemberIdentity& member,
                  Owner& owner, std::string rack);

  /// Joins, beats, and joins again, until leave() or the consumer stops. Throws Error when waiting cannot help.
  asio::awaitable<void> run();
  /// Wants these topics from now on.
  void choose(std::vector<std::string> topics);
  /// Says goodbye; no heartbeat follows.
  asio::awaitable<void> leave(runtime::TimePoint deadline);
  bool joined() const { return member_.generation > 0; }

 private:
  using Response = protocol::ShareGroupHeartbeatResponse;
  asio::awaitable<void> beat();
  asio::awaitable<std::unique_ptr<Answer<Response>>> send(std::int32_t epoch, Ask what);
  void take(const Response& response);
  void refused(protocol::ErrorCode code, const std::string& message, const std::string& peer, std::int32_t node_id);
  void failed(const Error& error);
  void lose(const std::string& why);
  void report(client::EventKind kind, client::Severity severity, std::string text,
              protocol::ErrorCode code = protocol::ErrorCode::none);
  Ask ask_for(std::string attempted, std::int32_t node_id, std::int64_t timeout_ms) const;

  client::Client& client_;
  std::shared_ptr<Life> life_;
  Coordinator& coordinator_;
  MemberIdentity& member_;
  Owner& owner_;
  std::string rack_;
  std::vector<std::string> topics_;
  bool tell_all_ = true;  ///< the coordinator may not know topics and rack
  bool leaving_ = false;
  bool beating_ = false;
  std::int32_t interval_ms_ = 5'000;
  runtime::TimePoint next_beat_{};
  runtime::TimePoint last_answer_{};
  client::Backoff backoff_;
};

}  // namespace barnabas::group
