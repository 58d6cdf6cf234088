#include "barnabas/group/ask.hpp"

#include <fmt/core.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>

namespace barnabas::group {

asio::awaitable<void> Exchange::send(std::shared_ptr<Exchange> self, client::Target target,
                                     runtime::TimePoint deadline) {
  try {
    self->reply_ = co_await self->client_.exchange(self->ref, target, deadline);
  } catch (const Error& error) {
    self->error_.emplace(error);
  } catch (const std::exception& error) {
    self->error_.emplace(Error::Stage::protocol, "", "", error.what());
  }
  self->finished_ = true;
  self->life_->news.notify_all();
}

asio::awaitable<void> Exchange::run(client::Target target, runtime::TimePoint deadline, std::string attempted,
                                    bool when_stopping) {
  const auto self = shared_from_this();
  ref.message = this;
  ref.encode = [](const void* exchange, std::int16_t version, std::int32_t correlation_id,
                  protocol::nullable<protocol::string> client_id) {
    return static_cast<const Exchange*>(exchange)->encode(version, correlation_id, client_id);
  };
  asio::co_spawn(client_.runtime().executor(), send(self, target, deadline), asio::detached);
  bool in_time = true;
  while (!finished_ && in_time && (when_stopping || !life_->stopping)) {
    in_time = co_await life_->news.wait_until(deadline);
  }
  if (error_) {
    Error error(error_->stage(), std::move(attempted), error_->with(), error_->cause());
    error.code(error_->code()).hint(error_->hint()).retriable(error_->retriable());
    throw error;
  }
  if (finished_) co_return;
  const std::string with = target.kind == client::Target::Kind::node ? client_.describe(target.node_id) : "any broker";
  if (life_->stopping && !when_stopping) {
    Error closed(Error::Stage::closed, std::move(attempted), with, "the consumer is closing");
    throw closed;
  }
  Error late(Error::Stage::timeout, std::move(attempted), with, "no answer in time");
  late.retriable(true);
  throw late;
}

void throw_undecodable(const client::Reply& reply, const std::string& attempted, const protocol::DecodeError& error) {
  throw Error(Error::Stage::protocol, attempted, reply.peer,
              fmt::format("the answer (version {}) makes no sense: {} at byte {}, field {}", reply.version, error.what,
                          error.offset, error.path));
}

}  // namespace barnabas::group
