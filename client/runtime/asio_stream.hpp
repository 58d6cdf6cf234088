// A TCP socket as a Stream. Included by asio_dialer.cpp, asio_listener.cpp and asio_stream.cpp only: it names Asio's
// sockets.
#pragma once

#include <asio/ip/tcp.hpp>
#include <memory>
#include <string>

#include "barnabas/client/runtime/stream.hpp"

namespace barnabas::runtime {

/// Takes a connected socket; sets TCP_NODELAY and SO_KEEPALIVE.
std::unique_ptr<Stream> make_tcp_stream(asio::ip::tcp::socket socket);

/// "10.0.0.7:9092", "[::1]:9092".
std::string endpoint_text(const asio::ip::tcp::endpoint& endpoint);

}  // namespace barnabas::runtime
