#include <netdb.h>

#include <algorithm>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <cerrno>
#include <functional>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "barnabas/client/runtime/asio_parts.hpp"
#include "barnabas/client/runtime/asio_stream.hpp"
#include "barnabas/client/runtime/wakeup.hpp"

namespace barnabas::runtime {
namespace {

using asio::ip::tcp;
using Addresses = std::expected<std::vector<Address>, DialError>;
using Name = std::expected<std::string, DialError>;
using Stage = DialError::Stage;
using Reason = DialError::Reason;

DialError dial_error(Stage stage, Reason reason, std::string text) {
  DialError error;
  error.stage = stage;
  error.reason = reason;
  error.text = std::move(text);
  return error;
}

// ---- names ----

DialError resolve_error(int code, int system_error) {
  if (code == EAI_SYSTEM)
    return dial_error(Stage::resolve, Reason::failed, std::system_category().message(system_error));
  const bool unknown = code == EAI_NONAME || code == EAI_NODATA;
  return dial_error(Stage::resolve, unknown ? Reason::no_such_host : Reason::failed, ::gai_strerror(code));
}

Addresses ask_system(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int code = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (code != 0) return std::unexpected(resolve_error(code, errno));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, &::freeaddrinfo);

  std::vector<Address> addresses;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    char literal[NI_MAXHOST];
    if (::getnameinfo(entry->ai_addr, entry->ai_addrlen, literal, sizeof(literal), nullptr, 0, NI_NUMERICHOST) != 0) {
      continue;
    }
    Address address(literal, port);
    if (std::ranges::find(addresses, address) == addresses.end()) addresses.push_back(std::move(address));
  }
  if (addresses.empty()) return std::unexpected(resolve_error(EAI_NODATA, 0));
  return addresses;
}

/// The way from a lookup's thread back to the loop. The system's lookup cannot be interrupted, so its thread may live
/// longer than the loop; it then finds the gate shut.
class Gate {
 public:
  explicit Gate(asio::io_context& loop) : loop_(&loop) {}

  void shut() {
    const std::lock_guard lock(mutex_);
    loop_ = nullptr;
  }

  template <class Handler>
  void post(Handler handler) {
    const std::lock_guard lock(mutex_);
    if (loop_ != nullptr) asio::post(*loop_, std::move(handler));
  }

 private:
  std::mutex mutex_;
  asio::io_context* loop_;
};

Name ask_system_for_name(const Address& address) {
  asio::error_code not_literal;
  const auto ip = asio::ip::make_address(address.ip, not_literal);
  if (not_literal) {
    return std::unexpected(dial_error(Stage::resolve, Reason::failed, "\"" + address.ip + "\" is not an IP address"));
  }
  const tcp::endpoint endpoint(ip, address.port);
  char name[NI_MAXHOST];
  const int code = ::getnameinfo(endpoint.data(), static_cast<socklen_t>(endpoint.size()), name, sizeof(name), nullptr,
                                 0, NI_NAMEREQD);
  if (code != 0) return std::unexpected(resolve_error(code, errno));
  return std::string(name);
}

template <class Answer>
struct Lookup {
  explicit Lookup(Clock& clock) : done(clock) {}
  Wakeup done;
  std::optional<Answer> answer;
};

/// One thread a lookup: names are asked for only when a connection is opened, and a name server that hangs for one name
/// must not hold up the others.
template <class Answer>
void start_lookup(std::shared_ptr<Gate> gate, std::weak_ptr<Lookup<Answer>> waiting, std::function<Answer()> ask) {
  std::thread([gate = std::move(gate), waiting = std::move(waiting), ask = std::move(ask)] {
    Answer answer = ask();
    // Locked only on the loop: the last owner of a Lookup must be the loop's thread.
    gate->post([waiting, answer = std::move(answer)]() mutable {
      const auto lookup = waiting.lock();
      if (!lookup) return;
      lookup->answer = std::move(answer);
      lookup->done.set();
    });
  }).detach();
}

// ---- addresses ----

DialError connect_error(const asio::error_code& error) {
  Reason reason = Reason::failed;
  switch (error.value()) {
    case ECONNREFUSED: reason = Reason::refused; break;
    case ETIMEDOUT: reason = Reason::timed_out; break;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EAFNOSUPPORT:
    case EADDRNOTAVAIL: reason = Reason::unreachable; break;
    default: break;
  }
  return dial_error(Stage::connect, reason, error.message());
}

/// Shared by the connecting coroutine and the alarm that ends it.
struct Attempt {
  explicit Attempt(asio::io_context& loop) : socket(loop), alarm(loop) {}
  tcp::socket socket;
  asio::steady_timer alarm;
  bool done = false;
  bool timed_out = false;
};

