// What AsioRuntime is made of. Only the asio_*.cpp files and curl_http.cpp of this folder include it.
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <string>

#include "barnabas/client/runtime/clock.hpp"
#include "barnabas/client/runtime/dialer.hpp"
#include "barnabas/client/runtime/files.hpp"
#include "barnabas/client/runtime/http.hpp"
#include "barnabas/client/runtime/signals.hpp"
#include "barnabas/client/runtime/workers.hpp"

namespace asio {
class io_context;
}

namespace barnabas::runtime {

std::unique_ptr<Clock> make_asio_clock(asio::io_context& loop);
std::unique_ptr<Dialer> make_asio_dialer(asio::io_context& loop, Clock& clock);
std::expected<std::unique_ptr<Listener>, std::string> make_asio_listener(asio::io_context& loop,
                                                                         const Address& address);
std::unique_ptr<Signals> make_asio_signals(asio::io_context& loop, bool take_from_process);
std::unique_ptr<Files> make_posix_files();
std::unique_ptr<Http> make_curl_http(asio::io_context& loop, Clock& clock, std::size_t connections_kept);

/// Workers that can be put to rest before the loop's coroutines are destroyed.
class AsioWorkers : public Workers {
 public:
  /// Waits for the work that runs and drops the work that has not begun, with the coroutines that wait for it.
  virtual void shut_down() = 0;
};
std::unique_ptr<AsioWorkers> make_asio_workers(asio::io_context& loop, std::size_t threads);

}  // namespace barnabas::runtime
