// One process that consumes: client, consumer, engine, a Worker and a remote handler, on a machine of its own.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "barnabas/client/client.hpp"
#include "barnabas/client/runtime/wakeup.hpp"
#include "barnabas/fixtures/sim/sim_runtime.hpp"
#include "barnabas/group/consumer.hpp"
#include "barnabas/handlers/dispatch/engine.hpp"
#include "barnabas/handlers/remote/remote.hpp"
#include "barnabas/tests/sim/worker.hpp"

namespace barnabas::tests::sim {

class World;

/// Tells the world's invariants what it gets, takes and finishes.
///
/// A member that the broker has thrown out does not know it at once and goes on with its partitions while others begin
/// with them. That is Kafka, not a fault of the client; so what a member does with assignments that the broker does
/// not know of (any more) is left out of the invariants on assignments, and only held against the ledger.
class Member final : public client::EventSink, public WorkerWatch {
 public:
  Member(World& world, std::string name, std::string ip, const WorkerShape& shape, std::string instance_id);
  ~Member() override;
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;

  /// Connects, consumes until leave() or crash(), ends.
  asio::awaitable<void> live();
  /// Ends in good order, by this much time from now.
  void leave(runtime::Duration limit);
  /// Nothing that this process does reaches anybody from now on.
  void crash();
  void get_stuck_until(runtime::TimePoint when) { worker_.stuck_until(when); }

  const std::string& name() const { return name_; }
  const std::string& ip() const { return ip_; }
  bool ordered_to_end() const { return order_ != Order::live; }
  const std::string& member_id() const { return consumer_.member_id(); }
  std::int32_t generation() const { return consumer_.generation(); }
  /// As which it was given what it holds.
  const std::string& owner_id() const { return owner_id_; }
  bool holds_partitions() const { return !held_.empty(); }
  /// The broker has thrown it out.
  void disowned();

  // client::EventSink
  void on_event(const client::Event& event) noexcept override;
  // WorkerWatch
  std::uint64_t lease(const client::TopicPartition& partition) const override;
  void delivered(const client::TopicPartition& partition, const records::RecordView& record) override;
  void finished(const client::TopicPartition& partition, std::uint64_t lease, std::int64_t first,
                std::int64_t next) override;

 private:
  enum class Order : std::uint8_t { live, leave, crash };

  asio::awaitable<bool> connect();
  asio::awaitable<void> end(bool started);
  void check_in_time(runtime::TimePoint deadline, const char* what);
  bool is_known_with(const client::TopicPartition& partition) const;
  void on_assigned(const client::TopicPartition& partition);
  void on_given_up(const client::TopicPartition& partition);

  World& world_;
  std::string name_, ip_;
  fixtures::sim::SimHost& machine_;
  Worker worker_;
  handlers::Remote remote_;
  client::Client client_;
  group::Consumer consumer_;
  handlers::Engine engine_;
  Order order_ = Order::live;
  runtime::TimePoint end_by_{};
  runtime::Broadcast ordered_;
  std::map<client::TopicPartition, std::uint64_t> held_;  // as the broker knows it: partition to lease
  std::string owner_id_;
  bool disowned_ = false;
};

}  // namespace barnabas::tests::sim
