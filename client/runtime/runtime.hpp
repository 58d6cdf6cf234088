// The one seam to the outside: everything that has to do with time, network, threads, chance, files, signals and HTTP.
// Two sides: asio_runtime.hpp for production, fixtures/sim for tests.
#pragma once

#include <asio/awaitable.hpp>
#include <expected>
#include <memory>
#include <string>

#include "barnabas/client/runtime/clock.hpp"
#include "barnabas/client/runtime/dialer.hpp"
#include "barnabas/client/runtime/files.hpp"
#include "barnabas/client/runtime/http.hpp"
#include "barnabas/client/runtime/random.hpp"
#include "barnabas/client/runtime/signals.hpp"
#include "barnabas/client/runtime/workers.hpp"

namespace barnabas::runtime {

/// One loop and its surroundings. All objects built on a Runtime live on its loop's thread.
class Runtime {
 public:
  virtual ~Runtime() = default;
  virtual asio::any_io_executor executor() = 0;
  virtual Clock& clock() = 0;
  virtual Dialer& dialer() = 0;
  virtual Workers& workers() = 0;
  virtual Random& random() = 0;
  virtual Files& files() = 0;
  virtual Signals& signals() = 0;
  virtual Http& http() = 0;
  /// Port 0 takes a free one. The error is the system's own words.
  virtual std::expected<std::unique_ptr<Listener>, std::string> listen(Address address) = 0;
};

}  // namespace barnabas::runtime
