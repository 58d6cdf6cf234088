// From the command line to a connected client: options, events on stderr, errors to exit codes.
#pragma once

#include <CLI/App.hpp>
#include <asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "barnabas/client/client.hpp"
#include "barnabas/client/events.hpp"
#include "barnabas/client/runtime/asio_runtime.hpp"
#include "barnabas/group/options.hpp"

namespace barnabas::tools {

/// Flags that every command with a cluster shares: -b, -X, -q, -v.
struct ConnectFlags {
  std::string brokers;
  std::vector<std::string> properties;  ///< name=value, any option by its name or alias
  bool quiet = false;
  int verbose = 0;
  int timeout_ms = 10'000;

  void add_to(CLI::App& command);
};

/// Prints events to stderr as lines: warnings and errors, with -v also info, with -vv all.
class EventPrinter final : public client::EventSink {
 public:
  explicit EventPrinter(client::Severity lowest) : lowest_(lowest) {}
  void on_event(const client::Event& event) noexcept override;

 private:
  client::Severity lowest_;
};

/// What a command's coroutine works with.
struct Session {
  Session(runtime::Runtime& r, client::Client& c, client::EventStream& e, const ConnectFlags& f)
      : runtime(r), client(c), events(e), flags(f) {}
  runtime::Runtime& runtime;
  client::Client& client;
  client::EventStream& events;
  const ConnectFlags& flags;
  group::ConsumerOptions consumer;  ///< defaults plus what -X said
  runtime::TimePoint deadline() { return client.deadline_in_ms(flags.timeout_ms); }
};

struct SessionOptions {
  SessionOptions() = default;
  bool connect = true;         ///< first contact before the command starts; fails fast
  bool handle_signals = false; ///< SIGINT and SIGTERM are the command's to read from runtime.signals()
  std::size_t worker_threads = 1;
  group::ConsumerOptions consumer;  ///< defaults that -X may change
};

/// Runs one command from connecting to closing. Errors are printed with their hints and become exit codes.
int run_session(const ConnectFlags& flags, const SessionOptions& options,
                std::function<asio::awaitable<int>(Session&)> command);

/// "barnabas: could not …; hint" on stderr.
int report(const Error& error);

}  // namespace barnabas::tools
