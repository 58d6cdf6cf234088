// One [[source]] of a configuration at work: its own client, consumer, engine and handlers. Sources share nothing.
#pragma once

#include <asio/awaitable.hpp>
#include <memory>
#include <string>
#include <vector>

#include "barnabas/client/client.hpp"
#include "barnabas/group/consumer.hpp"
#include "barnabas/handlers/dispatch/engine.hpp"
#include "barnabas/tools/config/config.hpp"
#include "barnabas/tools/statistics_lines.hpp"

namespace barnabas::tools {

/// Loop thread only.
class Source {
 public:
  Source(runtime::Runtime& runtime, client::EventSink& events, const RunConfig& config, const SourceConfig& source);

  /// Reaches the cluster, joins, and delivers until close(), whatever happens that waiting can cure. Returns the cause
  /// when waiting cannot: a fenced instance, no authorisation for the group.
  asio::awaitable<std::unique_ptr<Error>> run();
  /// Drains, commits, leaves; returns by `deadline`.
  asio::awaitable<void> close(runtime::TimePoint deadline);

  handlers::EngineMetrics metrics() const { return engine_->metrics(); }
  std::size_t partitions() const { return consumer_->lanes().size(); }

 private:
  asio::awaitable<bool> connect();

  runtime::Runtime& runtime_;
  client::EventSink& events_;
  std::string name_;
  client::Client client_;
  std::vector<std::unique_ptr<handlers::Handler>> handlers_;
  std::unique_ptr<group::Consumer> consumer_;
  std::unique_ptr<handlers::Engine> engine_;
  std::unique_ptr<StatisticsLines> statistics_;
  runtime::Wakeup closing_wakeup_;
  bool closing_ = false, started_ = false;
};

}  // namespace barnabas::tools
