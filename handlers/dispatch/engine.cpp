#include "barnabas/handlers/dispatch/engine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace barnabas::handlers {
namespace {

using client::EventKind;
using client::Severity;
using std::chrono::milliseconds;

std::int64_t count_ms(runtime::Duration duration) { return std::chrono::duration_cast<milliseconds>(duration).count(); }

}  // namespace

Engine::Engine(runtime::Runtime& runtime, client::EventSink& events, group::Consumer& consumer, Router router,
               EngineOptions options)
    : runtime_(runtime),
      events_(events),
      consumer_(consumer),
      router_(std::move(router)),
      options_(options),
      stop_watching_(runtime.clock()),
      tasks_(runtime) {
  consumer_.listen(this);
}

Engine::~Engine() { consumer_.listen(nullptr); }

asio::awaitable<void> Engine::start() {
  for (Handler* handler : router_.handlers()) co_await handler->start();
  tasks_.spawn("stall meter", watch_for_stalls());
  if (options_.follow_from) {
    consumer_.follow(router_.topics(), *options_.follow_from);
  } else {
    consumer_.subscribe(router_.topics());
  }
}

asio::awaitable<void> Engine::close(runtime::TimePoint deadline) {
  for (Handler* handler : router_.handlers()) handler->flush();
  co_await consumer_.close(deadline);
  // All lanes are fenced now: what is still under way can no longer be acknowledged, so nobody waits for it.
  const runtime::TimePoint now = runtime_.clock().now();
  for (Handler* handler : router_.handlers()) co_await handler->close(now);
  stop_watching_.set();
  co_await tasks_.join();
}

void Engine::on_assigned(std::shared_ptr<group::TurnSource> source) {
  Handler* handler = router_.find(source->partition().topic);
  if (!handler) return tell_stopped(*source, "no handler is routed to its topic");
  services_.push_back({std::move(source), handler});
  const ServiceRef service = std::prev(services_.end());
  tasks_.spawn(service->source->partition().text(), serve(service));
}

void Engine::on_revoked(group::TurnSource& source, runtime::TimePoint) {
  // The consumer has stopped the source and waits for what is under way itself; a batch that waits to fill up would
  // make it wait.
  if (Handler* handler = router_.find(source.partition().topic)) handler->flush();
}

asio::awaitable<void> Engine::serve(ServiceRef service) {
  group::Turn turn;
  try {
    while (true) {
      const bool more = co_await service->source->next(turn);
      if (!more) break;
      co_await hand_over(*service, turn);
      // A handler that takes nothing is closed, or it would be asked for ever.
      if (turn.count() == 0) break;
    }
  } catch (const std::exception& error) {
    turn.end();
    service->source->abandon();
    tell_stopped(*service->source, fmt::format("handler \"{}\" failed: {}", service->handler->name(), error.what()));
  }
  turn.end();
  services_.erase(service);
}

asio::awaitable<void> Engine::hand_over(Service& service, group::Turn& turn) {
  ++turns_;
  service.turn_began = runtime_.clock().now();
  service.tell_stall_at = milliseconds(options_.stall_ms);
  co_await service.handler->handle(turn);
  service.turn_began = runtime::never;
}

asio::awaitable<void> Engine::watch_for_stalls() {
  const runtime::Duration period = milliseconds(std::clamp(options_.stall_ms / 4, 1, 1'000));
  while (true) {
    const runtime::TimePoint next = runtime_.clock().now() + period;
    const bool stop = co_await stop_watching_.wait_until(next);
    if (stop) co_return;
    const runtime::TimePoint now = runtime_.clock().now();
    for (Service& service : services_) {
      if (service.turn_began == runtime::never) continue;
      const runtime::Duration held = now - service.turn_began;
      if (held >= service.tell_stall_at) tell_stall(service, held);
    }
  }
}

void Engine::tell_stall(Service& service, runtime::Duration held) {
  ++stalls_;
  while (service.tell_stall_at <= held) service.tell_stall_at *= 2;
  const client::TopicPartition& partition = service.source->partition();
  client::Event event(EventKind::handler_stalled, Severity::warning,
                      fmt::format("{} waits: handler \"{}\" has not taken the rest of its records for {} s",
                                  partition.text(), service.handler->name(), count_ms(held) / 1'000));
  event.topic = partition.topic;
  event.partition = partition.partition;
  event.offset = service.source->position();
  event.count = count_ms(held);
  events_.on_event(event);
}

void Engine::tell_stopped(const group::TurnSource& source, const std::string& why) {
  client::Event event(
      EventKind::partition_stopped, Severity::error,
      fmt::format("{} is not delivered: {}; its offsets stay where they are", source.partition().text(), why));
  event.topic = source.partition().topic;
  event.partition = source.partition().partition;
  events_.on_event(event);
}

EngineMetrics Engine::metrics() const {
  EngineMetrics metrics;
  metrics.turns = turns_;
  metrics.stalls = stalls_;
  const runtime::TimePoint now = runtime_.clock().now();
  for (const Service& service : services_) {
    LaneMetrics lane;
    lane.topic = service.source->partition().topic;
    lane.partition = service.source->partition().partition;
    lane.handler = service.handler->name();
    lane.position = service.source->position();
    const client::FetchStatus* status = consumer_.fetcher().status(service.source->partition());
    if (status) lane.high_watermark = status->high_watermark;
    if (service.turn_began != runtime::never) lane.busy_ms = count_ms(now - service.turn_began);
    metrics.lanes.push_back(std::move(lane));
  }
  for (const Handler* handler : router_.handlers()) metrics.handlers.push_back({handler->name(), handler->stats()});
  return metrics;
}

}  // namespace barnabas::handlers
