#include "barnabas/client/cluster/connection.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "barnabas/client/cluster/diagnose.hpp"
#include "barnabas/client/cluster/throttle.hpp"
#include "barnabas/protocol/api.hpp"
#include "barnabas/protocol/frame.hpp"

namespace barnabas::client {
namespace {

std::string api_name(std::int16_t key) { return std::string(protocol::name(static_cast<protocol::ApiKey>(key))); }

std::int32_t read_int32(const char* p) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(p[i]);
  return static_cast<std::int32_t>(value);
}

}  // namespace

/// A request that waits for its answer; lives in the coroutine that waits.
struct Connection::Pending {
  Pending(runtime::Clock& clock) : wakeup(clock) {}
  std::int32_t correlation_id = 0;
  std::int16_t api_key = 0;
  std::int16_t version = 0;
  runtime::TimePoint sent_at{};
  bool done = false;
  Reply reply;
  runtime::Wakeup wakeup;
};

Connection::Connection(Setup setup, std::unique_ptr<runtime::Stream> stream)
    : setup_(std::move(setup)),
      stream_(std::move(stream)),
      sent_(setup_.runtime.clock()),
      write_wakeup_(setup_.runtime.clock()),
      last_used_(setup_.runtime.clock().now()) {
  if (!setup_.traffic) setup_.traffic = std::make_shared<Traffic>();
}

Connection::~Connection() = default;

void Connection::start(std::shared_ptr<Connection> self, runtime::TaskGroup& tasks) {
  tasks.spawn("read " + self->setup_.with, read_loop(self));
  tasks.spawn("write " + self->setup_.with, write_loop(self));
}

bool Connection::silent() const {
  constexpr auto patience = std::chrono::seconds(2);
  return !pending_.empty() && setup_.runtime.clock().now() - pending_.front()->sent_at > patience;
}

void Connection::close(const Error& why) {
  if (closed_) return;
  closed_ = why;
  stream_->close();
  write_wakeup_.set();
  setup_.traffic->requests_failed += pending_.size();
  for (Pending* pending : pending_) pending->wakeup.set();
  pending_.clear();
  outgoing_.clear();
  sent_.notify_all();
  if (callback_) callback_(context_, *closed_);
}

std::string Connection::encode(const RequestRef& request, std::int16_t version, std::int32_t correlation_id) const {
  auto frame = request.encode(request.message, version, correlation_id, protocol::string(setup_.client_id));
  if (!frame) {
    throw Error(Error::Stage::protocol, fmt::format("encode {} v{}", api_name(request.api_key), version), setup_.with,
                frame.error().path + ": " + frame.error().what);
  }
  return std::move(*frame);
}

std::int16_t Connection::pick_version(const RequestRef& request) const {
  const std::int16_t version = versions.pick(request.api_key, request.version_min, request.version_max);
  if (version >= 0) return version;
  const auto [low, high] = versions.range(request.api_key);
  Error error(Error::Stage::version, "call " + api_name(request.api_key), setup_.with,
              low < 0 ? "the broker does not offer it"
                      : fmt::format("the broker speaks versions {} to {}, this client {} to {}", low, high,
                                    request.version_min, request.version_max));
  error.code(protocol::ErrorCode::unsupported_version);
  error.hint("the broker's release is outside of what this client supports for this request");
  throw error;
}

asio::awaitable<Reply> Connection::exchange(const RequestRef& request, std::int16_t version,
                                            runtime::TimePoint deadline) {
  if (closed_) throw *closed_;
  if (muted()) co_await wait_while_muted(request.api_key, deadline);
  Pending pending(setup_.runtime.clock());
  pending.correlation_id = next_correlation_id();
  pending.api_key = request.api_key;
  pending.version = version;
  std::string frame = encode(request, version, pending.correlation_id);
  pending_.push_back(&pending);
  pending.sent_at = setup_.runtime.clock().now();
  setup_.traffic->sent(pending.api_key);
  send(std::move(frame));

  const bool in_time = co_await pending.wakeup.wait_until(deadline);
  if (pending.done) co_return std::move(pending.reply);
  if (!closed_ && !in_time) {
    Error late(Error::Stage::timeout, "get an answer to " + api_name(pending.api_key), setup_.with,
               "no answer before the request timeout");
    late.hint("the broker may be overloaded or paused, or something between drops packets");
    ++setup_.traffic->requests_timed_out;
    close(late);
  }
  throw *closed_;
}

asio::awaitable<void> Connection::send_unanswered(const RequestRef& request, std::int16_t version,
                                                  runtime::TimePoint deadline) {
  if (closed_) throw *closed_;
  const std::int16_t api_key = request.api_key;
  if (muted()) co_await wait_while_muted(api_key, deadline);
  std::string frame = encode(request, version, next_correlation_id());
  setup_.traffic->sent(api_key);
  send(std::move(frame));
  const std::uint64_t mine = frames_queued_;
  bool in_time = true;
  while (!closed_ && frames_sent_ < mine && in_time) in_time = co_await sent_.wait_until(deadline);
  if (frames_sent_ >= mine) co_return;
  if (!closed_) {
    Error late(Error::Stage::timeout, "send " + api_name(api_key), setup_.with,
               "the broker took no more bytes before the request timeout");
    close(late);
  }
  throw *closed_;
}

void Connection::mute(std::int32_t ms) {
  const auto until = setup_.runtime.clock().now() + std::chrono::milliseconds(ms);
  muted_until_ = std::max(muted_until_, until);
  setup_.traffic->throttled(ms);
  if (!setup_.events) return;
  Event event(EventKind::throttled, Severity::info,
              fmt::format("{} throttles this client for {} ms (quota)", setup_.with, ms));
  event.node_id = setup_.node_id;
  event.count = ms;
  setup_.events->on_event(event);
}

