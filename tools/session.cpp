#include "barnabas/tools/session.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <fstream>

#include "barnabas/client/option_table.hpp"
#include "barnabas/client/runtime/tasks.hpp"
#include "barnabas/group/option_table.hpp"
#include "barnabas/tools/command.hpp"
#include "barnabas/tools/interrupt.hpp"
#include "barnabas/tools/terminal.hpp"

namespace barnabas::tools {
namespace {

client::Severity lowest_severity(const ConnectFlags& flags, client::Severity without_flags) {
  if (flags.verbose >= 2) return client::Severity::debug;
  if (flags.verbose == 1) return client::Severity::info;
  return flags.quiet ? client::Severity::error : without_flags;
}

std::string word(client::Severity severity) {
  switch (severity) {
    case client::Severity::debug: return "debug";
    case client::Severity::info: return "info";
    case client::Severity::warning: return coloured(Colour::yellow, "warning");
    case client::Severity::error: break;
  }
  return coloured(Colour::red, "error");
}

/// Sets what a properties file says, as Java's tools and kcat read it.
void apply_file(const std::string& path, client::OptionSet& set) {
  std::ifstream file(path);
  if (!file) throw Error(Error::Stage::config, "read " + path, "", std::strerror(errno));
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    const std::size_t first = line.find_first_not_of(" \t\r");
    if (first == line.npos || line[first] == '#' || line[first] == '!') continue;
    const std::size_t last = line.find_last_not_of(" \t\r");
    const std::string pair = line.substr(first, last - first + 1);
    if (auto taken = set.set_pair(pair); !taken) {
      throw Error(Error::Stage::config, fmt::format("take {}:{}", path, number), "", taken.error());
    }
  }
}

/// kcat's words behind -X that are no option.
bool is_question(std::string_view pair) { return pair == "list" || pair == "dump"; }

/// What -X list (all options) and -X dump (their values) print; empty when neither was asked for.
std::string answers(const ConnectFlags& flags, const client::OptionSet& set) {
  const client::OptionTable* const tables[] = {&client::client_option_table(), &client::fetch_option_table(),
                                               &group::group_option_table()};
  std::string text;
  for (const std::string& pair : flags.properties) {
    if (!is_question(pair)) continue;
    for (const client::OptionTable* table : tables) {
      if (pair == "list") text += fmt::format("{}:\n{}\n", table->title, client::option_help(*table));
      for (const client::OptionRow& row : table->rows) {
        if (pair == "dump") text += fmt::format("{}={}\n", row.name, set.value(row.name));
      }
    }
  }
  return text;
}

/// False when the command line asked about options instead, which has been answered.
bool apply_properties(const ConnectFlags& flags, client::ClientOptions& client_options,
                      group::ConsumerOptions& consumer) {
  client::OptionSet set;
  set.add(client::client_option_table(), client_options);
  set.add(client::fetch_option_table(), consumer.fetch);
  set.add(group::group_option_table(), consumer.group);
  for (const std::string& path : flags.property_files) apply_file(path, set);
  if (!flags.brokers.empty()) client_options.bootstrap_servers = client::parse_endpoints(flags.brokers);
  for (const std::string& pair : flags.properties) {
    if (is_question(pair)) continue;
    if (auto taken = set.set_pair(pair); !taken) {
      // The name alone: the value may be a password.
      throw Error(Error::Stage::config, "take -X " + pair.substr(0, pair.find('=')), "", taken.error());
    }
  }
  if (const std::string text = answers(flags, set); !text.empty()) {
    std::fputs(text.c_str(), stdout);
    return false;
  }
  if (client_options.bootstrap_servers.empty()) {
    Error error(Error::Stage::config, "connect", "", "no bootstrap server is named");
    throw error.hint("write -b HOST:PORT (--bootstrap-server), or bootstrap.servers into the file of -F");
  }
  std::vector<std::string> problems = client::check_relations(client_options, consumer.fetch);
  for (std::string& problem : group::check_relations(consumer.group)) problems.push_back(std::move(problem));
  if (!problems.empty()) throw Error(Error::Stage::config, "take the -X options", "", problems.front());
  return true;
}

asio::awaitable<void> run_connected(Session& session, const std::function<asio::awaitable<int>(Session&)>& command,
                                    int& exit_code) {
  runtime::TaskGroup tasks(session.runtime);
  tasks.spawn("signals", watch_interrupts(session.runtime, session.on_interrupt));
  std::exception_ptr failure;
  try {
    const auto deadline = session.deadline();
    co_await session.client.connect(deadline);
    exit_code = co_await command(session);
  } catch (...) {
    failure = std::current_exception();
  }
  session.on_interrupt = nullptr;
  const auto deadline = session.client.deadline_in_ms(5'000);
  co_await session.client.close(deadline);
  session.runtime.signals().stop();
  co_await tasks.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace

bool ConnectFlags::asks_about_options() const { return std::ranges::any_of(properties, is_question); }

void ConnectFlags::add_to(CLI::App& command) {
  command.add_option("-b,--bootstrap-server,--brokers", brokers, "Bootstrap servers, host:port,host:port");
  command
      .add_option(
          "-X,--property,--consumer-property,--command-property", properties,
          "Any option as name=value; Java's and librdkafka's names are known; list shows all, dump their values")
      ->allow_extra_args(false);
  command
      .add_option("-F,--config-file,--command-config", property_files,
                  "A properties file: name=value lines, # begins a comment; -b and -X stand above it")
      ->allow_extra_args(false)
      ->check(CLI::ExistingFile);
  command.add_option("--timeout-ms", timeout_ms, "How long a single request may take, such as connecting")
      ->check(CLI::Range(1, 3'600'000))
      ->capture_default_str();
  command
      .add_option_function<int>(
          "-m", [this](int seconds) { timeout_ms = seconds * 1'000; }, "The same in seconds, as kcat has it")
      ->check(CLI::Range(1, 3'600));
  command.add_flag("-q,--quiet", quiet, "Only errors on standard error");
  command.add_flag("-v,--verbose", verbose, "Events on standard error; twice: all of them");
}

void Session::long_work_begins() { printer.set_lowest(lowest_severity(flags, client::Severity::warning)); }

void EventPrinter::on_event(const client::Event& event) noexcept {
  if (event.severity < lowest_ || event.kind == left_out_) return;
  if (progress_) progress_->hide();
  print_error_line(fmt::format("% {} {}: {}", word(event.severity), client::name(event.kind), one_line(event.text)));
}

int report(const Error& error) {
  std::fflush(stdout);
  print_error_line("barnabas: " + one_line(error.what()));
  return error.stage() == Error::Stage::config ? exit_usage : exit_failed;
}

int run_session(const ConnectFlags& flags, const std::function<asio::awaitable<int>(Session&)>& command,
                group::ConsumerOptions consumer) {
  try {
    client::ClientOptions client_options;
    if (!apply_properties(flags, client_options, consumer)) return exit_ok;

    runtime::AsioOptions runtime_options;
    runtime_options.handle_signals = true;
    runtime::AsioRuntime runtime(runtime_options);
    EventPrinter printer(lowest_severity(flags, client::Severity::error));
    client::Client client(runtime, client_options, printer);
    Session session(runtime, client, printer, flags);
    session.consumer = consumer;
    int exit_code = exit_ok;
    runtime.run(run_connected(session, command, exit_code));
    return exit_code;
  } catch (const Error& error) {
    return report(error);
  }
}

}  // namespace barnabas::tools
