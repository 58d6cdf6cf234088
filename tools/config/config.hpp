// What `barnabas run --config FILE` does, as read from the file: sources, routes and handlers.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "barnabas/client/options.hpp"
#include "barnabas/group/options.hpp"
#include "barnabas/handlers/options.hpp"

namespace barnabas::tools {

/// One thing that is wrong with a configuration file, or worth a warning.
struct ConfigProblem {
  ConfigProblem() = default;
  ConfigProblem(std::string at_file, std::uint32_t at_line, std::uint32_t at_column, std::string at_key,
                std::string text)
      : file(std::move(at_file)), line(at_line), column(at_column), key(std::move(at_key)), message(std::move(text)) {}
  std::string file;
  std::uint32_t line = 0, column = 0;  ///< from 1; 0 when it is about the file as a whole
  std::string key;                     ///< "source[0].session.timeout.ms"; may be empty
  std::string message;
  /// "FILE:LINE:COLUMN: KEY: MESSAGE".
  std::string text() const;
};

struct RouteConfig {
  std::string topic;
  std::string handler;  ///< name of one of RunConfig::handlers
};

/// One consumer. Sources share nothing: each makes its own client, consumer, engine and instances of its handlers.
struct SourceConfig {
  std::string name;
  client::ClientOptions client;
  group::ConsumerOptions consumer;
  std::vector<RouteConfig> routes;  ///< one a topic, in the order of the file
};

struct RunConfig {
  std::vector<SourceConfig> sources;
  std::vector<handlers::HandlerOptions> handlers;
  std::int32_t shutdown_timeout_ms = 30'000;  ///< from SIGTERM until everything is delivered, committed and left
  std::vector<ConfigProblem> warnings;        ///< each becomes a config_warning event

  const handlers::HandlerOptions* find_handler(std::string_view name) const;
};

using ConfigResult = std::expected<RunConfig, std::vector<ConfigProblem>>;

/// Reads either form: one with [[inputs.kafkamq]] is translated first, anything else is the native form. `file` is for
/// messages only. All problems are reported, not the first alone. Never throws for what is in `text`.
ConfigResult read_config(const std::string& file, std::string_view text);

/// The native form alone.
ConfigResult read_native_config(const std::string& file, std::string_view text);

}  // namespace barnabas::tools
