#include "barnabas/tools/interrupt.hpp"

#include <csignal>
#include <cstdlib>

#include "barnabas/tools/command.hpp"
#include "barnabas/tools/terminal.hpp"

namespace barnabas::tools {
namespace {

asio::awaitable<bool> interrupt(runtime::Signals& signals) {
  int signal = SIGHUP;
  while (signal == SIGHUP) signal = co_await signals.next();
  co_return signal != 0;
}

}  // namespace

asio::awaitable<void> watch_interrupts(runtime::Runtime& runtime, const std::function<void()>& on_first) {
  const bool first = co_await interrupt(runtime.signals());
  if (!first) co_return;
  if (on_first) {
    on_first();
    const bool second = co_await interrupt(runtime.signals());
    if (!second) co_return;
    print_error_line("barnabas: ended by the second signal, without waiting for what was under way");
  }
  std::_Exit(exit_interrupted);
}

}  // namespace barnabas::tools
