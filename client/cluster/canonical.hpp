// The hosts behind bootstrap servers: client.dns.lookup=resolve_canonical_bootstrap_servers_only (KIP-235).
#pragma once

#include <asio/awaitable.hpp>
#include <memory>
#include <vector>

#include "barnabas/client/runtime/runtime.hpp"
#include "barnabas/client/runtime/wakeup.hpp"

namespace barnabas::client {

/// One look-up of all servers. Loop thread only. Goes on by itself when nobody waits any more, since a name server that
/// is silent cannot be called back.
class CanonicalSearch {
 public:
  explicit CanonicalSearch(runtime::Runtime& runtime) : runtime_(runtime), finished_now_(runtime.clock()) {}

  /// Takes up to `limit` for each server.
  static void start(std::shared_ptr<CanonicalSearch> self, std::vector<runtime::Endpoint> servers,
                    runtime::Duration limit);
  /// Until it is finished, `deadline` has passed or abandon() was called.
  asio::awaitable<void> wait_until(runtime::TimePoint deadline) { co_await finished_now_.wait_until(deadline); }
  void abandon() { finished_now_.notify_all(); }

  bool finished() const { return finished_; }
  /// False when a server's name could not be resolved.
  bool all_found() const { return all_found_; }
  /// Each host once: by its name, by its address when it has none, by the server's name when that has no address.
  const std::vector<runtime::Endpoint>& hosts() const { return hosts_; }

 private:
  static asio::awaitable<void> run(std::shared_ptr<CanonicalSearch> self, std::vector<runtime::Endpoint> servers,
                                   runtime::Duration limit);
  asio::awaitable<void> look_up(runtime::Endpoint server, runtime::TimePoint deadline);
  void add(runtime::Endpoint host);

  runtime::Runtime& runtime_;
  runtime::Broadcast finished_now_;
  bool finished_ = false;
  bool all_found_ = true;
  std::vector<runtime::Endpoint> hosts_;
};

}  // namespace barnabas::client
