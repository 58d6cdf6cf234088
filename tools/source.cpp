#include "barnabas/tools/source.hpp"

#include <fmt/core.h>

#include <map>

#include "barnabas/client/cluster/backoff.hpp"
#include "barnabas/tools/terminal.hpp"

namespace barnabas::tools {
namespace {

/// Without a group each process reads all.
handlers::EngineOptions engine_options(const group::ConsumerOptions& options) {
  handlers::EngineOptions engine;
  if (!options.group.group_id.empty()) return engine;
  const client::StartPolicy& start = options.fetch.start;
  engine.follow_from =
      start.kind == client::StartPolicy::Kind::position ? start.position : options.fetch.offset_reset.start();
  return engine;
}

}  // namespace

Source::Source(runtime::Runtime& runtime, client::EventSink& events, const RunConfig& config,
               const SourceConfig& source)
    : runtime_(runtime),
      events_(events),
      name_(source.name),
      client_(runtime, source.client, events),
      closing_wakeup_(runtime.clock()) {
  std::map<std::string, handlers::Handler*> by_name;
  handlers::Router router;
  for (const RouteConfig& route : source.routes) {
    handlers::Handler*& handler = by_name[route.handler];
    if (!handler) {
      handlers_.push_back(handlers::make_handler(*config.find_handler(route.handler), runtime, events));
      handler = handlers_.back().get();
    }
    router.add(route.topic, *handler);
  }
  consumer_ = std::make_unique<group::Consumer>(client_, source.consumer);
  engine_ = std::make_unique<handlers::Engine>(runtime, events, *consumer_, std::move(router),
                                               engine_options(source.consumer));
}

/// First contact, again and again: a cluster that is not there yet is waited for, visibly.
asio::awaitable<bool> Source::connect() {
  client::Backoff backoff(client_.options().reconnect_backoff_ms, 10'000);
  while (!closing_) {
    std::unique_ptr<Error> failure;
    const auto deadline = client_.deadline_in_ms(client_.options().request_timeout_ms);
    try {
      co_await client_.connect(deadline);
    } catch (const Error& error) {
      failure = std::make_unique<Error>(error);
    }
    if (!failure) co_return true;
    const auto pause = backoff.next(runtime_.random());
    client::Event event(client::EventKind::connect_failed, client::Severity::warning,
                        fmt::format("{}; trying again in {}", failure->what(), readable_duration(pause)));
    events_.on_event(event);
    co_await closing_wakeup_.wait_until(client_.now() + pause);
  }
  co_return false;
}

asio::awaitable<std::unique_ptr<Error>> Source::run() {
  std::unique_ptr<Error> cause;
  const bool connected = co_await connect();
  if (connected) {
    started_ = true;
    statistics_ = std::make_unique<StatisticsLines>(client_, *consumer_, name_);
    co_await engine_->start();
    co_await consumer_->stopped();
    if (const Error* error = consumer_->error()) cause = std::make_unique<Error>(*error);
  }
  co_return std::move(cause);
}

asio::awaitable<void> Source::close(runtime::TimePoint deadline) {
  closing_ = true;
  closing_wakeup_.set();
  if (started_) {
    co_await engine_->close(deadline);
  } else {
    co_await consumer_->close(deadline);
  }
  statistics_.reset();
  co_await client_.close(deadline);
}

}  // namespace barnabas::tools
