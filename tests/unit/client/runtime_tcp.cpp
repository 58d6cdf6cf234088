#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vector>

#include "barnabas/client/runtime/dialer.hpp"
#include "barnabas/client/runtime/tasks.hpp"
#include "runtime_support.hpp"

namespace barnabas::tests {
namespace {

using namespace barnabas::runtime;
using Status = IoResult::Status;
using Dialed = std::expected<std::unique_ptr<Stream>, DialError>;

std::unique_ptr<Listener> listen(Runtime& runtime, std::uint16_t port = 0) {
  auto listener = runtime.listen(Address("127.0.0.1", port));
  REQUIRE_MESSAGE(listener.has_value(), listener.error());
  return std::move(*listener);
}

struct Connection {
  std::unique_ptr<Stream> client;
  std::unique_ptr<Stream> server;
};

asio::awaitable<Connection> connect(Runtime& runtime, Listener& listener) {
  const Address address("127.0.0.1", listener.port());
  Dialed dialed = co_await runtime.dialer().dial(address, never);
  REQUIRE_MESSAGE(dialed.has_value(), dialed.error().text);
  Connection connection;
  connection.client = std::move(*dialed);
  connection.server = co_await listener.accept();
  co_return connection;
}

asio::awaitable<void> echo(Stream& stream) {
  char chunk[1000];
  for (;;) {
    const IoResult result = stream.try_read(chunk);
    if (result.status == Status::would_block) {
      co_await stream.readable();
      continue;
    }
    if (result.status != Status::ok) break;
    const std::string_view text(chunk, result.bytes);
    const bool written = co_await write_bytes(stream, text);
    if (!written) break;
  }
}

asio::awaitable<void> write_all(Stream& stream, std::string_view text, bool& written) {
  written = co_await write_bytes(stream, text);
}

asio::awaitable<void> await_readable(Stream& stream, int& woken) {
  co_await stream.readable();
  ++woken;
}

asio::awaitable<void> await_writable(Stream& stream, int& woken) {
  co_await stream.writable();
  ++woken;
}

asio::awaitable<void> accept_and_note(Listener& listener, std::vector<bool>& accepted) {
  const std::unique_ptr<Stream> stream = co_await listener.accept();
  accepted.push_back(stream != nullptr);
}

/// Writes until the system takes no more.
std::size_t fill(Stream& stream) {
  const std::string chunk(1 << 16, 'x');
  std::size_t bytes = 0;
  for (;;) {
    const IoResult result = stream.try_write(chunk);
    if (result.status != Status::ok) return bytes;
    bytes += result.bytes;
  }
}

TEST_CASE("tcp: an echo of a megabyte comes back whole") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    const std::unique_ptr<Listener> listener = listen(runtime);
    Connection connection = co_await connect(runtime, *listener);
    CHECK(connection.client->peer() == "127.0.0.1:" + std::to_string(listener->port()));
    CHECK(connection.server->peer().starts_with("127.0.0.1:"));

    std::string sent;
    for (int i = 0; sent.size() < 1'000'000; ++i) sent += std::to_string(i);
    bool written = false;
    TaskGroup group(runtime);
    group.spawn("echo", echo(*connection.server));
    group.spawn("write", write_all(*connection.client, sent, written));
    const std::string received = co_await read_bytes(*connection.client, sent.size());
    CHECK(received == sent);
    connection.client->close();
    co_await group.join();
    CHECK(written);
  });
}

TEST_CASE("tcp: nothing to read is would_block, the end of the stream is closed") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    const std::unique_ptr<Listener> listener = listen(runtime);
    Connection connection = co_await connect(runtime, *listener);
    char chunk[8];
    CHECK(connection.client->try_read(chunk).status == Status::would_block);

    const IoResult two = connection.server->try_write(std::string_view("ab"));
    CHECK(two.status == Status::ok);
    CHECK(two.bytes == 2);
    connection.server->close();
    co_await connection.client->readable();
    const IoResult read = connection.client->try_read(chunk);
    CHECK(read.status == Status::ok);
    CHECK(std::string_view(chunk, read.bytes) == "ab");
    co_await connection.client->readable();
    CHECK(connection.client->try_read(chunk).status == Status::closed);
  });
}

