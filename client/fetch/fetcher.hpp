// Fetching: one loop for each broker that leads something, header-first, so that the next Fetch is on its way before
// the records of the last one are looked at.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "barnabas/client/client.hpp"
#include "barnabas/client/fetch/share.hpp"
#include "barnabas/client/positions.hpp"
#include "barnabas/client/topic_partition.hpp"

namespace barnabas::client {

/// Receives what a partition brings. Called on the loop; must not block or throw.
class FetchSink {
 public:
  virtual ~FetchSink() = default;
  virtual void on_share(Share share) = 0;
  /// The position was found or changed: start, reset, truncation, seek. `epoch` is the new fetch epoch: shares of older
  /// ones are stale.
  virtual void on_position(std::int64_t offset, std::uint64_t epoch) = 0;
  /// Waiting will not help: no committed offset and no reset policy, no authorisation, topic deleted.
  virtual void on_stopped(const Error& error) = 0;
  /// The end that add() was given stands at this offset; comes before the first share. -1: reading never ends.
  virtual void on_end(std::int64_t) {}
  /// Bytes waiting in the sink; above lane_bytes_max the partition is no longer asked for.
  virtual std::int64_t queued_bytes() const = 0;
};

/// Figures of one partition, for lag and reports. -1 while unknown.
struct FetchStatus {
  std::int64_t position = -1;  ///< provisional
  std::int64_t high_watermark = -1;
  std::int64_t last_stable_offset = -1;
  std::int64_t log_start_offset = -1;
  std::int32_t leader_id = -1;
  bool paused = false;
  std::int64_t end_offset = -1;  ///< where reading ends by itself
  std::uint64_t bytes = 0;       ///< of records received, compressed as they came
  std::uint64_t batches = 0;
  bool stopped = false;
  runtime::TimePoint asked_at{};  ///< when it was last in a Fetch, or in the session that one spoke for
};

/// Loop thread only.
class Fetcher {
 public:
  Fetcher(Client& client, FetchOptions options);
  ~Fetcher();

  /// Starts to fetch a partition that is not fetched yet. `sink` lives until remove().
  void add(const TopicPartition& partition, StartPosition start, FetchSink& sink,
           EndPosition end = EndPosition::never());
  /// Stops at once; nothing is given to its sink from here on.
  void remove(const TopicPartition& partition);
  /// Sets the position; what was fetched from the old one is stale. Raises the fetch epoch.
  void seek(const TopicPartition& partition, StartPosition start);
  void pause(const TopicPartition& partition);
  void resume(const TopicPartition& partition);
  /// The sink has room again, or nothing at all in hand.
  void wake(const TopicPartition& partition);
  /// Null when the partition is not fetched here.
  const FetchStatus* status(const TopicPartition& partition) const;

  /// Ends all loops and fetch sessions; returns by `deadline`.
  asio::awaitable<void> close(runtime::TimePoint deadline);
  const FetchOptions& options() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace barnabas::client