void set_alarm(const std::shared_ptr<Attempt>& attempt, TimePoint deadline) {
  attempt->alarm.expires_at(asio::steady_timer::time_point(deadline.time_since_epoch()));
  attempt->alarm.async_wait([attempt](const asio::error_code& cancelled) {
    if (cancelled || attempt->done) return;
    attempt->timed_out = true;
    asio::error_code ignored;
    attempt->socket.close(ignored);
  });
}

/// A size that the system refuses is its own affair: it also trims what it takes.
void set_buffers(tcp::socket& socket, const tcp& protocol, const SocketBuffers& buffers) {
  if (buffers.send_bytes == 0 && buffers.receive_bytes == 0) return;
  asio::error_code ignored;
  socket.open(protocol, ignored);
  if (ignored) return;  // connecting says why
  if (buffers.send_bytes > 0) socket.set_option(asio::socket_base::send_buffer_size(buffers.send_bytes), ignored);
  if (buffers.receive_bytes > 0) {
    socket.set_option(asio::socket_base::receive_buffer_size(buffers.receive_bytes), ignored);
  }
}

class AsioDialer final : public Dialer {
 public:
  AsioDialer(asio::io_context& loop, Clock& clock) : loop_(loop), clock_(clock), gate_(std::make_shared<Gate>(loop)) {}
  ~AsioDialer() override { gate_->shut(); }

  asio::awaitable<Addresses> resolve(Endpoint endpoint, TimePoint deadline) override {
    asio::error_code not_literal;
    const auto literal = asio::ip::make_address(endpoint.host, not_literal);
    if (!not_literal) {
      std::vector<Address> addresses;
      addresses.emplace_back(literal.to_string(), endpoint.port);
      co_return addresses;
    }

    std::function<Addresses()> ask = [endpoint] { return ask_system(endpoint.host, endpoint.port); };
    co_return co_await look_up(std::move(ask), deadline);
  }

  asio::awaitable<Name> canonical_name(Address address, TimePoint deadline) override {
    std::function<Name()> ask = [address] { return ask_system_for_name(address); };
    co_return co_await look_up(std::move(ask), deadline);
  }

  asio::awaitable<std::expected<std::unique_ptr<Stream>, DialError>> dial(Address address, TimePoint deadline,
                                                                          SocketBuffers buffers) override {
    asio::error_code error;
    const auto ip = asio::ip::make_address(address.ip, error);
    if (error) {
      co_return std::unexpected(
          dial_error(Stage::connect, Reason::failed, "\"" + address.ip + "\" is not an IP address"));
    }
    const auto attempt = std::make_shared<Attempt>(loop_);
    if (deadline != never) set_alarm(attempt, deadline);
    const tcp::endpoint endpoint(ip, address.port);
    set_buffers(attempt->socket, endpoint.protocol(), buffers);
    auto token = asio::redirect_error(asio::use_awaitable, error);
    co_await attempt->socket.async_connect(endpoint, token);
    attempt->done = true;
    attempt->alarm.cancel();
    if (attempt->timed_out) {
      co_return std::unexpected(dial_error(Stage::connect, Reason::timed_out, "no answer in time"));
    }
    if (error) co_return std::unexpected(connect_error(error));
    co_return make_tcp_stream(std::move(attempt->socket));
  }

 private:
  template <class Answer>
  asio::awaitable<Answer> look_up(std::function<Answer()> ask, TimePoint deadline) {
    const auto lookup = std::make_shared<Lookup<Answer>>(clock_);
    std::string start_failure;
    try {
      start_lookup<Answer>(gate_, lookup, std::move(ask));
    } catch (const std::system_error& error) {
      start_failure = std::string("cannot start a thread for the lookup: ") + error.what();
    }
    if (!start_failure.empty()) {
      co_return std::unexpected(dial_error(Stage::resolve, Reason::failed, std::move(start_failure)));
    }
    co_await lookup->done.wait_until(deadline);
    if (lookup->answer) co_return std::move(*lookup->answer);
    co_return std::unexpected(
        dial_error(Stage::resolve, Reason::timed_out, "the system's name lookup gave no answer in time"));
  }

  asio::io_context& loop_;
  Clock& clock_;
  std::shared_ptr<Gate> gate_;
};

}  // namespace

std::unique_ptr<Dialer> make_asio_dialer(asio::io_context& loop, Clock& clock) {
  return std::make_unique<AsioDialer>(loop, clock);
}

}  // namespace barnabas::runtime
