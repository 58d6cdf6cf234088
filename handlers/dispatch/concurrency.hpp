// `thread = N`: N long-lived coroutines that take work items from strands. Items of one strand are begun in the order
// they were put; with an ordering, each strand has one coroutine, so that they also end in that order.
#pragma once

#include <asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "barnabas/client/runtime/runtime.hpp"
#include "barnabas/client/runtime/tasks.hpp"
#include "barnabas/client/runtime/wakeup.hpp"
#include "barnabas/handlers/dispatch/ordering.hpp"

namespace barnabas::handlers {

/// Which strand a record belongs to. Any thread.
class StrandMap {
 public:
  StrandMap(std::size_t thread, Ordering ordering) : ordering_(ordering), thread_(thread) {}

  std::size_t strands() const { return ordering_ == Ordering::none ? 1 : thread_; }
  std::size_t threads_of_strand() const { return ordering_ == Ordering::none ? thread_ : 1; }
  /// Whether the key has a say; else partition_strand() is the whole answer.
  bool by_key() const { return ordering_ == Ordering::key && thread_ > 1; }
  std::size_t partition_strand(std::string_view topic, std::int32_t partition) const;
  std::size_t key_strand(std::size_t partition_strand, std::span<const char> key) const;

 private:
  Ordering ordering_;
  std::size_t thread_;
};

/// The queues and the coroutines that serve them. Loop thread only.
template <class Item>
class Concurrency {
 public:
  /// Finishes one item; must not throw.
  using Work = std::function<asio::awaitable<void>(Item&)>;

  Concurrency(runtime::Runtime& runtime, StrandMap map, Work work, runtime::TaskGroup::OnFailure on_failure)
      : map_(map),
        work_(std::move(work)),
        clock_(runtime.clock()),
        became_idle_(runtime.clock()),
        tasks_(runtime, std::move(on_failure)) {
    for (std::size_t i = 0; i < map_.strands(); ++i) strands_.emplace_back(runtime.clock());
  }

  const StrandMap& map() const { return map_; }

  void start() {
    for (std::size_t strand = 0; strand < map_.strands(); ++strand) {
      for (std::size_t i = 0; i < map_.threads_of_strand(); ++i) {
        tasks_.spawn("strand " + std::to_string(strand), serve(strands_[strand]));
      }
    }
  }

  /// Whether a strand wants another item: one waits for each of its coroutines at most. put() may go beyond it by what
  /// was taken already; whoever can wait does so.
  bool has_room(std::size_t strand) const { return strands_[strand].items.size() < map_.threads_of_strand(); }
  void put(std::size_t strand, Item item) {
    strands_[strand].items.push_back(std::move(item));
    strands_[strand].arrived.notify_all();
  }
  /// Waits for its turn to look at has_room() again, first come first served; also woken by wake_all(). Whoever was
  /// woken calls pass_on() when it is done, so that room which it left is not slept over.
  asio::awaitable<void> room(std::size_t strand) {
    pass_on();
    runtime::Wakeup woken(clock_);
    strands_[strand].waiters.push_back(&woken);
    co_await woken.wait();
  }
  void pass_on() noexcept {
    for (std::size_t i = 0; i < strands_.size(); ++i) {
      if (has_room(i)) wake_one(strands_[i]);
    }
  }
  void wake_all() noexcept {
    for (Strand& strand : strands_) {
      while (!strand.waiters.empty()) wake_one(strand);
    }
  }

  /// No item waits and none is under way.
  bool idle() const { return under_way_ == 0 && waiting() == 0; }
  std::size_t under_way() const { return under_way_; }
  std::size_t waiting() const {
    std::size_t items = 0;
    for (const Strand& strand : strands_) items += strand.items.size();
    return items;
  }
  /// Waits for idle(); false when `deadline` passed first.
  asio::awaitable<bool> idle_by(runtime::TimePoint deadline) {
    while (!idle()) {
      const bool woken = co_await became_idle_.wait_until(deadline);
      if (!woken) co_return idle();
    }
    co_return true;
  }

  /// Ends the coroutines once their strands are empty, and waits for them. The work must see to it that it ends.
  asio::awaitable<void> stop() {
    stopping_ = true;
    for (Strand& strand : strands_) strand.arrived.notify_all();
    co_await tasks_.join();
  }

 private:
  struct Strand {
    explicit Strand(runtime::Clock& clock) : arrived(clock) {}
    std::deque<Item> items;
    std::deque<runtime::Wakeup*> waiters;
    runtime::Broadcast arrived;
  };

  asio::awaitable<void> serve(Strand& strand) {
    while (true) {
      if (strand.items.empty()) {
        if (stopping_) co_return;
        co_await strand.arrived.wait();
        continue;
      }
      Item item = std::move(strand.items.front());
      strand.items.pop_front();
      ++under_way_;
      wake_one(strand);
      co_await work_(item);
      --under_way_;
      if (idle()) became_idle_.notify_all();
    }
  }

  static void wake_one(Strand& strand) noexcept {
    if (strand.waiters.empty()) return;
    strand.waiters.front()->set();
    strand.waiters.pop_front();
  }

  StrandMap map_;
  Work work_;
  runtime::Clock& clock_;
  runtime::Broadcast became_idle_;
  std::deque<Strand> strands_;
  std::size_t under_way_ = 0;
  bool stopping_ = false;
  runtime::TaskGroup tasks_;
};

}  // namespace barnabas::handlers
