#include "barnabas/client/runtime/asio_runtime.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <csignal>
#include <exception>
#include <random>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "barnabas/client/runtime/asio_parts.hpp"

namespace barnabas::runtime {
namespace {

class SystemRandom final : public Random {
 public:
  SystemRandom() {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device(), device(), device(), device(), device()};
    engine_.seed(seed);
  }
  std::uint64_t next() override { return engine_(); }

 private:
  std::mt19937_64 engine_;
};

/// io_context whose coroutines can be destroyed before the objects that they refer to.
struct Loop : asio::io_context {
  Loop() : asio::io_context(1) {}
  using asio::execution_context::shutdown;
};

int make_eventfd() {
  const int fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd < 0) throw std::system_error(errno, std::system_category(), "eventfd");
  return fd;
}

/// Keeps SIGPIPE from ending the process when OpenSSL, inside libcurl, writes to a connection that has gone. Only this
/// thread's mask is touched: what the process does with the signal is the business of its owner.
class SigpipeHeld {
 public:
  SigpipeHeld() {
    sigemptyset(&sigpipe_);
    sigaddset(&sigpipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &sigpipe_, &before_);
  }
  ~SigpipeHeld() {
    if (sigismember(&before_, SIGPIPE)) return;
    const timespec no_wait{};
    while (sigtimedwait(&sigpipe_, nullptr, &no_wait) > 0 || errno == EINTR) {}
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  SigpipeHeld(const SigpipeHeld&) = delete;
  SigpipeHeld& operator=(const SigpipeHeld&) = delete;

 private:
  sigset_t sigpipe_;
  sigset_t before_;
};

}  // namespace

struct AsioRuntime::Parts {
  explicit Parts(const AsioOptions& options)
      : stop_requested(loop, make_eventfd()),
        clock(make_asio_clock(loop)),
        dialer(make_asio_dialer(loop, *clock)),
        workers(make_asio_workers(loop, options.worker_threads)),
        files(make_posix_files()),
        signals(make_asio_signals(loop, options.handle_signals)),
        http(make_curl_http(loop, *clock, options.http_connections_kept)) {}

  ~Parts() { drop_leftovers(); }

  /// Suspended coroutines hold timers, streams and exchanges, so they go while everything those need still lives; a
  /// coroutine whose work runs on a worker goes after that work.
  void drop_leftovers() {
    loop.stop();
    workers->shut_down();
    loop.shutdown();
  }

  Loop loop;
  asio::posix::stream_descriptor stop_requested;
  std::unique_ptr<Clock> clock;
  std::unique_ptr<Dialer> dialer;
  std::unique_ptr<AsioWorkers> workers;
  SystemRandom random;
  std::unique_ptr<Files> files;
  std::unique_ptr<Signals> signals;
  std::unique_ptr<Http> http;
  bool has_run = false;
};

AsioRuntime::AsioRuntime(AsioOptions options) : parts_(std::make_unique<Parts>(options)) {}
AsioRuntime::~AsioRuntime() = default;

asio::any_io_executor AsioRuntime::executor() { return parts_->loop.get_executor(); }
Clock& AsioRuntime::clock() { return *parts_->clock; }
Dialer& AsioRuntime::dialer() { return *parts_->dialer; }
Workers& AsioRuntime::workers() { return *parts_->workers; }
Random& AsioRuntime::random() { return parts_->random; }
Files& AsioRuntime::files() { return *parts_->files; }
Signals& AsioRuntime::signals() { return *parts_->signals; }
Http& AsioRuntime::http() { return *parts_->http; }

std::expected<std::unique_ptr<Listener>, std::string> AsioRuntime::listen(Address address) {
  return make_asio_listener(parts_->loop, address);
}

void AsioRuntime::run(asio::awaitable<void> main) {
  if (std::exchange(parts_->has_run, true)) throw std::logic_error("AsioRuntime::run() works once");
  const SigpipeHeld sigpipe_held;
  Loop& loop = parts_->loop;
  std::exception_ptr failure;
  parts_->stop_requested.async_wait(asio::posix::stream_descriptor::wait_read,
                                    [&loop](const asio::error_code&) { loop.stop(); });
  asio::co_spawn(loop, std::move(main), [&](std::exception_ptr thrown) {
    failure = std::move(thrown);
    loop.stop();
  });
  loop.run();
  parts_->drop_leftovers();
  if (failure) std::rethrow_exception(failure);
}

void AsioRuntime::stop() noexcept {
  const int before = errno;
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(parts_->stop_requested.native_handle(), &one, sizeof(one));
  errno = before;
}

}  // namespace barnabas::runtime