TEST_CASE("tcp: what comes behind a short read is not missed, though nothing was asked for in between") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    const std::unique_ptr<Listener> listener = listen(runtime);
    Connection connection = co_await connect(runtime, *listener);
    char chunk[8];
    for (int round = 0; round < 3; ++round) {
      connection.server->try_write(std::string_view("ab"));
      co_await connection.client->readable();
      CHECK(connection.client->try_read(chunk).bytes == 2);
      connection.server->try_write(std::string_view("cd"));
      CHECK(connection.client->try_read(chunk).status == Status::would_block);  // the short read has said so
      co_await connection.client->readable();
      CHECK(connection.client->try_read(chunk).bytes == 2);
      CHECK(connection.client->try_read(chunk).status == Status::would_block);
      CHECK(connection.client->try_read(chunk).status == Status::would_block);
    }
  });
}

TEST_CASE("tcp: a connection that was reset fails with the system's error, in reading and in writing") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    const std::unique_ptr<Listener> listener = listen(runtime);
    Connection connection = co_await connect(runtime, *listener);
    connection.client->try_write(std::string_view("unread"));
    co_await connection.server->readable();
    connection.server->close();  // with bytes unread, the system resets
    co_await connection.client->readable();
    char chunk[8];
    const IoResult read = connection.client->try_read(chunk);
    CHECK(read.status == Status::failed);
    CHECK(read.error == std::errc::connection_reset);
    const IoResult written = connection.client->try_write(std::string_view("more"));
    CHECK(written.status == Status::failed);
    CHECK(written.error == std::errc::broken_pipe);
  });
}

TEST_CASE("tcp: a full buffer is would_block, and writable returns when it has been read") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    const std::unique_ptr<Listener> listener = listen(runtime);
    Connection connection = co_await connect(runtime, *listener);
    const std::size_t first = fill(*connection.client);
    CHECK(first > 0);
    CHECK(connection.client->try_write(std::string_view("x")).status == Status::would_block);
    int woken = 0;
    TaskGroup group(runtime);
    group.spawn("writer", await_writable(*connection.client, woken));
    const std::string drained = co_await read_bytes(*connection.server, first);
    CHECK(drained.size() == first);
    co_await group.join();
    CHECK(woken == 1);
    CHECK(connection.client->try_write(std::string_view("x")).status == Status::ok);
  });
}

TEST_CASE("tcp: close wakes both waiters, later; afterwards everything says closed at once") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    const std::unique_ptr<Listener> listener = listen(runtime);
    Connection connection = co_await connect(runtime, *listener);
    fill(*connection.client);
    int woken = 0;
    TaskGroup group(runtime);
    group.spawn("reader", await_readable(*connection.client, woken));
    group.spawn("writer", await_writable(*connection.client, woken));
    co_await sleep_for(runtime.clock(), 1ms);
    CHECK(woken == 0);
    connection.client->close();
    CHECK(woken == 0);
    co_await group.join();
    CHECK(woken == 2);

    connection.client->close();
    char chunk[8];
    CHECK(connection.client->try_read(chunk).status == Status::closed);
    CHECK(connection.client->try_write(std::string_view("x")).status == Status::closed);
    co_await connection.client->readable();
    co_await connection.client->writable();
  });
}

TEST_CASE("tcp: a stream that is destroyed wakes its waiter") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    const std::unique_ptr<Listener> listener = listen(runtime);
    Connection connection = co_await connect(runtime, *listener);
    int woken = 0;
    TaskGroup group(runtime);
    group.spawn("reader", await_readable(*connection.client, woken));
    co_await sleep_for(runtime.clock(), 1ms);
    connection.client.reset();
    co_await group.join();
    CHECK(woken == 1);
  });
}

TEST_CASE("listener: close ends accept with null; so does destroying it") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    std::unique_ptr<Listener> closed = listen(runtime);
    std::unique_ptr<Listener> destroyed = listen(runtime);
    std::vector<bool> accepted;
    TaskGroup group(runtime);
    group.spawn("accept", accept_and_note(*closed, accepted));
    group.spawn("accept", accept_and_note(*destroyed, accepted));
    co_await sleep_for(runtime.clock(), 1ms);
    CHECK(accepted.empty());
    closed->close();
    destroyed.reset();
    co_await group.join();
    CHECK(accepted == std::vector<bool>{false, false});
    const std::unique_ptr<Stream> after = co_await closed->accept();
    CHECK(after == nullptr);
  });
}

