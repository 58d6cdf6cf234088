// Names to addresses, addresses to streams.
#pragma once

#include <asio/awaitable.hpp>
#include <compare>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "barnabas/client/runtime/clock.hpp"
#include "barnabas/client/runtime/stream.hpp"

namespace barnabas::runtime {

/// A host name or address with a port, as users and Metadata responses write it.
struct Endpoint {
  Endpoint() = default;
  Endpoint(std::string host_name, std::uint16_t port_number) : host(std::move(host_name)), port(port_number) {}
  std::string host;
  std::uint16_t port = 0;
  auto operator<=>(const Endpoint&) const = default;
  /// "host:port", IPv6 addresses in brackets.
  std::string text() const;
};

/// One resolved address: `ip` is a literal, "127.0.0.1" or "::1".
struct Address {
  Address() = default;
  Address(std::string ip_literal, std::uint16_t port_number) : ip(std::move(ip_literal)), port(port_number) {}
  std::string ip;
  std::uint16_t port = 0;
  auto operator<=>(const Address&) const = default;
};

/// Why a name or an address could not be reached.
struct DialError {
  enum class Stage : std::uint8_t { resolve, connect };
  enum class Reason : std::uint8_t { failed, refused, timed_out, unreachable, no_such_host };
  Stage stage = Stage::connect;
  Reason reason = Reason::failed;
  std::string text;  ///< the system's own words
};

/// What the system may buffer for one connection, SO_SNDBUF and SO_RCVBUF; 0 leaves it to the system.
struct SocketBuffers {
  SocketBuffers() = default;
  SocketBuffers(std::int32_t send, std::int32_t receive) : send_bytes(send), receive_bytes(receive) {}
  std::int32_t send_bytes = 0;
  std::int32_t receive_bytes = 0;
};

/// Opens connections. Loop thread only. Nagle is off on what it opens, keep-alive on.
class Dialer {
 public:
  virtual ~Dialer() = default;
  /// All addresses of a name, asked afresh each time; never empty on success.
  virtual asio::awaitable<std::expected<std::vector<Address>, DialError>> resolve(Endpoint endpoint,
                                                                                  TimePoint deadline) = 0;
  /// The name that belongs to an address (reverse look-up); an error when it has none.
  virtual asio::awaitable<std::expected<std::string, DialError>> canonical_name(Address address,
                                                                                TimePoint deadline) = 0;
  /// Buffer sizes are set before the connection opens: what TCP offers the other side depends on them.
  virtual asio::awaitable<std::expected<std::unique_ptr<Stream>, DialError>> dial(Address address, TimePoint deadline,
                                                                                  SocketBuffers buffers) = 0;
  asio::awaitable<std::expected<std::unique_ptr<Stream>, DialError>> dial(Address address, TimePoint deadline) {
    return dial(std::move(address), deadline, SocketBuffers());
  }
};

/// Accepts connections (embedded broker, test sinks). Loop thread only.
class Listener {
 public:
  virtual ~Listener() = default;
  /// The next connection, or null after close().
  virtual asio::awaitable<std::unique_ptr<Stream>> accept() = 0;
  virtual std::uint16_t port() const = 0;
  virtual void close() noexcept = 0;
};

}  // namespace barnabas::runtime
