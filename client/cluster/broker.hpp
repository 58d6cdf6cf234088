// One broker: who it is, how to reach it, and its connections by class. Identity is the node id; addresses change.
#pragma once

#include <array>
#include <asio/awaitable.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "barnabas/client/client.hpp"
#include "barnabas/client/cluster/backoff.hpp"
#include "barnabas/client/cluster/connection.hpp"
#include "barnabas/client/cluster/diagnose.hpp"
#include "barnabas/client/cluster/greeting.hpp"

namespace barnabas::client {

/// What brokers share of their client. Null pointers after shutdown: attempts still under way then touch nothing.
struct BrokerContext {
  runtime::Runtime& runtime;
  const ClientOptions& options;
  EventSink& events;
  BlockPool& pool;
  runtime::TaskGroup& tasks;
  BrokerVersion oldest = BrokerVersion::automatic;             ///< of the brokers met so far that could not be asked
  std::map<std::int32_t, std::shared_ptr<Traffic>> traffic{};  ///< by node id, for ever: counters only grow
};

/// Loop thread only. Held by shared_ptr, since a dial under way cannot be called back and must find something to land
/// on.
class Broker : public std::enable_shared_from_this<Broker> {
 public:
  /// `node_id` is negative for a bootstrap server that has not told its id.
  Broker(BrokerContext& context, std::int32_t node_id, runtime::Endpoint endpoint);
  ~Broker();

  /// The open connection of a class; opens one when needed, for all who wait together. Throws the cause of the attempt
  /// that failed, or timeout.
  asio::awaitable<std::shared_ptr<Connection>> connection(ConnectionClass connection_class,
                                                          runtime::TimePoint deadline);
  /// Null when there is none open now.
  std::shared_ptr<Connection> open_connection(ConnectionClass connection_class) const;
  /// True while an open connection of this class leaves requests unanswered.
  bool silent(ConnectionClass connection_class) const;
  /// True while the last attempt failed and its pause is not over.
  bool backing_off(ConnectionClass connection_class) const;

  /// True when nothing is open and the last attempt for control work failed then or later.
  bool unreachable_since(runtime::TimePoint when) const;

  /// Whoever waits for a connection of this class is sent away with Stage::closed.
  void interrupt(ConnectionClass connection_class);

  void set_endpoint(runtime::Endpoint endpoint);
  const runtime::Endpoint& endpoint() const { return endpoint_; }
  std::int32_t node_id() const { return node_id_; }
  /// "broker 2 at 10.0.0.7:9092", "bootstrap server kafka1:9092".
  std::string with() const;
  const VersionTable& versions() const { return versions_; }
  Traffic& traffic() { return *traffic_; }
  BrokerStatistics statistics() const;
  void close_idle(runtime::TimePoint unused_since);
  /// For good: whoever waits for a connection or an answer, and whoever asks later, gets `cause`; with Stage::closed
  /// when the client ends, with Stage::connect when another Broker takes over.
  void shutdown(std::string cause, bool client_ends);

 private:
  struct Slot {
    explicit Slot(const ClientOptions& options)
        : backoff(options.reconnect_backoff_ms, options.reconnect_backoff_max_ms) {}
    std::shared_ptr<Connection> connection;
    std::shared_ptr<Connection> greeting;  ///< still negotiating versions
    std::shared_ptr<Error> failure;
    std::uint64_t attempts = 0;  ///< finished ones
    std::uint64_t interrupts = 0;
    bool opening = false;
    ConnectStep step = ConnectStep::pause;
    runtime::TimePoint not_before{};
    runtime::TimePoint failed_at{};
    Backoff backoff;
    std::unique_ptr<runtime::Broadcast> changed;
  };
  Slot& slot(ConnectionClass c) { return slots_[static_cast<std::size_t>(c)]; }
  const Slot& slot(ConnectionClass c) const { return slots_[static_cast<std::size_t>(c)]; }
  asio::awaitable<void> open(ConnectionClass connection_class);
  asio::awaitable<std::shared_ptr<Error>> try_open(ConnectionClass connection_class);
  asio::awaitable<std::shared_ptr<Error>> try_address(ConnectionClass connection_class, runtime::Address address);
  asio::awaitable<void> greet(std::shared_ptr<Connection> connection, Greeting greeting, runtime::TimePoint deadline);
  asio::awaitable<void> probe(std::shared_ptr<Connection> connection, runtime::TimePoint deadline);
  void remember(Greeting worked);
  runtime::TimePoint greeting_deadline(Greeting greeting) const;
  asio::awaitable<void> negotiate(std::shared_ptr<Connection> connection, std::int16_t version,
                                  runtime::TimePoint deadline);
  runtime::TimePoint connect_deadline() const;
  void opened(ConnectionClass connection_class, std::shared_ptr<Connection> connection, const std::string& peer);
  void attempt_failed(ConnectionClass connection_class, std::shared_ptr<Error> failure);
  static void lost(void* self, const Error& why);

  BrokerContext* context_;
  std::int32_t node_id_;
  runtime::Endpoint endpoint_;
  std::vector<Slot> slots_;
  VersionTable versions_;
  std::optional<Greeting> greeting_;  ///< what worked the last time
  std::size_t next_address_ = 0;
  std::shared_ptr<Traffic> traffic_;  ///< of this node id, also through a new start from the bootstrap servers
};

}  // namespace barnabas::client
