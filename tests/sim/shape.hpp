// What one simulated world is made of: everything that a seed decides before the first event.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "barnabas/client/options.hpp"
#include "barnabas/client/produce/producer.hpp"
#include "barnabas/client/runtime/clock.hpp"
#include "barnabas/fixtures/broker/options.hpp"
#include "barnabas/fixtures/sim/sim_random.hpp"
#include "barnabas/group/options.hpp"
#include "barnabas/handlers/remote/options.hpp"

namespace barnabas::tests::sim {

inline constexpr const char* group_id = "castle";
inline constexpr const char* sink_url = "http://sink:8080";

struct TopicShape {
  std::string name;
  int partitions = 1;
  int records = 0;
  std::size_t value_bytes_max = 0;
  client::ProduceOptions produce;
  bool to_sink = false;  ///< records go to an HTTP endpoint through the remote handler, else to a Worker
};

/// How a Worker goes about its records.
struct WorkerShape {
  enum class Manner : std::uint8_t {
    prompt,     ///< takes a turn and acknowledges it at once
    slow,       ///< takes time over each turn
    halting,    ///< takes time between records, and looks whether the partition leaves
    scattered,  ///< acknowledges pieces of a turn later, in any order, and goes on meanwhile
  };
  Manner manner = Manner::prompt;
  runtime::Duration pause_max{};
  int stuck_one_in = 0;  ///< one pause in so many is `stuck` long; 0: none
  runtime::Duration stuck{};
};

struct Shape {
  explicit Shape(std::uint64_t world_seed);
  std::string text() const;

  std::uint64_t seed;
  fixtures::broker::BrokerOptions broker;
  bool by_name = false;  ///< brokers are found by a host name, else by address
  std::vector<std::string> bootstrap;
  std::vector<TopicShape> topics;
  std::vector<WorkerShape> members;
  bool static_members = false;
  bool consumer_protocol = false;  ///< the group is kept together by KIP-848
  client::ClientOptions client;
  group::ConsumerOptions consumer;
  handlers::RemoteOptions remote;
  bool sink_in_order = true;     ///< a partition's records must reach the sink in order the first time
  runtime::Duration disorder{};  ///< how long things go wrong
  int faults = 0;
};

}  // namespace barnabas::tests::sim
