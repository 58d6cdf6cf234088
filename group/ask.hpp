// A request whose sender may stop waiting: the exchange then goes on by itself and its answer is dropped.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "barnabas/client/client.hpp"
#include "barnabas/group/life.hpp"

namespace barnabas::group {

/// One request under way, without its type. It owns all it needs, so it may outlive whoever asked. Loop thread only.
class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  /// Encodes the request for the version that was agreed: several group requests differ in shape between versions.
  using Encode = std::function<std::expected<std::string, protocol::EncodeError>(
      std::int16_t version, std::int32_t correlation_id, protocol::nullable<protocol::string> client_id)>;

  Exchange(client::Client& client, std::shared_ptr<Life> life) : client_(client), life_(std::move(life)) {}

  client::RequestRef ref{};
  Encode encode;

  /// Waits for the answer. Throws Error: of the exchange, Stage::timeout at `deadline`, Stage::closed as soon as the
  /// consumer stops (unless `when_stopping`).
  asio::awaitable<void> run(client::Target target, runtime::TimePoint deadline, std::string attempted,
                            bool when_stopping);
  const client::Reply& reply() const { return reply_; }

 private:
  static asio::awaitable<void> send(std::shared_ptr<Exchange> self, client::Target target, runtime::TimePoint deadline);

  client::Client& client_;
  std::shared_ptr<Life> life_;
  client::Reply reply_;
  std::optional<Error> error_;
  bool finished_ = false;
};

/// An answer with what its views point into.
template <class Response>
struct Answer {
  Response value;
  std::int16_t version = -1;
  std::string peer;
  protocol::Arena arena;
  client::BlockRef block;
  const Response* operator->() const { return &value; }
};

[[noreturn]] void throw_undecodable(const client::Reply& reply, const std::string& attempted,
                                    const protocol::DecodeError& error);

/// Everything about a request but its content.
struct Ask {
  Ask(client::Client& c, std::shared_ptr<Life> l, std::string what)
      : client(c), life(std::move(l)), attempted(std::move(what)) {}
  client::Client& client;
  std::shared_ptr<Life> life;
  std::string attempted;  ///< completes "could not …"
  client::Target target;
  runtime::TimePoint deadline{};
  std::int16_t version_floor = 0, version_cap = 0x7fff;
  bool when_stopping = false;  ///< go on waiting although the consumer stops
};

/// Builds the request for `version`; lists go into `arena`, strings point to what the closure owns.
template <class Request>
using Build = std::function<Request(std::int16_t version, protocol::Arena& arena)>;

/// Sends and waits. Throws Error. Kafka's error codes inside the answer are the caller's to read. Loop thread only.
template <class Request>
asio::awaitable<std::unique_ptr<Answer<typename Request::Response>>> ask(const Ask& what, Build<Request> build) {
  using Response = typename Request::Response;
  const auto exchange = std::make_shared<Exchange>(what.client, what.life);
  static const Request shape;
  exchange->ref = client::RequestRef::of(shape, what.version_cap);
  exchange->ref.version_min = std::max(exchange->ref.version_min, what.version_floor);
  exchange->encode = [build = std::move(build)](std::int16_t version, std::int32_t correlation_id,
                                                protocol::nullable<protocol::string> client_id) {
    protocol::Arena arena;
    const Request request = build(version, arena);
    return protocol::encode_request(request, version, correlation_id, client_id);
  };
  std::string attempted = what.attempted;
  co_await exchange->run(what.target, what.deadline, std::move(attempted), what.when_stopping);
  const client::Reply& reply = exchange->reply();
  auto answer = std::make_unique<Answer<Response>>();
  auto value = protocol::decode<Response>(reply.body, reply.version, answer->arena, protocol::lenient);
  if (!value) throw_undecodable(reply, what.attempted, value.error());
  answer->value = *value;
  answer->version = reply.version;
  answer->peer = reply.peer;
  answer->block = reply.block;
  co_return answer;
}

}  // namespace barnabas::group
