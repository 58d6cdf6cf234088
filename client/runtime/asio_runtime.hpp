// The production side of the seam: one asio::io_context, epoll sockets, a thread pool, libcurl.
#pragma once

#include <asio/awaitable.hpp>
#include <cstddef>
#include <memory>

#include "barnabas/client/runtime/runtime.hpp"

namespace barnabas::runtime {

struct AsioOptions {
  AsioOptions() = default;
  std::size_t worker_threads = 1;
  bool handle_signals = false;             ///< take SIGINT, SIGTERM, SIGHUP from the process
  std::size_t http_connections_kept = 32;  ///< idle HTTP connections kept open, over all hosts
};

/// The loop's thread is the one that calls run(); everything but stop() belongs to it, and, before run(), to whoever
/// made it.
class AsioRuntime final : public Runtime {
 public:
  explicit AsioRuntime(AsioOptions options = {});
  ~AsioRuntime() override;

  asio::any_io_executor executor() override;
  Clock& clock() override;
  Dialer& dialer() override;
  Workers& workers() override;
  Random& random() override;
  Files& files() override;
  Signals& signals() override;
  Http& http() override;
  std::expected<std::unique_ptr<Listener>, std::string> listen(Address address) override;

  /// Runs the loop on the calling thread until `main` has ended; rethrows what it threw. Coroutines that are then still
  /// suspended, and work that no worker has begun, are destroyed before this returns, in no particular order. Once
  /// only: a second call throws std::logic_error. SIGPIPE is held back from the calling thread meanwhile.
  void run(asio::awaitable<void> main);
  /// Ends run() as soon as possible, without waiting for `main`; before run(), it makes run() return at once. From any
  /// thread or signal handler.
  void stop() noexcept;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace barnabas::runtime
