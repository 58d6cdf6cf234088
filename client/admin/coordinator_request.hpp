// A request to the coordinator of a group, sent again when the coordinator has moved or is not ready yet.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "barnabas/client/client.hpp"
#include "barnabas/client/cluster/backoff.hpp"
#include "barnabas/client/cluster/connection.hpp"

namespace barnabas::client {

/// Everything about such a request.
template <class Request>
struct CoordinatorRequest {
  using Response = typename Request::Response;
  CoordinatorRequest(std::string group_id, std::string what) : group(std::move(group_id)), attempted(std::move(what)) {}
  std::string group;
  std::string attempted;  ///< completes "could not …"
  /// Builds the request for `version`; lists go into `arena`, strings point to what the closure owns.
  std::function<Request(std::int16_t version, protocol::Arena& arena)> build;
  /// The code that is about the whole group.
  std::function<protocol::ErrorCode(const Response&, std::int16_t version)> error_of;
  std::int16_t version_cap = 0x7fff;
  std::string since;  ///< "Kafka 2.4": the first that has this request, for those that do not
};

/// Whether to ask again, perhaps somebody else.
bool concerns_coordinator(protocol::ErrorCode code);
/// What is thrown where the broker is too old for a request.
Error too_old(const Error& failure, std::string attempted, const std::string& since);
/// Waits before the next attempt. Throws `failure` when there is no sense in one, or no time.
asio::awaitable<void> pause_or_throw(Client& client, Backoff& backoff, const Error& failure,
                                     runtime::TimePoint deadline);

template <class Request>
asio::awaitable<Decoded<typename Request::Response>> ask_coordinator_once(Client& client,
                                                                          const CoordinatorRequest<Request>& what,
                                                                          runtime::TimePoint deadline) {
  std::string group = what.group;
  const Target target = co_await client.coordinator(Client::CoordinatorKind::group, std::move(group), deadline);
  auto connection = co_await client.connection(target, deadline);
  static const Request shape;
  const RequestRef ref = RequestRef::of(shape, what.version_cap);
  const std::int16_t version = connection->pick_version(ref);
  protocol::Arena arena;
  const Request request = what.build(version, arena);
  co_return co_await client.call(request, target, deadline, version);
}

/// Asks until the answer is the group's and not the coordinator's. Throws Error; codes of single partitions or groups
/// in the answer are the caller's to read. Loop thread only.
template <class Request>
asio::awaitable<Decoded<typename Request::Response>> ask_coordinator(Client& client, CoordinatorRequest<Request> what,
                                                                     runtime::TimePoint deadline) {
  Backoff backoff(client.options().retry_backoff_ms, client.options().retry_backoff_max_ms);
  while (true) {
    std::unique_ptr<Error> failure;
    try {
      auto answer = co_await ask_coordinator_once(client, what, deadline);
      const protocol::ErrorCode code = what.error_of(answer.value, answer.version);
      if (!concerns_coordinator(code)) co_return std::move(answer);
      failure = std::make_unique<Error>(broker_error(code, what.attempted, client.describe(answer.node_id)));
    } catch (const Error& error) {
      failure = std::make_unique<Error>(error);
    }
    const bool old = failure->stage() == Error::Stage::version && !what.since.empty();
    if (old) throw too_old(*failure, what.attempted, what.since);
    co_await pause_or_throw(client, backoff, *failure, deadline);
  }
}

}  // namespace barnabas::client
