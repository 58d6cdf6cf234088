// From the command line to a connected client: options, events on stderr, errors to exit codes.
#pragma once

#include <CLI/App.hpp>
#include <asio/awaitable.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "barnabas/client/client.hpp"
#include "barnabas/client/events.hpp"
#include "barnabas/client/runtime/asio_runtime.hpp"
#include "barnabas/group/options.hpp"
#include "barnabas/tools/progress.hpp"

namespace barnabas::tools {

/// Flags that every command with a cluster shares: -b, -X, -F, -q, -v.
struct ConnectFlags {
  std::string brokers;
  std::vector<std::string> properties;  ///< name=value, any option by its name or alias
  std::vector<std::string> property_files;
  bool quiet = false;
  int verbose = 0;
  int timeout_ms = 10'000;

  /// -X list or -X dump, as kcat has them: run_session() answers them and does nothing else.
  bool asks_about_options() const;
  void add_to(CLI::App& command);
};

/// Prints events to standard error, one line each.
class EventPrinter final : public client::EventSink {
 public:
  explicit EventPrinter(client::Severity lowest) : lowest_(lowest) {}
  void on_event(const client::Event& event) noexcept override;
  void set_lowest(client::Severity lowest) { lowest_ = lowest; }
  /// For a kind of event that the command reports itself.
  void leave_out(client::EventKind kind) { left_out_ = kind; }
  /// The line of progress that gives way to events.
  void set_progress(Progress* progress) { progress_ = progress; }

 private:
  client::Severity lowest_;
  std::optional<client::EventKind> left_out_;
  Progress* progress_ = nullptr;
};

/// What a command's coroutine works with.
struct Session {
  Session(runtime::Runtime& r, client::Client& c, EventPrinter& p, const ConnectFlags& f)
      : runtime(r), client(c), printer(p), flags(f) {}
  runtime::Runtime& runtime;
  client::Client& client;
  EventPrinter& printer;
  const ConnectFlags& flags;
  group::ConsumerOptions consumer;  ///< defaults plus what -X said
  /// What the first SIGINT or SIGTERM does; while it is empty, the process ends at once.
  std::function<void()> on_interrupt;
  runtime::TimePoint deadline() { return client.deadline_in_ms(flags.timeout_ms); }
  /// From here on warnings are printed: before, a failure ends the command and is reported then, once.
  void long_work_begins();
};

/// Runs one command from connecting to closing. Errors are printed with their hints and become exit codes. `consumer`
/// is what -X starts from.
int run_session(const ConnectFlags& flags, const std::function<asio::awaitable<int>(Session&)>& command,
                group::ConsumerOptions consumer = {});

/// "barnabas: could not …; hint" on standard error. Returns the exit code for it.
int report(const Error& error);

}  // namespace barnabas::tools
