// A byte stream that never blocks: ask, and when there is nothing, wait. TCP, TLS and the simulator's pipes are behind
// it.
#pragma once

#include <asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <system_error>

namespace barnabas::runtime {

struct IoResult {
  enum class Status : std::uint8_t {
    ok,           ///< `bytes` > 0 were moved
    would_block,  ///< nothing now; wait with readable() or writable()
    closed,       ///< the other side ended the stream, or close() was called
    failed,       ///< `error` says why
  };
  Status status = Status::would_block;
  std::size_t bytes = 0;
  std::error_code error{};
};

/// One connection's bytes. Loop thread only; at most one reader and one writer wait at a time.
class Stream {
 public:
  virtual ~Stream() = default;
  /// Takes what is there, at most `into.size()` bytes (which must not be 0).
  virtual IoResult try_read(std::span<char> into) noexcept = 0;
  /// Returns when try_read may get further: data, end of stream, an error, or close().
  virtual asio::awaitable<void> readable() = 0;
  virtual IoResult try_write(std::span<const char> from) noexcept = 0;
  virtual asio::awaitable<void> writable() = 0;
  /// Ends both directions and wakes both waiters. May be called again.
  virtual void close() noexcept = 0;
  /// Address of the other side for messages, as in "10.0.0.7:9092".
  virtual std::string_view peer() const = 0;
};

}  // namespace barnabas::runtime
