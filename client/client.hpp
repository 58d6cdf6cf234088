// One handle on one cluster: connections, versions, metadata, and any request of protocol/ to any broker.
#pragma once

#include <algorithm>
#include <asio/awaitable.hpp>
#include <cstdint>
#include <expected>
#include <memory>
#include <set>
#include <string>

#include "barnabas/client/cluster/metadata.hpp"
#include "barnabas/client/error.hpp"
#include "barnabas/client/events.hpp"
#include "barnabas/client/fetch/block.hpp"
#include "barnabas/client/options.hpp"
#include "barnabas/client/runtime/runtime.hpp"
#include "barnabas/client/topic_partition.hpp"
#include "barnabas/protocol/arena.hpp"
#include "barnabas/protocol/codec.hpp"
#include "barnabas/protocol/frame.hpp"

namespace barnabas::client {

class Connection;
class MetricsSource;
struct ClientStatistics;

/// Called on the loop after each applied metadata response.
class MetadataListener {
 public:
  virtual ~MetadataListener() = default;
  virtual void metadata_applied() = 0;
};

/// A broker answers a connection's requests in order, so what may wait long gets a connection of its own.
enum class ConnectionClass : std::uint8_t {
  control,  ///< metadata, offsets, commits, heartbeats
  fetch,    ///< long polls
  group,    ///< JoinGroup and SyncGroup, which may wait for the rebalance timeout
  produce,
  telemetry,  ///< so that metrics can delay nothing and end nothing
};

/// Whom a request goes to.
struct Target {
  enum class Kind : std::uint8_t { any, node, controller };
  Kind kind = Kind::any;
  std::int32_t node_id = -1;
  ConnectionClass connection_class = ConnectionClass::control;

  static Target any() { return {}; }
  static Target controller() { return {Kind::controller, -1, ConnectionClass::control}; }
  static Target node(std::int32_t id, ConnectionClass c = ConnectionClass::control) { return {Kind::node, id, c}; }
};

/// A response with what its views point into.
template <class Message>
struct Decoded {
  Message value;
  std::int16_t version = -1;
  std::int32_t node_id = -1;
  std::unique_ptr<protocol::Arena> arena;
  BlockRef block;
  const Message* operator->() const { return &value; }
  const Message& operator*() const { return value; }
};

/// Any request of protocol/, without its type.
struct RequestRef {
  std::int16_t api_key;
  std::int16_t version_min, version_max;
  const void* message;
  std::expected<std::string, protocol::EncodeError> (*encode)(const void* message, std::int16_t version,
                                                              std::int32_t correlation_id,
                                                              protocol::nullable<protocol::string> client_id);

  template <class Request>
  static RequestRef of(const Request& request, std::int16_t version_cap = 0x7fff) {
    RequestRef ref;
    ref.api_key = static_cast<std::int16_t>(Request::api.key);
    constexpr auto versions = protocol::versions_of<Request>();
    ref.version_min = versions.min;
    ref.version_max = std::min(versions.max, version_cap);
    ref.message = &request;
    ref.encode = [](const void* message, std::int16_t version, std::int32_t correlation_id,
                    protocol::nullable<protocol::string> client_id) {
      return protocol::encode_request(*static_cast<const Request*>(message), version, correlation_id, client_id);
    };
    return ref;
  }
};

/// The raw answer: `body` is a view into `block`, behind the response header.
struct Reply {
  BlockRef block;
  protocol::bytes body;
  std::int16_t version = -1;
  std::int32_t node_id = -1;
  std::string peer;  ///< for error texts: "broker 2 at 10.0.0.7:9092"
};

/// Loop thread only. Outlives everything that was given a reference to it.
class Client {
 public:
  Client(runtime::Runtime& runtime, ClientOptions options, EventSink& events);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// First contact: asks the bootstrap servers in random order until one answers; a silent one does not use up the time
  /// of those behind it. Throws the first cause when all of them failed or `deadline` passed; may be called again.
  asio::awaitable<void> connect(runtime::TimePoint deadline);
  /// Ends all connections and loops; calls under way fail with Stage::closed. Always returns by `deadline`.
  asio::awaitable<void> close(runtime::TimePoint deadline);

