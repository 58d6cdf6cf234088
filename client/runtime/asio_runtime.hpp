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
  bool handle_signals = false;  ///< take SIGINT, SIGTERM, SIGHUP from the process
};

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

  /// Runs the loop on the calling thread until `main` has ended; rethrows what it threw. Leftover detached work is dropped.
  void run(asio::awaitable<void> main);
  /// Ends run() from any thread or signal-safe context as soon as possible.
  void stop();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace barnabas::runtime
