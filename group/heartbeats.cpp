#include <fmt/core.h>

#include "barnabas/group/classic.hpp"

namespace barnabas::group {

using client::EventKind;
using client::Severity;
using protocol::ErrorCode;
using protocol::HeartbeatRequest;

asio::awaitable<void> Classic::heartbeat_loop() {
  while (!life_->stopping) {
    if (!heartbeating_) {
      co_await life_->news.wait();
    } else if (client_.now() < next_heartbeat_) {
      co_await life_->news.wait_until(next_heartbeat_);
    } else {
      co_await heartbeat();
    }
  }
}

asio::awaitable<void> Classic::heartbeat() {
  const auto interval = heartbeat_interval();
  const MemberIdentity sent_as = member_;
  const runtime::TimePoint sent_at = client_.now();
  next_heartbeat_ = sent_at + interval;
  std::int32_t node_id = -1;
  std::string peer;
  ErrorCode code = ErrorCode::none;
  std::unique_ptr<Error> failure;
  try {
    node_id = co_await coordinator_.find(client_.now() + interval);
    const Ask what =
        ask_for("send a heartbeat to", node_id, client::ConnectionClass::control, options_.session_timeout_ms / 3);
    Build<HeartbeatRequest> build = [sent_as](std::int16_t, protocol::Arena&) {
      HeartbeatRequest request;
      request.group_id = protocol::string(sent_as.group_id);
      request.generation_id = sent_as.generation;
      request.member_id = protocol::string(sent_as.member_id);
      if (!sent_as.group_instance_id.empty()) request.group_instance_id = protocol::string(sent_as.group_instance_id);
      return request;
    };
    const auto answer = co_await ask<HeartbeatRequest>(what, std::move(build));
    code = static_cast<ErrorCode>(*answer->value.error_code);
    peer = answer->peer;
  } catch (const Error& error) {
    failure = std::make_unique<Error>(error);
  }
  // News of an older generation is none.
  if (life_->stopping || !heartbeating_ || sent_as != member_) co_return;
  if (failure) {
    unreachable_at(node_id, *failure);
    heartbeat_failed(*failure);
    co_return;
  }
  const Verdict verdict = judge(code);
  if (verdict == Verdict::ok || verdict == Verdict::rejoin) {
    heartbeat_backoff_.reset();
    last_heartbeat_ = client_.now();
    answered_at_ = sent_at;
    if (verdict == Verdict::ok) counted_in_at_ = sent_at;
    // Between Join and Sync older coordinators say so of the rebalance that is being completed.
    if (verdict == Verdict::rejoin && !joining_) rejoin("the group rebalances");
    co_return;
  }
  const Error error = broker_error(code, "send a heartbeat to group " + member_.group_id, peer);
  if (verdict == Verdict::new_member || verdict == Verdict::new_generation) {
    lose(verdict, error.what());
  } else if (verdict == Verdict::fatal) {
    lose(verdict, error.what());
    throw error;
  } else {
    if (verdict == Verdict::find_coordinator) coordinator_.forget(node_id, error.cause());
    heartbeat_failed(error);
  }
}

/// A rebalance timeout that is shorter asks for more of them: held_until() counts from their answers.
runtime::Duration Classic::heartbeat_interval() const {
  return std::chrono::milliseconds(std::min(options_.heartbeat_interval_ms, options_.rebalance_timeout_ms / 3));
}

/// Until then nobody else can have this member's partitions: the coordinator waits the session timeout for a heartbeat
/// (one that it answers with REBALANCE_IN_PROGRESS counts), and the rebalance timeout for members to come back to a
/// rebalance, which may have begun right after the last answer that knew of none.
runtime::TimePoint Classic::held_until() const {
  return std::min(answered_at_ + std::chrono::milliseconds(options_.session_timeout_ms),
                  counted_in_at_ + std::chrono::milliseconds(options_.rebalance_timeout_ms));
}

void Classic::heartbeat_failed(const Error& error) {
  const auto silent = client_.now() - last_heartbeat_;
  report(EventKind::heartbeat_failed, Severity::warning,
         fmt::format("{}; no heartbeat came through for {} ms", error.what(),
                     std::chrono::duration_cast<std::chrono::milliseconds>(silent).count()),
         error.code());
  next_heartbeat_ = std::min(next_heartbeat_, client_.now() + heartbeat_backoff_.next(client_.runtime().random()));
}

}  // namespace barnabas::group
