#include <asio/io_context.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <chrono>

#include "barnabas/client/runtime/asio_parts.hpp"

namespace barnabas::runtime {
namespace {

class AsioTimer final : public Timer {
 public:
  explicit AsioTimer(asio::io_context& loop) : timer_(loop, asio::steady_timer::time_point::max()) {}

  void expires_at(TimePoint when) override {
    timer_.expires_at(asio::steady_timer::time_point(when.time_since_epoch()));
  }

  asio::awaitable<bool> wait() override {
    asio::error_code cancelled;
    auto token = asio::redirect_error(asio::use_awaitable, cancelled);
    co_await timer_.async_wait(token);
    co_return !cancelled;
  }

  void cancel() noexcept override { timer_.cancel(); }

 private:
  asio::steady_timer timer_;
};

class AsioClock final : public Clock {
 public:
  explicit AsioClock(asio::io_context& loop) : loop_(loop) {}

  TimePoint now() const override { return TimePoint(std::chrono::steady_clock::now().time_since_epoch()); }

  std::int64_t unix_ms() const override {
    const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(since_1970).count();
  }

  std::unique_ptr<Timer> make_timer() override { return std::make_unique<AsioTimer>(loop_); }

 private:
  asio::io_context& loop_;
};

}  // namespace

std::unique_ptr<Clock> make_asio_clock(asio::io_context& loop) { return std::make_unique<AsioClock>(loop); }

}  // namespace barnabas::runtime