  /// Sends `request` in the highest version that both sides speak and waits for the answer. No retries. `request` is a
  /// named variable of the caller. Throws Error; Kafka error codes inside the response are the caller's to read.
  template <class Request>
  asio::awaitable<Decoded<typename Request::Response>> call(const Request& request, Target target,
                                                            runtime::TimePoint deadline,
                                                            std::int16_t version_cap = 0x7fff) {
    RequestRef ref = RequestRef::of(request, version_cap);
    Reply reply = co_await exchange(ref, target, deadline);
    co_return decode_reply<typename Request::Response>(std::move(reply));
  }
  asio::awaitable<Reply> exchange(RequestRef request, Target target, runtime::TimePoint deadline);
  /// The connection such a request would use, opened when needed: for callers that must know the version first.
  asio::awaitable<std::shared_ptr<Connection>> connection(Target target, runtime::TimePoint deadline);

  /// Whom to ask about a partition: its leader, looked up when metadata does not name one. Throws Error.
  asio::awaitable<Target> leader(TopicPartition partition, runtime::TimePoint deadline);
  /// The coordinator of a group, a transactional id or a share group, asked afresh (FindCoordinator). Throws Error.
  enum class CoordinatorKind : std::int8_t { group = 0, transaction = 1, share = 2 };
  asio::awaitable<Target> coordinator(CoordinatorKind kind, std::string key, runtime::TimePoint deadline);

  /// Sends those away with Stage::closed who wait for a connection of this class to this node: for whoever is the only
  /// one to use that class and wants to end.
  void interrupt(std::int32_t node_id, ConnectionClass connection_class);
  /// Runs `task` beside the client's own loops; close() waits for its end, and ends whatever it asks of this client.
  void spawn(std::string name, asio::awaitable<void> task);

  /// The version that a request to this node would take now, or -1 (not connected yet, or no common version).
  std::int16_t version_for(std::int32_t node_id, std::int16_t api_key, std::int16_t version_min,
                           std::int16_t version_max) const;

  Metadata& metadata() { return metadata_; }
  /// Topics to keep in metadata. Counted: each add needs its remove.
  void add_interest(const std::string& topic);
  void remove_interest(const std::string& topic);
  /// Keeps all topics of the cluster in metadata, for those who choose by patterns. Counted likewise.
  void add_interest_in_all();
  void remove_interest_in_all();
  /// Asks for fresh metadata soon; many calls make one request. Never blocks.
  void request_metadata(std::string reason);
  void add_metadata_listener(MetadataListener& listener);
  void remove_metadata_listener(MetadataListener& listener);
  /// Waits for the next applied metadata response; false when `deadline` passed first.
  asio::awaitable<bool> metadata_changed(runtime::TimePoint deadline);

  /// Figures of this moment: brokers, memory, metadata.
  ClientStatistics statistics() const;
  /// Asked for its figures whenever the broker wants metrics; removed before it is destroyed.
  void add_metrics_source(MetricsSource& source);
  void remove_metrics_source(MetricsSource& source);

  runtime::Runtime& runtime() { return runtime_; }
  runtime::TimePoint now() { return runtime_.clock().now(); }
  runtime::TimePoint deadline_in_ms(std::int64_t ms) { return now() + std::chrono::milliseconds(ms); }
  const ClientOptions& options() const { return options_; }
  EventSink& events() { return events_; }
  BlockPool& pool() { return pool_; }
  bool closing() const { return closing_; }
  /// "broker 2 at 10.0.0.7:9092"
  std::string describe(std::int32_t node_id) const;

 private:
  struct Parts;
  asio::awaitable<Target> coordinator_once(CoordinatorKind kind, const std::string& key, const std::string& attempted,
                                           runtime::TimePoint deadline);
  template <class Response>
  Decoded<Response> decode_reply(Reply reply);
  [[noreturn]] void throw_undecodable(const Reply& reply, const protocol::DecodeError& error, const char* message);

  runtime::Runtime& runtime_;
  ClientOptions options_;
  EventSink& events_;
  BlockPool pool_;
  Metadata metadata_;
  bool closing_ = false;
  std::unique_ptr<Parts> parts_;
};

template <class Response>
Decoded<Response> Client::decode_reply(Reply reply) {
  Decoded<Response> decoded;
  decoded.arena = std::make_unique<protocol::Arena>();
  auto value = protocol::decode<Response>(reply.body, reply.version, *decoded.arena, protocol::lenient);
  if (!value) throw_undecodable(reply, value.error(), "response");
  decoded.value = *value;
  decoded.version = reply.version;
  decoded.node_id = reply.node_id;
  decoded.block = std::move(reply.block);
  return decoded;
}

}  // namespace barnabas::client
