// What happens to records: the interface that every handler implements and the dispatch engine drives.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <string>

#include "barnabas/client/runtime/clock.hpp"
#include "barnabas/group/lane.hpp"

namespace barnabas::handlers {

/// Counts since the start. Read by progress lines and metrics.
struct HandlerStats {
  std::uint64_t records = 0;    ///< taken from turns
  std::uint64_t bytes = 0;      ///< their value lengths
  std::uint64_t delivered = 0;  ///< acknowledged after success
  std::uint64_t dropped = 0;    ///< acknowledged without delivery; each with a record_dropped event
  std::uint64_t retries = 0;    ///< attempts after the first
  std::uint64_t in_flight = 0;  ///< taken, neither delivered nor dropped
  std::uint64_t requests = 0;
};

/// Loop thread only. Everything taken from a turn is acknowledged exactly once, after it was delivered or dropped.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual const std::string& name() const = 0;
  virtual asio::awaitable<void> start() { co_return; }
  /// Takes all records of the turn: walks it to its end and returns when it is ready for more of this partition.
  /// Waiting here is the back-pressure: this partition stops, others go on. Calls for different partitions overlap.
  /// Where it would have to wait for a turn that is leaving(), it returns early instead. Only a closed handler takes
  /// nothing.
  virtual asio::awaitable<void> handle(group::Turn& turn) = 0;
  /// Sends what is gathered without waiting for it to fill up, for a partition that leaves or for shutdown.
  virtual void flush() {}
  /// Delivers or gives up everything in hand by `deadline`; handle() calls that wait return. Nothing is acknowledged
  /// that was not delivered.
  virtual asio::awaitable<void> close(runtime::TimePoint deadline) = 0;
  virtual const HandlerStats& stats() const = 0;
};

}  // namespace barnabas::handlers
