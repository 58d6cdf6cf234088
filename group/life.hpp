// Whether a consumer still lives, and the one signal on which all of its loops look again.
#pragma once

#include <asio/awaitable.hpp>
#include <memory>

#include "barnabas/client/runtime/clock.hpp"
#include "barnabas/client/runtime/wakeup.hpp"

namespace barnabas::group {

/// Shared by the consumer's coroutines and by requests that may outlive it. Loop thread only. There is one signal for
/// everything, so no wake-up can go to the wrong waiter: whoever waits checks its own condition in a loop.
struct Life {
  explicit Life(runtime::Clock& consumer_clock) : clock(consumer_clock), news(consumer_clock) {}

  void stop() {
    stopping = true;
    news.notify_all();
  }

  runtime::Clock& clock;
  runtime::Broadcast news;
  bool stopping = false;
  /// Somebody joins or commits. A commit between Join and Sync would meet REBALANCE_IN_PROGRESS or ILLEGAL_GENERATION.
  bool group_talk = false;
};

/// Returns at `when`, or as soon as the consumer stops.
asio::awaitable<void> sleep_until(std::shared_ptr<Life> life, runtime::TimePoint when);

/// Runs `talk` while nobody else joins or commits. False, without having run it, when its turn had not come by
/// `deadline`. Passes on what `talk` throws.
asio::awaitable<bool> talk_alone(std::shared_ptr<Life> life, runtime::TimePoint deadline, asio::awaitable<void> talk);

}  // namespace barnabas::group
