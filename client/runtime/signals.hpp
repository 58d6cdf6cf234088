// Operating system signals that ask the process to stop or to read its configuration again.
#pragma once

#include <asio/awaitable.hpp>

namespace barnabas::runtime {

/// Loop thread only.
class Signals {
 public:
  virtual ~Signals() = default;
  /// The next SIGINT, SIGTERM or SIGHUP. One waiter; signals that came before are not lost. 0 after stop().
  virtual asio::awaitable<int> next() = 0;
  virtual void stop() noexcept = 0;
};

}  // namespace barnabas::runtime
