// Looks after partitions from outside: deliveries that do not finish, and partitions that nobody fetches.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "barnabas/client/client.hpp"
#include "barnabas/client/fetch/fetcher.hpp"
#include "barnabas/group/lane.hpp"
#include "barnabas/group/life.hpp"
#include "barnabas/group/options.hpp"

namespace barnabas::group {

/// Reports what lasts too long, once each time it begins. Heartbeats know nothing of it: whether the connection lives
/// and whether handlers do are two questions. Loop thread only.
class Watch {
 public:
  using Lanes = std::vector<std::shared_ptr<Lane>>;
  using OnStalled = std::function<void(const Error&)>;

  /// `on_stalled` is called when stall.action is stop.
  Watch(client::Client& client, client::Fetcher& fetcher, std::shared_ptr<Life> life, const Lanes& lanes,
        const GroupOptions& options, OnStalled on_stalled)
      : client_(client),
        fetcher_(fetcher),
        life_(std::move(life)),
        lanes_(lanes),
        options_(options),
        on_stalled_(std::move(on_stalled)) {}

  asio::awaitable<void> run();
  /// Partitions whose deliveries stand still now.
  std::size_t stalled() const;

 private:
  struct Seen {
    std::int64_t position = -1;
    runtime::TimePoint moved_at{};    ///< or had nothing under way
    runtime::TimePoint fetched_at{};  ///< or need not be
    bool stalled = false, unfetched = false;
  };
  runtime::Duration period() const;
  void look();
  void look_at_deliveries(Lane& lane, Seen& seen);
  void look_at_fetching(const Lane& lane, Seen& seen);
  bool ought_to_be_fetched(const Lane& lane, const client::FetchStatus* status) const;

  client::Client& client_;
  client::Fetcher& fetcher_;
  std::shared_ptr<Life> life_;
  const Lanes& lanes_;
  const GroupOptions& options_;
  OnStalled on_stalled_;
  std::map<std::uint64_t, Seen> seen_;  // by assignment epoch
};

}  // namespace barnabas::group
