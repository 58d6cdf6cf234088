// A simulated cluster and members of a group in it, whose every step is held against the invariants.
#pragma once

#include <asio/awaitable.hpp>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "barnabas/client/client.hpp"
#include "barnabas/client/runtime/tasks.hpp"
#include "barnabas/fixtures/broker/broker.hpp"
#include "barnabas/fixtures/sim/invariants.hpp"
#include "barnabas/fixtures/sim/sim_runtime.hpp"
#include "barnabas/group/consumer.hpp"

namespace barnabas::group::testing {

using client::EventKind;
using client::TopicPartition;
using fixtures::broker::Fault;
using fixtures::broker::FaultTarget;
using protocol::ApiKey;
using protocol::ErrorCode;
using std::chrono::milliseconds;
using std::chrono::seconds;

class World {
 public:
  explicit World(std::uint64_t seed = 1, int nodes = 1, fixtures::broker::BrokerOptions broker_options = {});
  World(fixtures::sim::SimOptions options, int nodes, fixtures::broker::BrokerOptions broker_options);

  /// Runs `main` and then checks that nothing was violated. Throws what main throws.
  void run(std::function<asio::awaitable<void>()> main);
  asio::awaitable<void> sleep(runtime::Duration duration);
  /// Polls until `condition` (which captures references only) holds; throws std::runtime_error naming `what` after a
  /// minute.
  template <class Condition>
  asio::awaitable<void> until(Condition condition, const char* what) {
    for (int polls = 0; !condition(); ++polls) {
      if (polls == 3000) throw std::runtime_error(std::string("never came: ") + what);
      co_await sleep(milliseconds(20));
    }
  }

  /// Appends `count` records to the partition, in batches of `batch`; they must all be delivered by the end.
  void produce(const std::string& topic, std::int32_t partition, int count, int batch = 10);
  std::int64_t committed(const std::string& topic, std::int32_t partition) const {
    return broker.committed("g", topic, partition);
  }

  fixtures::sim::SimRuntime sim;
  fixtures::sim::Invariants invariants;
  fixtures::broker::Broker broker;
  runtime::TaskGroup tasks;
};

ConsumerOptions consumer_options();
/// A batch of one record, for Broker::append().
protocol::bytes one_record();

/// One consumer on a machine of its own that takes turns, works on them for a while and acknowledges.
class Member final : public client::EventSink {
 public:
  Member(World& world, std::string name, std::string ip, ConsumerOptions options = consumer_options());
  ~Member() override;

  asio::awaitable<void> start(const char* topic);
  asio::awaitable<void> connect();
  /// Serves turns until the consumer says that there are no more; spawned by start().
  asio::awaitable<void> serve();
  asio::awaitable<void> stop(runtime::Duration limit = seconds(10));

  int count(EventKind kind) const;
  /// Text of the last event of that kind; empty when there was none.
  std::string last(EventKind kind) const;
  std::size_t partitions() const { return consumer->lanes().size(); }
  void on_event(const client::Event& event) noexcept override;

  World& world;
  std::string name;
  runtime::Runtime& machine;
  std::unique_ptr<client::Client> client;
  std::unique_ptr<Consumer> consumer;
  runtime::Duration work{};    ///< time that a turn takes
  bool working_aside = false;  ///< the next turn is taken at once; work ends in any order, each up to `work` long
  bool stuck = false;          ///< turns never end while this holds
  std::uint64_t records = 0;
  std::map<TopicPartition, std::vector<std::int64_t>> delivered;
  std::vector<client::Event> events;

 private:
  struct Batch {
    TopicPartition partition;
    int assignment = 0;
    std::int64_t first = 0, end = 0;
    std::vector<std::int64_t> offsets;
    Acker acker;
  };
  void finish(const Batch& batch);
  asio::awaitable<void> finish_later(std::shared_ptr<Batch> batch, runtime::Duration delay);

  std::map<TopicPartition, int> held_;
  int assignments_ = 0;
};

}  // namespace barnabas::group::testing
