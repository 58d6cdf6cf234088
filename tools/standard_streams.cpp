#include "barnabas/tools/standard_streams.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <functional>
#include <limits>
#include <system_error>

#include "barnabas/client/error.hpp"

namespace barnabas::tools {
namespace {

// A pipe that is ready for writing takes this much without blocking; files take anything.
std::size_t piece_bytes(int fd) {
  struct stat status{};
  const bool is_file = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
  return is_file ? std::numeric_limits<ssize_t>::max() : PIPE_BUF;
}

bool try_again(int error) { return error == EINTR || error == EAGAIN; }

Error stream_error(const char* attempted, int error) {
  return Error(Error::Stage::closed, attempted, "", std::generic_category().message(error));
}

}  // namespace

StopFlag::StopFlag() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

StopFlag::~StopFlag() { close(fd_); }

void StopFlag::raise() noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(fd_, &one, sizeof one);
}

bool StopFlag::wait_for(int fd, short events) const {
  pollfd both[2] = {{fd, events, 0}, {fd_, POLLIN, 0}};
  while (poll(both, 2, -1) < 0 && errno == EINTR) {}
  return both[1].revents == 0;
}

asio::awaitable<bool> StandardInput::read(std::string& buffer, std::size_t bytes_max) {
  const std::size_t before = buffer.size();
  buffer.resize(before + bytes_max);
  ssize_t got = 0;
  int error = 0;
  std::function<void()> work = [&] {
    do {
      if (!stop_.wait_for(STDIN_FILENO, POLLIN)) return;
      got = ::read(STDIN_FILENO, buffer.data() + before, bytes_max);
      error = got < 0 ? errno : 0;
    } while (try_again(error));
  };
  co_await runtime_.workers().run(work);
  buffer.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  if (error != 0) throw stream_error("read standard input", error);
  co_return got > 0;
}

StandardOutput::StandardOutput(runtime::Runtime& runtime)
    : runtime_(runtime), piece_bytes_(piece_bytes(STDOUT_FILENO)) {}

asio::awaitable<bool> StandardOutput::write(const std::string& text) {
  int error = 0;
  std::function<void()> work = [&] {
    for (std::size_t at = 0; at < text.size();) {
      if (!stop_.wait_for(STDOUT_FILENO, POLLOUT)) {
        over_ = true;
        return;
      }
      const ssize_t written = ::write(STDOUT_FILENO, text.data() + at, std::min(piece_bytes_, text.size() - at));
      error = written < 0 ? errno : 0;
      if (error != 0 && !try_again(error)) return;
      at += static_cast<std::size_t>(std::max<ssize_t>(written, 0));
    }
    error = 0;
  };
  if (!over_) co_await runtime_.workers().run(work);
  if (error != 0) over_ = true;
  if (error != 0 && error != EPIPE) throw stream_error("write to standard output", error);
  co_return !over_;
}

}  // namespace barnabas::tools
