// Between a consumer and the handlers: one coroutine for each lane takes turn after turn to the handler of its topic.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>

#include "barnabas/client/events.hpp"
#include "barnabas/client/runtime/runtime.hpp"
#include "barnabas/client/runtime/tasks.hpp"
#include "barnabas/client/runtime/wakeup.hpp"
#include "barnabas/group/consumer.hpp"
#include "barnabas/handlers/dispatch/metrics.hpp"
#include "barnabas/handlers/dispatch/router.hpp"

namespace barnabas::handlers {

struct EngineOptions {
  EngineOptions() = default;
  std::int32_t stall_ms =
      30'000;  ///< from 1: a handler that holds a turn for so long is told about; then at twice that, …
  std::optional<client::StartPosition> follow_from;  ///< read all partitions without a group, from here
};

/// Loop thread only. Consumer, handlers and events outlive it. Between start() and the end of close() it must not be
/// destroyed while the loop runs.
class Engine final : public group::AssignmentListener {
 public:
  Engine(runtime::Runtime& runtime, client::EventSink& events, group::Consumer& consumer, Router router,
         EngineOptions options = EngineOptions());
  ~Engine() override;

  /// Starts the handlers, then subscribes to the topics that are routed, or follows them.
  asio::awaitable<void> start();
  /// The orderly end, by `deadline`: nothing new is handed out, handlers send what they have, finished offsets are
  /// committed, the group is left, the handlers are closed. What was not delivered by then stays unacknowledged.
  asio::awaitable<void> close(runtime::TimePoint deadline);

  EngineMetrics metrics() const;

  // AssignmentListener
  void on_assigned(std::shared_ptr<group::TurnSource> source) override;
  void on_revoked(group::TurnSource& source, runtime::TimePoint deadline) override;

 private:
  struct Service {
    std::shared_ptr<group::TurnSource> source;
    Handler* handler;
    runtime::TimePoint turn_began = runtime::never;  // never: between turns
    runtime::Duration tell_stall_at{};
  };
  using ServiceRef = std::list<Service>::iterator;

  asio::awaitable<void> serve(ServiceRef service);
  asio::awaitable<void> hand_over(Service& service, group::Turn& turn);
  asio::awaitable<void> watch_for_stalls();
  void tell_stall(Service& service, runtime::Duration held);
  void tell_stopped(const group::TurnSource& source, const std::string& why);

  runtime::Runtime& runtime_;
  client::EventSink& events_;
  group::Consumer& consumer_;
  Router router_;
  EngineOptions options_;
  std::list<Service> services_;
  std::uint64_t turns_ = 0;
  std::uint64_t stalls_ = 0;
  runtime::Wakeup stop_watching_;
  runtime::TaskGroup tasks_;
};

}  // namespace barnabas::handlers
