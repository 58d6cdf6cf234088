// What SIGINT and SIGTERM do to a command: the first asks it to end in order, the second ends the process.
#pragma once

#include <asio/awaitable.hpp>
#include <functional>

#include "barnabas/client/runtime/runtime.hpp"

namespace barnabas::tools {

/// Calls `on_first` at the first SIGINT or SIGTERM; at the second the process ends with exit code 130 at once, as at
/// the first when `on_first` is empty by then. Returns after runtime.signals().stop(). SIGHUP means nothing here.
asio::awaitable<void> watch_interrupts(runtime::Runtime& runtime, const std::function<void()>& on_first);

}  // namespace barnabas::tools