TEST_CASE("listener: says why it cannot listen, and defaults to the loopback") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    const std::unique_ptr<Listener> first = listen(runtime);
    CHECK(first->port() != 0);
    const auto taken = runtime.listen(Address("127.0.0.1", first->port()));
    REQUIRE(!taken.has_value());
    CHECK(taken.error() == "listen on 127.0.0.1:" + std::to_string(first->port()) + ": Address already in use");
    const auto unparsed = runtime.listen(Address("localhost", 0));
    REQUIRE(!unparsed.has_value());
    CHECK(unparsed.error() == "\"localhost\" is not an IP address");

    const auto loopback = runtime.listen(Address());
    REQUIRE(loopback.has_value());
    Connection connection = co_await connect(runtime, **loopback);
    CHECK(connection.server != nullptr);
  });
}

TEST_CASE("dialer: nobody listens") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    std::unique_ptr<Listener> listener = listen(runtime);
    const Address address("127.0.0.1", listener->port());
    listener.reset();
    const Dialed dialed = co_await runtime.dialer().dial(address, never);
    REQUIRE(!dialed.has_value());
    CHECK(dialed.error().stage == DialError::Stage::connect);
    CHECK(dialed.error().reason == DialError::Reason::refused);
    CHECK(dialed.error().text == "Connection refused");
  });
}

/// Listens without ever accepting, so that the system answers no more connections once its shortest queue is full.
class Deaf {
 public:
  Deaf() : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    REQUIRE(::bind(fd_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(fd_, 0) == 0);
    REQUIRE(::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
  }
  ~Deaf() { ::close(fd_); }
  Deaf(const Deaf&) = delete;
  Deaf& operator=(const Deaf&) = delete;
  std::uint16_t port() const { return port_; }

 private:
  int fd_;
  std::uint16_t port_ = 0;
};

TEST_CASE("dialer: no answer until the deadline") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    const Deaf deaf;
    const Address address("127.0.0.1", deaf.port());
    std::vector<std::unique_ptr<Stream>> in_the_queue;
    for (;;) {
      const TimePoint deadline = runtime.clock().now() + 100ms;
      Dialed dialed = co_await runtime.dialer().dial(address, deadline);
      if (dialed.has_value()) {
        in_the_queue.push_back(std::move(*dialed));
        continue;
      }
      CHECK(dialed.error().stage == DialError::Stage::connect);
      CHECK(dialed.error().reason == DialError::Reason::timed_out);
      CHECK(runtime.clock().now() >= deadline);
      break;
    }
  });
}

TEST_CASE("dialer: names, addresses and what is neither") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    Dialer& dialer = runtime.dialer();
    const Endpoint local("localhost", 9092);
    const auto found = co_await dialer.resolve(local, never);
    REQUIRE(found.has_value());
    CHECK(!found->empty());
    for (const Address& address : *found) {
      CHECK((address.ip == "127.0.0.1" || address.ip == "::1"));
      CHECK(address.port == 9092);
    }

    const Endpoint literal("::1", 9092);
    const auto itself = co_await dialer.resolve(literal, never);
    REQUIRE(itself.has_value());
    CHECK(*itself == std::vector<Address>{Address("::1", 9092)});

    const Endpoint impossible("no such host", 9092);
    const auto missing = co_await dialer.resolve(impossible, never);
    REQUIRE(!missing.has_value());
    CHECK(missing.error().stage == DialError::Stage::resolve);
    CHECK(missing.error().reason == DialError::Reason::no_such_host);
    CHECK(!missing.error().text.empty());

    const Address name("localhost", 9092);
    const Dialed unresolved = co_await dialer.dial(name, never);
    REQUIRE(!unresolved.has_value());
    CHECK(unresolved.error().reason == DialError::Reason::failed);
    CHECK(unresolved.error().text == "\"localhost\" is not an IP address");
  });
}

TEST_CASE("dialer: a lookup past its deadline is given up, and its late answer hurts nobody") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    const Endpoint local("localhost", 9092);
    int timed_out = 0;
    for (int i = 0; i < 50; ++i) {
      const auto found = co_await runtime.dialer().resolve(local, TimePoint());
      if (!found.has_value() && found.error().reason == DialError::Reason::timed_out) ++timed_out;
    }
    CHECK(timed_out > 0);
  });
}

/// The socket options of the client's side of a connection to `port`, which streams do not show.
struct Options {
  int no_delay = -1, keep_alive = -1, send_buffer = -1, receive_buffer = -1;
};

int option_of(int fd, int level, int name) {
  int value = -1;
  socklen_t size = sizeof(value);
  return ::getsockopt(fd, level, name, &value, &size) == 0 ? value : -1;
}

