// One TCP connection to one broker: frames out, frames in, answers matched to requests in the order they were sent.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "barnabas/client/client.hpp"
#include "barnabas/client/cluster/versions.hpp"
#include "barnabas/client/runtime/stream.hpp"
#include "barnabas/client/runtime/tasks.hpp"
#include "barnabas/client/runtime/wakeup.hpp"
#include "barnabas/client/statistics/statistics.hpp"

namespace barnabas::client {

/// Loop thread only. Any failure closes it for good: whoever waits gets the first cause.
class Connection {
 public:
  struct Setup {
    Setup(runtime::Runtime& r, BlockPool& p) : runtime(r), pool(p) {}
    runtime::Runtime& runtime;
    BlockPool& pool;
    std::int32_t node_id = -1;
    std::string with;  ///< "broker 2 at 10.0.0.7:9092"
    std::string client_id;
    std::int64_t frame_bytes_max = 0;
    EventSink* events = nullptr;       ///< told when the broker throttles; may be null
    std::shared_ptr<Traffic> traffic;  ///< where it is counted; one of its own when null
  };

  Connection(Setup setup, std::unique_ptr<runtime::Stream> stream);
  ~Connection();

  /// Starts the reading and the writing loop, which keep the connection alive until it is closed.
  static void start(std::shared_ptr<Connection> self, runtime::TaskGroup& tasks);

  /// The highest version that both sides speak. Throws Error(version) when there is none.
  std::int16_t pick_version(const RequestRef& request) const;
  /// Sends in `version` and waits. A request that is not answered by `deadline` closes the connection, since answers
  /// come in order. Throws Error.
  asio::awaitable<Reply> exchange(const RequestRef& request, std::int16_t version, runtime::TimePoint deadline);
  /// Sends what the broker does not answer (Produce with acks 0) and waits until the system has taken all of it. Throws
  /// Error; the deadline closes the connection.
  asio::awaitable<void> send_unanswered(const RequestRef& request, std::int16_t version, runtime::TimePoint deadline);

  /// Sends no further request for so long, as a broker over quota wants it (KIP-219): it reads none anyway. Requests
  /// that cannot wait until then fail with Stage::timeout, and the connection stays. Not for 0 or less.
  void mute(std::int32_t ms);
  void close(const Error& why);
  bool closed() const { return closed_.has_value(); }
  /// Why it was closed.
  const Error& closed_because() const { return *closed_; }
  /// Set when the connection ends, for one watcher.
  void on_closed(void (*callback)(void*, const Error&), void* context) { callback_ = callback, context_ = context; }

  VersionTable versions;
  /// Its oldest request waits for an answer for longer than what is asked in passing should.
  bool silent() const;
  std::size_t outstanding() const { return pending_.size() + waiting_; }
  Traffic& traffic() { return *setup_.traffic; }
  runtime::TimePoint last_used() const { return last_used_; }
  const std::string& with() const { return setup_.with; }
  /// The other side ended the connection before it had answered anything.
  bool hung_up_unanswered() const { return hung_up_ && !answered_once_; }

 private:
  struct Pending;
  std::string encode(const RequestRef& request, std::int16_t version, std::int32_t correlation_id) const;
  asio::awaitable<void> wait_while_muted(std::int16_t api_key, runtime::TimePoint deadline);
  bool muted() const { return setup_.runtime.clock().now() < muted_until_; }
  void send(std::string frame);
  void flush();
  static asio::awaitable<void> read_loop(std::shared_ptr<Connection> self);
  static asio::awaitable<void> write_loop(std::shared_ptr<Connection> self);
  std::int32_t next_correlation_id() { return static_cast<std::int32_t>(next_correlation_id_++ & 0x7fffffff); }
  asio::awaitable<bool> read_exactly(std::span<char> into);
  bool take_frame(BlockRef block, std::size_t bytes);

  Setup setup_;
  std::unique_ptr<runtime::Stream> stream_;
  std::deque<Pending*> pending_;
  std::deque<std::string> outgoing_;
  std::size_t outgoing_at_ = 0;
  std::uint64_t frames_queued_ = 0, frames_sent_ = 0;
  runtime::Broadcast sent_;  ///< for those who wait for no answer
  runtime::Wakeup write_wakeup_;
  std::uint32_t next_correlation_id_ = 1;
  runtime::TimePoint last_used_;
  runtime::TimePoint muted_until_{};
  std::size_t waiting_ = 0;  ///< requests held back while muted
  bool answered_once_ = false;
  bool hung_up_ = false;
  std::optional<Error> closed_;
  void (*callback_)(void*, const Error&) = nullptr;
  void* context_ = nullptr;
};

}  // namespace barnabas::client
