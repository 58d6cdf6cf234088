// What goes wrong, when, and for how long: a schedule that the seed draws.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <string>

#include "barnabas/client/runtime/tasks.hpp"
#include "barnabas/fixtures/broker/faults.hpp"
#include "barnabas/fixtures/sim/sim_random.hpp"

namespace barnabas::tests::sim {

class World;
class Member;

/// Each fault begins at a time of its own before World::calm_at and has ended by then.
class Chaos {
 public:
  explicit Chaos(World& world);

  /// Returns when the last fault is over.
  asio::awaitable<void> run();

 private:
  struct Kind {
    int weight;
    asio::awaitable<void> (Chaos::*strike)();
  };
  static const Kind kinds[];
  asio::awaitable<void> strike_one();

  // Connections and addresses.
  asio::awaitable<void> cut_connections();
  asio::awaitable<void> cut_after_bytes();
  asio::awaitable<void> refuse_dials();
  asio::awaitable<void> part_network();
  asio::awaitable<void> slow_down();
  asio::awaitable<void> fail_name();
  // Brokers.
  asio::awaitable<void> kill_node();
  asio::awaitable<void> move_leaders();
  asio::awaitable<void> move_coordinator();
  asio::awaitable<void> load_coordinator();
  asio::awaitable<void> answer_errors();
  asio::awaitable<void> spoil_answers();
  bool may_come_late(const fixtures::broker::FaultTarget& target) const;
  asio::awaitable<void> reset_sessions();
  // Members and the sink.
  asio::awaitable<void> crash_member();
  asio::awaitable<void> leave_group();
  asio::awaitable<void> stick_handler();
  asio::awaitable<void> trouble_sink();

  /// Sleeps for a time in [low, high], or until the calm.
  asio::awaitable<void> last(int low_ms, int high_ms);
  asio::awaitable<void> back_later(std::size_t place, int high_ms);
  void trace(const std::string& what);
  std::int32_t any_node();
  /// Null when there is none just now.
  Member* any_member(std::size_t& place);
  std::string any_ip();
  int between(int low, int high);
  template <class T>
  T one_of(std::initializer_list<T> choices) {
    return choices.begin()[random_.below(choices.size())];
  }

  World& world_;
  fixtures::sim::SimRandom random_;
  runtime::TaskGroup strikes_;
};

}  // namespace barnabas::tests::sim
