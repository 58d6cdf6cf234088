#include <asio/io_context.hpp>
#include <asio/redirect_error.hpp>
#include <asio/signal_set.hpp>
#include <asio/use_awaitable.hpp>
#include <csignal>

#include "barnabas/client/runtime/asio_parts.hpp"

namespace barnabas::runtime {
namespace {

class AsioSignals final : public Signals {
 public:
  AsioSignals(asio::io_context& loop, bool take_from_process) : set_(loop) {
    if (!take_from_process) return;
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) set_.add(signal);
  }

  asio::awaitable<int> next() override {
    if (stopped_) co_return 0;
    asio::error_code stopped;
    auto token = asio::redirect_error(asio::use_awaitable, stopped);
    const int signal = co_await set_.async_wait(token);
    co_return stopped ? 0 : signal;
  }

  void stop() noexcept override {
    stopped_ = true;
    asio::error_code ignored;
    set_.cancel(ignored);
  }

 private:
  asio::signal_set set_;
  bool stopped_ = false;
};

}  // namespace

std::unique_ptr<Signals> make_asio_signals(asio::io_context& loop, bool take_from_process) {
  return std::make_unique<AsioSignals>(loop, take_from_process);
}

}  // namespace barnabas::runtime
