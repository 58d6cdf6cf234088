#include <algorithm>
#include <asio/associated_executor.hpp>
#include <asio/async_result.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/thread_pool.hpp>
#include <asio/use_awaitable.hpp>
#include <optional>
#include <utility>

#include "barnabas/client/runtime/asio_parts.hpp"

namespace barnabas::runtime {
namespace {

class PoolWorkers final : public AsioWorkers {
 public:
  PoolWorkers(asio::io_context& loop, std::size_t threads) : loop_(loop), threads_(std::max<std::size_t>(threads, 1)) {
    pool_.emplace(threads_);
  }
  ~PoolWorkers() override { shut_down(); }

  // The coroutine stays suspended and only its handler travels: its frame is never resumed on a foreign thread.
  asio::awaitable<void> run(std::function<void()>& work) override {
    auto start = [this, &work](auto on_done) {
      asio::post(*pool_, [this, &work, on_done = std::move(on_done)]() mutable {
        work();
        asio::post(loop_, std::move(on_done));
      });
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>&, void()>(start, asio::use_awaitable);
  }

  std::size_t threads() const override { return threads_; }

  void shut_down() override {
    if (!pool_) return;
    pool_->stop();
    pool_->join();
    pool_.reset();
  }

 private:
  asio::io_context& loop_;
  std::size_t threads_;
  std::optional<asio::thread_pool> pool_;
};

}  // namespace

std::unique_ptr<AsioWorkers> make_asio_workers(asio::io_context& loop, std::size_t threads) {
  return std::make_unique<PoolWorkers>(loop, threads);
}

}  // namespace barnabas::runtime
