// A cluster, a writer and a group of members in a simulated world, whose every step is held against the invariants.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "barnabas/client/runtime/tasks.hpp"
#include "barnabas/client/runtime/wakeup.hpp"
#include "barnabas/fixtures/broker/broker.hpp"
#include "barnabas/fixtures/sim/invariants.hpp"
#include "barnabas/fixtures/sim/sim_runtime.hpp"
#include "barnabas/tests/sim/ledger.hpp"
#include "barnabas/tests/sim/member.hpp"
#include "barnabas/tests/sim/shape.hpp"
#include "barnabas/tests/sim/sink.hpp"
#include "barnabas/tests/sim/writer.hpp"

namespace barnabas::tests::sim {

class World {
 public:
  World(fixtures::sim::SimRuntime& runtime, std::uint64_t seed);
  ~World();

  /// Disorder, then calm, then the end. Throws at the first thing that is not as it should be.
  void run();

  /// Ends the run after the present step.
  void violated(const std::string& what);
  std::vector<runtime::Endpoint> bootstrap_servers() const;
  bool is_running(std::int32_t node) const;
  /// What was done, in a line.
  std::string summary() const;

  /// A place in the group: one process after the other.
  struct Place {
    explicit Place(runtime::Clock& clock) : news(clock) {}
    std::unique_ptr<Member> member;  // null between two lives
    int lives = 0;
    runtime::TimePoint next_life{};
    runtime::Broadcast news;
    bool silence_excused = false;  // heartbeats are not looked at
  };

  fixtures::sim::SimRuntime& sim;
  const Shape shape;
  fixtures::sim::Invariants invariants;
  fixtures::broker::Broker broker;
  std::unique_ptr<Ledger> ledger;
  std::unique_ptr<Sink> sink;
  runtime::TimePoint calm_at{};
  std::uint64_t next_lease = 1;
  std::vector<std::unique_ptr<Place>> places;

 private:
  asio::awaitable<void> live();
  void create_topics();
  asio::awaitable<void> populate(std::size_t place);
  void begin_life(std::size_t place);
  void restore_order();
  asio::awaitable<void> until_all_is_delivered();
  asio::awaitable<void> watch_heartbeats();
  void look_at_heartbeats();
  void check_step();
  void check_owners();

  bool group_changed_ = false;
  bool ending_ = false;
  std::vector<std::string> violations_;
  Writer writer_;
  runtime::TaskGroup writing_;
  runtime::TaskGroup members_;
  runtime::TaskGroup watching_;
};

}  // namespace barnabas::tests::sim
