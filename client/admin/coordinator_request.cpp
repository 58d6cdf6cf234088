#include "barnabas/client/admin/coordinator_request.hpp"

namespace barnabas::client {

using protocol::ErrorCode;

bool concerns_coordinator(ErrorCode code) {
  return code == ErrorCode::not_coordinator || code == ErrorCode::coordinator_not_available ||
         code == ErrorCode::coordinator_load_in_progress;
}

Error too_old(const Error& failure, std::string attempted, const std::string& since) {
  Error error(Error::Stage::version, std::move(attempted), failure.with(), failure.cause());
  return error.code(failure.code()).hint("brokers can do this from " + since + " on");
}

asio::awaitable<void> pause_or_throw(Client& client, Backoff& backoff, const Error& failure,
                                     runtime::TimePoint deadline) {
  const auto until = client.now() + backoff.next(client.runtime().random());
  if (client.closing() || !failure.retriable() || until >= deadline) throw Error(failure);
  while (!client.closing() && client.now() < until) co_await client.metadata_changed(until);  // which closing ends
}

}  // namespace barnabas::client
