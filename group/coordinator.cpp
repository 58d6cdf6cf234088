#include "barnabas/group/coordinator.hpp"

#include <fmt/core.h>

#include <utility>

#include "barnabas/client/cluster/backoff.hpp"
#include "barnabas/client/cluster/find_coordinator.hpp"
#include "barnabas/group/verdict.hpp"

namespace barnabas::group {

using client::Event;
using client::EventKind;
using client::Severity;
using protocol::ErrorCode;
using protocol::FindCoordinatorRequest;

asio::awaitable<std::int32_t> Coordinator::find(runtime::TimePoint deadline, bool when_stopping) {
  bool in_time = true;
  while (node_id_ < 0) {
    if (life_->stopping && !when_stopping) {
      throw Error(Error::Stage::closed, "find the coordinator of group " + group_id_, "", "the consumer is closing");
    }
    if (!looking_ && last_failure_ && hopeless(*last_failure_)) throw *std::exchange(last_failure_, nullptr);
    if (!in_time) {
      const std::string cause = last_failure_ ? last_failure_->what() : "no answer in time";
      Error late(Error::Stage::timeout, "find the coordinator of group " + group_id_, "", cause);
      throw late.retriable(true);
    }
    if (!looking_) {
      looking_ = true;
      tasks_.spawn("find the coordinator", look_up());
    }
    in_time = co_await life_->news.wait_until(deadline);
  }
  co_return node_id_;
}

void Coordinator::forget(std::int32_t node_id, const std::string& why) {
  if (node_id_ < 0 || node_id_ != node_id) return;
  Event event(EventKind::coordinator_lost, Severity::warning,
              fmt::format("group {}: {} is no longer taken for the coordinator: {}", group_id_,
                          client_.describe(node_id), why));
  event.node_id = node_id;
  node_id_ = -1;
  client_.events().on_event(event);
}

asio::awaitable<void> Coordinator::look_up() {
  client::Backoff backoff(client_.options().retry_backoff_ms, client_.options().retry_backoff_max_ms);
  while (node_id_ < 0) {
    std::unique_ptr<Error> failure;
    try {
      co_await look_up_once();
    } catch (const Error& error) {
      failure = std::make_unique<Error>(error);
    }
    if (life_->stopping || !failure) break;
    Event event(EventKind::coordinator_lost, hopeless(*failure) ? Severity::error : Severity::warning, failure->what());
    event.code = failure->code();
    client_.events().on_event(event);
    last_failure_ = std::move(failure);
    if (hopeless(*last_failure_)) break;
    const auto until = client_.now() + backoff.next(client_.runtime().random());
    co_await sleep_until(life_, until);
    if (life_->stopping) break;
  }
  looking_ = false;
  life_->news.notify_all();
}

asio::awaitable<void> Coordinator::look_up_once() {
  Ask what(client_, life_, "find the coordinator of group " + group_id_);
  what.deadline = client_.deadline_in_ms(client_.options().request_timeout_ms);
  Build<FindCoordinatorRequest> build = [group = group_id_](std::int16_t version, protocol::Arena& arena) {
    return client::make_find_coordinator(FindCoordinatorRequest::group, group, version, arena);
  };
  const auto answer = co_await ask<FindCoordinatorRequest>(what, std::move(build));
  const client::FoundCoordinator found =
      client::read_find_coordinator(answer->value, answer->version, what.attempted, answer->peer);
  client_.metadata().apply_node_endpoint(found.node_id, found.endpoint);
  node_id_ = found.node_id;
  last_failure_.reset();
  Event event(
      EventKind::coordinator_found, Severity::info,
      fmt::format("group {}: the coordinator is broker {} at {}", group_id_, found.node_id, found.endpoint.text()));
  event.node_id = found.node_id;
  client_.events().on_event(event);
}

}  // namespace barnabas::group
