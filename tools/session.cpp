#include "barnabas/tools/session.hpp"

#include <fmt/core.h>

#include <cstdio>

#include "barnabas/client/option_table.hpp"
#include "barnabas/group/option_table.hpp"
#include "barnabas/tools/command.hpp"

namespace barnabas::tools {
namespace {

client::Severity lowest_severity(const ConnectFlags& flags) {
  if (flags.verbose >= 2) return client::Severity::debug;
  if (flags.verbose == 1) return client::Severity::info;
  return flags.quiet ? client::Severity::error : client::Severity::warning;
}

const char* word(client::Severity severity) {
  constexpr const char* words[] = {"debug", "info", "warning", "error"};
  return words[static_cast<std::size_t>(severity)];
}

void apply_properties(const ConnectFlags& flags, client::ClientOptions& client_options, group::ConsumerOptions& consumer) {
  client::OptionSet set;
  set.add(client::client_option_table(), client_options);
  set.add(client::fetch_option_table(), consumer.fetch);
  set.add(group::group_option_table(), consumer.group);
  for (const std::string& pair : flags.properties) {
    if (auto taken = set.set_pair(pair); !taken) throw Error(Error::Stage::config, "take -X " + pair, "", taken.error());
  }
  std::vector<std::string> problems = client::check_relations(client_options, consumer.fetch);
  for (std::string& problem : group::check_relations(consumer.group)) problems.push_back(std::move(problem));
  if (!problems.empty()) throw Error(Error::Stage::config, "take the -X options", "", problems.front());
}

asio::awaitable<int> connected(Session& session, const SessionOptions& options,
                               const std::function<asio::awaitable<int>(Session&)>& command) {
  int code = exit_ok;
  std::exception_ptr failure;
  try {
    if (options.connect) {
      const auto deadline = session.deadline();
      co_await session.client.connect(deadline);
    }
    code = co_await command(session);
  } catch (...) {
    failure = std::current_exception();
  }
  const auto deadline = session.client.deadline_in_ms(5'000);
  co_await session.client.close(deadline);
  if (failure) std::rethrow_exception(failure);
  co_return code;
}

asio::awaitable<void> store_result(int& result, asio::awaitable<int> task) { result = co_await std::move(task); }

}  // namespace

void ConnectFlags::add_to(CLI::App& command) {
  command.add_option("-b,--bootstrap-server,--brokers", brokers, "Bootstrap servers, host:port,host:port")->required();
  command.add_option("-X,--property", properties, "Any option as name=value; Java's and librdkafka's names are known");
  command.add_option("--timeout-ms", timeout_ms, "How long a one-shot request may take")->capture_default_str();
  command.add_flag("-q,--quiet", quiet, "Only errors on standard error");
  command.add_flag("-v,--verbose", verbose, "Events on standard error; twice: all of them");
}

void EventPrinter::on_event(const client::Event& event) noexcept {
  if (event.severity < lowest_) return;
  const auto kind = client::name(event.kind);
  std::fprintf(stderr, "%% %s %.*s: %s\n", word(event.severity), static_cast<int>(kind.size()), kind.data(),
               event.text.c_str());
}

int report(const Error& error) {
  std::fflush(stdout);
  std::fprintf(stderr, "barnabas: %s\n", error.what());
  return error.stage() == Error::Stage::config ? exit_usage : exit_failed;
}

int run_session(const ConnectFlags& flags, const SessionOptions& options,
                std::function<asio::awaitable<int>(Session&)> command) {
  try {
    client::ClientOptions client_options;
    group::ConsumerOptions consumer = options.consumer;
    client_options.bootstrap_servers = client::parse_endpoints(flags.brokers);
    apply_properties(flags, client_options, consumer);

    runtime::AsioOptions runtime_options;
    runtime_options.worker_threads = options.worker_threads;
    runtime_options.handle_signals = options.handle_signals;
    runtime::AsioRuntime runtime(runtime_options);
    EventPrinter printer(lowest_severity(flags));
    client::EventStream events;
    events.add(printer);
    client::Client client(runtime, client_options, events);
    Session session(runtime, client, events, flags);
    session.consumer = consumer;
    int code = exit_ok;
    runtime.run(store_result(code, connected(session, options, command)));
    return code;
  } catch (const Error& error) {
    return report(error);
  }
}

}  // namespace barnabas::tools