asio::awaitable<void> Connection::wait_while_muted(std::int16_t api_key, runtime::TimePoint deadline) {
  ++waiting_;
  bool in_time = true;
  while (!closed_ && muted() && in_time) {
    const auto until = std::min(muted_until_, deadline);
    co_await sent_.wait_until(until);
    in_time = setup_.runtime.clock().now() < deadline;
  }
  --waiting_;
  if (closed_) throw *closed_;
  if (!muted()) co_return;
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(muted_until_ - setup_.runtime.clock().now()).count();
  Error throttled(Error::Stage::timeout, "send " + api_name(api_key), setup_.with,
                  fmt::format("the broker throttles this client for another {} ms", left));
  throttled.hint("a quota for this user or client.id is used up: raise it, or ask for less");
  throw throttled;
}

void Connection::send(std::string frame) {
  last_used_ = setup_.runtime.clock().now();
  outgoing_.push_back(std::move(frame));
  ++frames_queued_;
  if (outgoing_.size() == 1) flush();
  if (!outgoing_.empty()) write_wakeup_.set();
}

void Connection::flush() {
  while (!outgoing_.empty() && !closed_) {
    const std::string& frame = outgoing_.front();
    const auto result = stream_->try_write(std::span(frame).subspan(outgoing_at_));
    if (result.status == runtime::IoResult::Status::would_block) return;
    if (result.status != runtime::IoResult::Status::ok) {
      hung_up_ = true;
      Error error(Error::Stage::connect, "send a request", setup_.with,
                  result.error ? result.error.message() : "the connection was closed");
      close(error.retriable(true));
      return;
    }
    outgoing_at_ += result.bytes;
    setup_.traffic->bytes_sent += result.bytes;
    if (outgoing_at_ == frame.size()) {
      outgoing_.pop_front();
      outgoing_at_ = 0;
      ++frames_sent_;
      sent_.notify_all();
    }
  }
}

asio::awaitable<void> Connection::write_loop(std::shared_ptr<Connection> self) {
  while (!self->closed_) {
    co_await self->write_wakeup_.wait();
    while (!self->closed_ && !self->outgoing_.empty()) {
      co_await self->stream_->writable();
      self->flush();
    }
  }
}

asio::awaitable<bool> Connection::read_exactly(std::span<char> into) {
  while (!into.empty() && !closed_) {
    const auto result = stream_->try_read(into);
    switch (result.status) {
      case runtime::IoResult::Status::ok: into = into.subspan(result.bytes); break;
      case runtime::IoResult::Status::would_block: co_await stream_->readable(); break;
      default: {
        hung_up_ = true;
        const std::string cause = result.error ? result.error.message() : "the broker closed the connection";
        if (!answered_once_ && !pending_.empty()) {
          close(diagnose_early_end(setup_.with, cause));
        } else {
          Error error(Error::Stage::connect, "read from the broker", setup_.with, cause);
          close(error.retriable(true));
        }
        co_return false;
      }
    }
  }
  co_return !closed_;
}

asio::awaitable<void> Connection::read_loop(std::shared_ptr<Connection> self) {
  while (!self->closed_) {
    char length_bytes[4];
    const std::span<char> length_span(length_bytes);
    if (!co_await self->read_exactly(length_span)) break;
    const std::int32_t length = read_int32(length_bytes);
    if (length < 4 || length > self->setup_.frame_bytes_max) {
      self->close(diagnose_length(length, self->setup_.frame_bytes_max, "read a response", self->setup_.with));
      break;
    }
    BlockRef block = self->setup_.pool.take(static_cast<std::size_t>(length));
    const std::span<char> body(block.data(), static_cast<std::size_t>(length));
    if (!co_await self->read_exactly(body)) break;
    if (!self->take_frame(std::move(block), body.size())) break;
  }
}

bool Connection::take_frame(BlockRef block, std::size_t bytes) {
  const std::int32_t correlation_id = read_int32(block.data());
  if (pending_.empty() || pending_.front()->correlation_id != correlation_id) {
    Error stray(Error::Stage::protocol, "match a response to its request", setup_.with,
                fmt::format("correlation id {} was not asked for", correlation_id));
    // The next connection begins afresh.
    close(stray.retriable(true));
    return false;
  }
  Pending& pending = *pending_.front();
  const protocol::bytes frame(block.data(), bytes);
  auto header =
      protocol::decode_response_header(frame, protocol::response_header_version(pending.api_key, pending.version));
  if (!header) {
    close(Error(Error::Stage::protocol, "decode the response header of " + api_name(pending.api_key), setup_.with,
                header.error().what));
    return false;
  }
  pending_.pop_front();
  answered_once_ = true;
  last_used_ = setup_.runtime.clock().now();
  setup_.traffic->answered(pending.api_key, last_used_ - pending.sent_at, bytes + sizeof(std::int32_t));
  pending.reply.body = frame.subspan(header->body_at);
  const std::int32_t pause_ms = throttle_ms(pending.api_key, pending.version, pending.reply.body);
  if (pause_ms > 0) mute(pause_ms);
  pending.reply.block = std::move(block);
  pending.reply.version = pending.version;
  pending.reply.node_id = setup_.node_id;
  pending.reply.peer = setup_.with;
  pending.done = true;
  pending.wakeup.set();
  return true;
}

}  // namespace barnabas::client
