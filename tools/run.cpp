// barnabas run: what a configuration file says, until a signal ends it.
#include <fmt/core.h>

#include <functional>
#include <iterator>
#include <memory>

#include "barnabas/client/runtime/asio_runtime.hpp"
#include "barnabas/client/runtime/tasks.hpp"
#include "barnabas/tools/command.hpp"
#include "barnabas/tools/interrupt.hpp"
#include "barnabas/tools/progress.hpp"
#include "barnabas/tools/session.hpp"
#include "barnabas/tools/source.hpp"
#include "barnabas/tools/terminal.hpp"

namespace barnabas::tools {
namespace {

struct RunFlags {
  std::string config;
  bool json = false;
  bool quiet = false;
  bool check = false;
  int verbose = 0;
  int threads = 1;
};

class Running {
 public:
  Running(runtime::Runtime& runtime, client::EventSink& events, Progress& progress, const RunConfig& config)
      : runtime_(runtime),
        events_(events),
        config_(config),
        progress_(progress),
        began_(runtime.clock().now()),
        tasks_(runtime),
        ending_(runtime.clock()),
        tick_(runtime.clock()) {
    for (const SourceConfig& source : config.sources) {
      sources_.push_back(std::make_unique<Source>(runtime, events, config, source));
    }
    for (const ConfigProblem& warning : config.warnings) {
      events.on_event(client::Event(client::EventKind::config_warning, client::Severity::warning, warning.text()));
    }
  }

  asio::awaitable<int> run() {
    on_interrupt_ = [this] { ending_.set(); };
    tasks_.spawn("signals", watch_interrupts(runtime_, on_interrupt_));
    tasks_.spawn("progress", show_progress());
    for (auto& source : sources_) tasks_.spawn("source", run_source(*source));
    co_await ending_.wait();
    stopping_ = true;
    tick_.set();
    tell_stopping();
    const auto deadline = runtime_.clock().now() + std::chrono::milliseconds(config_.shutdown_timeout_ms);
    runtime::TaskGroup closing(runtime_);
    for (auto& source : sources_) closing.spawn("close", source->close(deadline));
    co_await closing.join();
    runtime_.signals().stop();
    co_await tasks_.join();
    if (progress_.style() == ProgressStyle::json) show();
    tell_stopped();
    if (fatal_) co_return report(*fatal_), exit_fatal;
    co_return exit_ok;
  }

 private:
  asio::awaitable<void> run_source(Source& source) {
    auto failure = co_await source.run();
    if (!failure || stopping_) co_return;
    fatal_ = std::move(failure);
    ending_.set();
  }

  void tell_stopping() {
    const auto limit = readable_duration(std::chrono::milliseconds(config_.shutdown_timeout_ms));
    const client::Event event(
        client::EventKind::stopping, client::Severity::info,
        fmt::format("finishing what is under way, for at most {}; a second signal ends at once", limit));
    events_.on_event(event);
  }

  void tell_stopped() {
    handlers::HandlerStats total = metrics().total();
    const auto time = readable_duration(runtime_.clock().now() - began_);
    std::string text = fmt::format("delivered {} records in {}", total.delivered, time);
    if (total.dropped > 0) text += fmt::format(", dropped {}", total.dropped);
    if (total.in_flight > 0) text += fmt::format(", left {} for the next start", total.in_flight);
    events_.on_event(client::Event(client::EventKind::stopped, client::Severity::info, std::move(text)));
  }

  asio::awaitable<void> show_progress() {
    while (!stopping_) {
      const auto next = runtime_.clock().now() + progress_.interval();
      co_await tick_.wait_until(next);
      if (!stopping_) show();
    }
  }

  handlers::EngineMetrics metrics() const {
    handlers::EngineMetrics all;
    for (const auto& source : sources_) {
      handlers::EngineMetrics metrics = source->metrics();
      std::move(metrics.lanes.begin(), metrics.lanes.end(), std::back_inserter(all.lanes));
      std::move(metrics.handlers.begin(), metrics.handlers.end(), std::back_inserter(all.handlers));
    }
    return all;
  }

  void show() {
    std::size_t partitions = 0;
    for (const auto& source : sources_) partitions += source->partitions();
    progress_.show(metrics(), partitions, runtime_.clock().now());
  }

  runtime::Runtime& runtime_;
  client::EventSink& events_;
  const RunConfig& config_;
  Progress& progress_;
  std::vector<std::unique_ptr<Source>> sources_;
  runtime::TimePoint began_;
  runtime::TaskGroup tasks_;
  runtime::Wakeup ending_, tick_;
  std::function<void()> on_interrupt_;
  std::unique_ptr<Error> fatal_;
  bool stopping_ = false;
};

asio::awaitable<void> run_until_signal(runtime::Runtime& runtime, client::EventSink& events, Progress& progress,
                                       const RunConfig& config, int& exit_code) {
  Running running(runtime, events, progress, config);
  exit_code = co_await running.run();
}

client::Severity lowest_severity(const RunFlags& flags) {
  if (flags.verbose > 0) return client::Severity::debug;
  return flags.quiet ? client::Severity::error : client::Severity::info;
}

int check(const std::string& file, const RunConfig& config) {
  for (const ConfigProblem& warning : config.warnings) print_error_line("warning: " + one_line(warning.text()));
  fmt::print("{}: {} source(s), {} handler(s), no errors\n", file, config.sources.size(), config.handlers.size());
  return exit_ok;
}

int run(const RunFlags& flags) {
  runtime::AsioOptions options;
  options.worker_threads = static_cast<std::size_t>(flags.threads);
  options.handle_signals = true;
  runtime::AsioRuntime runtime(options);
  const auto text = runtime.files().read(flags.config);
  if (!text) {
    print_error_line(fmt::format("barnabas: could not read the configuration: {}", text.error()));
    return exit_usage;
  }
  const ConfigResult config = read_config(flags.config, *text);
  if (!config) {
    for (const ConfigProblem& problem : config.error()) print_error_line(one_line(problem.text()));
    return exit_usage;
  }
  if (flags.check) return check(flags.config, *config);
  Progress progress(choose_progress_style(flags.json, flags.quiet));
  EventPrinter events(lowest_severity(flags));
  events.set_progress(&progress);
  int exit_code = exit_ok;
  runtime.run(run_until_signal(runtime, events, progress, *config, exit_code));
  return exit_code;
}

}  // namespace

void add_run(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("run", "Deliver records as a configuration file says, until SIGINT or SIGTERM");
  auto flags = std::make_shared<RunFlags>();
  command->add_option("-c,--config", flags->config, "Native TOML, or a kafkamq.conf as it is")
      ->required()
      ->type_name("FILE");
  command->add_flag("--check", flags->check, "Only read the configuration and report its problems");
  command->add_flag("--json", flags->json, "Progress as JSON lines on standard output");
  command->add_flag("-q,--quiet", flags->quiet, "Only errors");
  command->add_flag("-v,--verbose", flags->verbose, "All events");
  command->add_option("--threads", flags->threads, "Worker threads for decompression")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  command->callback([flags, &exit_code] { exit_code = run(*flags); });
}

}  // namespace barnabas::tools