Options options_of_connection_to(std::uint16_t port) {
  for (int fd = 3; fd < 1024; ++fd) {
    sockaddr_in peer{};
    socklen_t size = sizeof(peer);
    if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0 || peer.sin_family != AF_INET) continue;
    if (ntohs(peer.sin_port) != port) continue;
    Options options;
    options.no_delay = option_of(fd, IPPROTO_TCP, TCP_NODELAY);
    options.keep_alive = option_of(fd, SOL_SOCKET, SO_KEEPALIVE);
    options.send_buffer = option_of(fd, SOL_SOCKET, SO_SNDBUF);
    options.receive_buffer = option_of(fd, SOL_SOCKET, SO_RCVBUF);
    return options;
  }
  return {};
}

TEST_CASE("dialer: Nagle is off, keep-alive is on, and buffers have the sizes that were asked for") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    const std::unique_ptr<Listener> listener = listen(runtime);
    const Address address("127.0.0.1", listener->port());
    int of_the_system = 0;
    {
      const Dialed plain = co_await runtime.dialer().dial(address, never);
      REQUIRE(plain.has_value());
      const Options options = options_of_connection_to(listener->port());
      CHECK(options.no_delay == 1);
      CHECK(options.keep_alive == 1);
      of_the_system = options.receive_buffer;
    }
    const SocketBuffers buffers(20'000, 10'000);
    const Dialed dialed = co_await runtime.dialer().dial(address, never, buffers);
    REQUIRE(dialed.has_value());
    const Options options = options_of_connection_to(listener->port());
    CHECK(options.no_delay == 1);
    CHECK(options.keep_alive == 1);
    CHECK(options.send_buffer == 2 * 20'000);  // Linux counts its own overhead in
    CHECK(options.receive_buffer == 2 * 10'000);
    CHECK(options.receive_buffer != of_the_system);
  });
}

TEST_CASE("dialer: an address's name is what the system says") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    sockaddr_in loopback{};
    loopback.sin_family = AF_INET;
    loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    char name[NI_MAXHOST];
    const int code = ::getnameinfo(reinterpret_cast<const sockaddr*>(&loopback), sizeof(loopback), name, sizeof(name),
                                   nullptr, 0, NI_NAMEREQD);
    const Address address("127.0.0.1", 9092);
    const auto found = co_await runtime.dialer().canonical_name(address, never);
    CHECK(found.has_value() == (code == 0));
    if (found.has_value() && code == 0) CHECK(*found == name);
    if (!found.has_value()) CHECK(!found.error().text.empty());

    const Address no_address("localhost", 9092);
    const auto refused = co_await runtime.dialer().canonical_name(no_address, never);
    REQUIRE(!refused.has_value());
    CHECK(refused.error().text == "\"localhost\" is not an IP address");
  });
}

TEST_CASE("endpoint: IPv6 addresses are written in brackets") {
  CHECK(Endpoint("broker-1", 9092).text() == "broker-1:9092");
  CHECK(Endpoint("::1", 9092).text() == "[::1]:9092");
}

asio::awaitable<void> wait_for_ever(Runtime& runtime, Live) {
  const std::unique_ptr<Listener> listener = listen(runtime);
  Connection connection = co_await connect(runtime, *listener);
  std::vector<bool> accepted;
  int woken = 0;
  TaskGroup group(runtime);
  group.spawn("accept", accept_and_note(*listener, accepted));
  group.spawn("read", await_readable(*connection.client, woken));
  co_await connection.server->readable();
}

asio::awaitable<void> dial_for_ever(Runtime& runtime, const Deaf& deaf, Live) {
  const Address address("127.0.0.1", deaf.port());
  const TimePoint deadline = runtime.clock().now() + 1h;
  std::vector<Dialed> dialed;
  for (;;) {
    Dialed next = co_await runtime.dialer().dial(address, deadline);
    dialed.push_back(std::move(next));
  }
}

TEST_CASE("tcp: the end of the loop destroys coroutines that wait on streams, listeners and dials") {
  int live = 0;
  AsioRuntime runtime;
  const Deaf deaf;
  asio::co_spawn(runtime.executor(), wait_for_ever(runtime, Live(live)), asio::detached);
  asio::co_spawn(runtime.executor(), dial_for_ever(runtime, deaf, Live(live)), asio::detached);
  runtime.run(sleep_for(runtime.clock(), 20ms));
  CHECK(live == 0);
}

}  // namespace
}  // namespace barnabas::tests
