#include "barnabas/client/cluster/canonical.hpp"

#include <algorithm>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>

namespace barnabas::client {

void CanonicalSearch::start(std::shared_ptr<CanonicalSearch> self, std::vector<runtime::Endpoint> servers,
                            runtime::Duration limit) {
  const auto executor = self->runtime_.executor();
  asio::co_spawn(executor, run(std::move(self), std::move(servers), limit), asio::detached);
}

asio::awaitable<void> CanonicalSearch::run(std::shared_ptr<CanonicalSearch> self,
                                           std::vector<runtime::Endpoint> servers, runtime::Duration limit) {
  for (const runtime::Endpoint& server : servers) {
    const auto deadline = self->runtime_.clock().now() + limit;
    co_await self->look_up(server, deadline);
  }
  self->finished_ = true;
  self->finished_now_.notify_all();
}

asio::awaitable<void> CanonicalSearch::look_up(runtime::Endpoint server, runtime::TimePoint deadline) {
  runtime::Dialer& dialer = runtime_.dialer();
  auto addresses = co_await dialer.resolve(server, deadline);
  if (!addresses) {
    all_found_ = false;
    add(server);  // connecting says why
    co_return;
  }
  for (const runtime::Address& address : *addresses) {
    auto name = co_await dialer.canonical_name(address, deadline);
    add(runtime::Endpoint(name ? *name : address.ip, address.port));
  }
}

void CanonicalSearch::add(runtime::Endpoint host) {
  if (std::find(hosts_.begin(), hosts_.end(), host) == hosts_.end()) hosts_.push_back(std::move(host));
}

}  // namespace barnabas::client
