#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <chrono>
#include <utility>

#include "barnabas/client/runtime/asio_parts.hpp"
#include "barnabas/client/runtime/asio_stream.hpp"

namespace barnabas::runtime {
namespace {

using asio::ip::tcp;

/// Outlives the Listener while a coroutine waits in accept().
struct Acceptor {
  explicit Acceptor(asio::io_context& loop) : acceptor(loop), pause(loop) {}
  tcp::acceptor acceptor;
  asio::steady_timer pause;
};

bool out_of_descriptors(const asio::error_code& error) {
  return error == asio::error::no_descriptors || error == asio::error::no_buffer_space ||
         error == asio::error::no_memory || error.value() == ENFILE;
}

class AsioListener final : public Listener {
 public:
  explicit AsioListener(std::shared_ptr<Acceptor> acceptor) : shared_(std::move(acceptor)) {
    asio::error_code ignored;
    port_ = shared_->acceptor.local_endpoint(ignored).port();
  }
  ~AsioListener() override { close(); }

  asio::awaitable<std::unique_ptr<Stream>> accept() override {
    const std::shared_ptr<Acceptor> shared = shared_;
    while (shared->acceptor.is_open()) {
      tcp::socket socket(shared->acceptor.get_executor());
      asio::error_code error;
      auto token = asio::redirect_error(asio::use_awaitable, error);
      co_await shared->acceptor.async_accept(socket, token);
      if (!error) co_return make_tcp_stream(std::move(socket));
      // The connection waits in the backlog; asking again at once would spin until a descriptor comes free.
      if (out_of_descriptors(error) && shared->acceptor.is_open()) {
        shared->pause.expires_after(std::chrono::milliseconds(50));
        co_await shared->pause.async_wait(token);
      }
    }
    co_return nullptr;
  }

  std::uint16_t port() const override { return port_; }

  void close() noexcept override {
    asio::error_code ignored;
    shared_->acceptor.close(ignored);
    shared_->pause.cancel();
  }

 private:
  std::shared_ptr<Acceptor> shared_;
  std::uint16_t port_ = 0;
};

}  // namespace

std::expected<std::unique_ptr<Listener>, std::string> make_asio_listener(asio::io_context& loop,
                                                                         const Address& address) {
  const std::string ip_literal = address.ip.empty() ? "127.0.0.1" : address.ip;
  asio::error_code error;
  const auto ip = asio::ip::make_address(ip_literal, error);
  if (error) return std::unexpected("\"" + ip_literal + "\" is not an IP address");
  const tcp::endpoint endpoint(ip, address.port);
  const auto shared = std::make_shared<Acceptor>(loop);
  shared->acceptor.open(endpoint.protocol(), error);
  if (!error) shared->acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) shared->acceptor.bind(endpoint, error);
  if (!error) shared->acceptor.listen(tcp::acceptor::max_listen_connections, error);
  if (error) return std::unexpected("listen on " + endpoint_text(endpoint) + ": " + error.message());
  return std::make_unique<AsioListener>(shared);
}

}  // namespace barnabas::runtime
