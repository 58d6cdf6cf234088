#include "barnabas/client/runtime/asio_stream.hpp"

#include <sys/socket.h>

#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <cerrno>
#include <utility>

#include "barnabas/client/runtime/dialer.hpp"

namespace barnabas::runtime {
namespace {

using asio::ip::tcp;

IoResult closed() {
  IoResult result;
  result.status = IoResult::Status::closed;
  return result;
}

IoResult moved(std::size_t bytes) {
  IoResult result;
  result.status = IoResult::Status::ok;
  result.bytes = bytes;
  return result;
}

IoResult from_errno(int error) {
  IoResult result;
  if (error == EAGAIN || error == EWOULDBLOCK) return result;
  result.status = IoResult::Status::failed;
  result.error = std::error_code(error, std::system_category());
  return result;
}

class TcpStream final : public Stream {
 public:
  explicit TcpStream(tcp::socket socket) : socket_(std::move(socket)) {
    asio::error_code ignored;
    peer_ = endpoint_text(socket_.remote_endpoint(ignored));
    socket_.set_option(tcp::no_delay(true), ignored);
    socket_.set_option(asio::socket_base::keep_alive(true), ignored);
  }

  IoResult try_read(std::span<char> into) noexcept override {
    if (!socket_.is_open()) return closed();
    if (std::exchange(drained_, false)) return IoResult();
    for (;;) {
      const ssize_t bytes = ::recv(socket_.native_handle(), into.data(), into.size(), MSG_DONTWAIT);
      if (bytes > 0) {
        drained_ = static_cast<std::size_t>(bytes) < into.size();
        return moved(static_cast<std::size_t>(bytes));
      }
      if (bytes == 0) return closed();
      if (errno != EINTR) return from_errno(errno);
    }
  }

  IoResult try_write(std::span<const char> from) noexcept override {
    if (!socket_.is_open()) return closed();
    for (;;) {
      const ssize_t bytes = ::send(socket_.native_handle(), from.data(), from.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (bytes >= 0) return moved(static_cast<std::size_t>(bytes));
      if (errno != EINTR) return from_errno(errno);
    }
  }

  asio::awaitable<void> readable() override {
    drained_ = false;
    return ready(tcp::socket::wait_read);
  }
  asio::awaitable<void> writable() override { return ready(tcp::socket::wait_write); }

  void close() noexcept override {
    asio::error_code ignored;
    socket_.close(ignored);
  }

  std::string_view peer() const override { return peer_; }

 private:
  // Whatever ended the wait, the next try_read or try_write says it. After the wait the stream may be gone.
  asio::awaitable<void> ready(tcp::socket::wait_type direction) {
    if (!socket_.is_open()) co_return;
    asio::error_code ignored;
    auto token = asio::redirect_error(asio::use_awaitable, ignored);
    co_await socket_.async_wait(direction, token);
  }

  tcp::socket socket_;
  std::string peer_;
  // The last read was given less than it had room for: the next one would find nothing, and need not ask.
  bool drained_ = false;
};

}  // namespace

std::unique_ptr<Stream> make_tcp_stream(tcp::socket socket) { return std::make_unique<TcpStream>(std::move(socket)); }

std::string endpoint_text(const tcp::endpoint& endpoint) {
  return Endpoint(endpoint.address().to_string(), endpoint.port()).text();
}

}  // namespace barnabas::runtime
