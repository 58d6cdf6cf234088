#include "barnabas/client/cluster/broker.hpp"

#include <fmt/core.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <span>

#include "barnabas/protocol/messages/api_versions.hpp"
#include "barnabas/protocol/messages/list_offsets.hpp"

namespace barnabas::client {
namespace {

const char* class_name(ConnectionClass c) {
  constexpr const char* names[] = {"control", "fetch", "group", "produce", "telemetry"};
  return names[static_cast<std::size_t>(c)];
}

constexpr std::size_t class_count = 5;

}  // namespace

Broker::Broker(BrokerContext& context, std::int32_t node_id, runtime::Endpoint endpoint)
    : context_(&context), node_id_(node_id), endpoint_(std::move(endpoint)) {
  auto& traffic = context.traffic[node_id];
  if (!traffic) traffic = std::make_shared<Traffic>();
  traffic_ = traffic;
  for (std::size_t i = 0; i < class_count; ++i) {
    slots_.emplace_back(context.options);
    slots_.back().changed = std::make_unique<runtime::Broadcast>(context.runtime.clock());
  }
}

Broker::~Broker() = default;

std::string Broker::with() const {
  return node_id_ < 0 ? "bootstrap server " + endpoint_.text()
                      : fmt::format("broker {} at {}", node_id_, endpoint_.text());
}

std::shared_ptr<Connection> Broker::open_connection(ConnectionClass c) const {
  const auto& connection = slot(c).connection;
  return connection && !connection->closed() ? connection : nullptr;
}

bool Broker::silent(ConnectionClass c) const {
  const auto connection = open_connection(c);
  return connection && connection->silent();
}

bool Broker::backing_off(ConnectionClass c) const {
  return context_ && slot(c).failure && context_->runtime.clock().now() < slot(c).not_before;
}

BrokerStatistics Broker::statistics() const {
  BrokerStatistics statistics;
  statistics.node_id = node_id_;
  statistics.address = endpoint_.text();
  statistics.traffic = *traffic_;
  bool opening = false, waiting = false;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const auto c = static_cast<ConnectionClass>(i);
    waiting |= backing_off(c);
    opening |= slots_[i].opening;
    const auto connection = open_connection(c);
    if (!connection) continue;
    ++statistics.connections;
    statistics.requests_outstanding += connection->outstanding();
  }
  statistics.state = statistics.connections > 0 ? BrokerState::connected
                     : waiting                  ? BrokerState::backing_off
                     : opening                  ? BrokerState::connecting
                                                : BrokerState::idle;
  return statistics;
}

bool Broker::unreachable_since(runtime::TimePoint when) const {
  for (std::size_t i = 0; i < class_count; ++i) {
    if (open_connection(static_cast<ConnectionClass>(i))) return false;
  }
  const Slot& control = slot(ConnectionClass::control);
  return control.failure && control.failed_at >= when;
}

void Broker::set_endpoint(runtime::Endpoint endpoint) {
  if (endpoint == endpoint_) return;
  endpoint_ = std::move(endpoint);
  greeting_.reset();  // another process answers there
  Error moved(Error::Stage::closed, "keep the connection", with(), "the broker's advertised address changed");
  moved.retriable(true);
  for (Slot& s : slots_) {
    if (s.connection) s.connection->close(moved);
    if (s.greeting) s.greeting->close(moved);
    s.backoff.reset();
    s.not_before = {};
    s.failed_at = {};
  }
}

void Broker::close_idle(runtime::TimePoint unused_since) {
  for (Slot& s : slots_) {
    if (!s.connection || s.connection->closed() || s.connection->outstanding() > 0) continue;
    if (s.connection->last_used() >= unused_since) continue;
    Error idle(Error::Stage::closed, "keep the connection", with(), "idle for longer than connections.max.idle.ms");
    s.connection->close(idle.retriable(true));
  }
}

void Broker::shutdown(std::string cause, bool client_ends) {
  const Error closing(client_ends ? Error::Stage::closed : Error::Stage::connect, "use the connection", with(),
                      std::move(cause));
  for (Slot& s : slots_) {
    if (s.connection) s.connection->close(closing);
    if (s.greeting) s.greeting->close(closing);
    s.failure = std::make_shared<Error>(closing);
    s.changed->notify_all();
  }
  context_ = nullptr;
}

asio::awaitable<std::shared_ptr<Connection>> Broker::connection(ConnectionClass c, runtime::TimePoint deadline) {
  auto self = shared_from_this();
  if (auto existing = open_connection(c)) co_return existing;
  const std::uint64_t attempts_before = slot(c).attempts;
  const std::uint64_t interrupts_before = slot(c).interrupts;
  if (context_ && !slot(c).opening) {
    slot(c).opening = true;
    asio::co_spawn(context_->runtime.executor(), open(c), asio::detached);
  }
  while (context_) {
    const bool in_time = co_await slot(c).changed->wait_until(deadline);
    if (auto existing = open_connection(c)) co_return existing;
    if (slot(c).interrupts != interrupts_before) {
      throw Error(Error::Stage::closed, "connect", with(), "nobody waits for the connection any more");
    }
    if (slot(c).attempts != attempts_before) {
      if (slot(c).failure) throw Error(*slot(c).failure);
      // It was opened, and lost again before this could run.
      if (slot(c).connection) throw Error(slot(c).connection->closed_because());
    }
    if (!in_time) break;
  }
  if (slot(c).failure) throw Error(*slot(c).failure);
  throw diagnose_silence(slot(c).step, endpoint_, with());
}

void Broker::interrupt(ConnectionClass c) {
  ++slot(c).interrupts;
  slot(c).changed->notify_all();
}

asio::awaitable<void> Broker::open(ConnectionClass c) {
  auto self = shared_from_this();
  if (!context_) co_return;
  if (slot(c).not_before > context_->runtime.clock().now()) {
    co_await runtime::sleep_until(context_->runtime.clock(), slot(c).not_before);
  }
  std::shared_ptr<Error> failure;
  if (context_) {
    ++traffic_->connect_attempts;
    failure = co_await try_open(c);
  }
  slot(c).opening = false;
  slot(c).step = ConnectStep::pause;
  ++slot(c).attempts;
  if (!context_) co_return;
  if (failure) attempt_failed(c, failure);
  slot(c).changed->notify_all();
}

void Broker::attempt_failed(ConnectionClass c, std::shared_ptr<Error> failure) {
  Slot& s = slot(c);
  s.failure = failure;
  s.failed_at = context_->runtime.clock().now();
  s.not_before = context_->runtime.clock().now() + s.backoff.next(context_->runtime.random());
  Event event(EventKind::connect_failed, Severity::warning, failure->what());
  event.node_id = node_id_;
  context_->events.on_event(event);
}

void Broker::opened(ConnectionClass c, std::shared_ptr<Connection> connection, const std::string& peer) {
  Slot& s = slot(c);
  ++traffic_->connects;
  s.connection = std::move(connection);
  s.connection->on_closed(&Broker::lost, this);
  versions_ = s.connection->versions;
  s.failure.reset();
  s.backoff.reset();
  Event event(EventKind::connected, Severity::info,
              fmt::format("connected to {} ({} connection, address {}, {} APIs)", with(), class_name(c), peer,
                          versions_.size()));
  event.node_id = node_id_;
  context_->events.on_event(event);
  Event negotiated(EventKind::negotiated, Severity::debug, with() + " is spoken to in " + picked_versions(versions_));
  negotiated.node_id = node_id_;
  context_->events.on_event(negotiated);
}

void Broker::lost(void* self, const Error& why) {
  auto& broker = *static_cast<Broker*>(self);
  ++broker.traffic_->disconnects;
  if (!broker.context_ || why.stage() == Error::Stage::closed) return;
  broker.greeting_.reset();  // it may come back as another version
  Event event(EventKind::disconnected, Severity::warning, why.what());
  event.node_id = broker.node_id_;
  broker.context_->events.on_event(event);
}

/// One attempt: the name, then its addresses one after the other, each with the whole time for itself. Returns what
/// went wrong, or null.
asio::awaitable<std::shared_ptr<Error>> Broker::try_open(ConnectionClass c) {
  const bool advertised = node_id_ >= 0;
  const runtime::Endpoint endpoint = endpoint_;
  slot(c).step = ConnectStep::name;
  auto addresses = co_await context_->runtime.dialer().resolve(endpoint, connect_deadline());
  if (!context_) co_return nullptr;
  if (!addresses) co_return std::make_shared<Error>(diagnose_dial(addresses.error(), endpoint, with(), advertised));

  std::shared_ptr<Error> failure;
  const std::size_t start = next_address_++;
  for (std::size_t i = 0; i < addresses->size(); ++i) {
    const runtime::Address address = (*addresses)[(start + i) % addresses->size()];
    failure = co_await try_address(c, address);
    if (!context_ || !failure) co_return nullptr;
    if (endpoint != endpoint_) break;
  }
  co_return failure;
}

runtime::TimePoint Broker::connect_deadline() const {
  return context_->runtime.clock().now() + std::chrono::milliseconds(context_->options.connect_timeout_ms);
}

/// TCP and ApiVersions. A broker that hangs up on the newest ApiVersions request gets an older one at once: each needs
/// a connection of its own.
asio::awaitable<std::shared_ptr<Error>> Broker::try_address(ConnectionClass c, runtime::Address address) {
  const runtime::Endpoint endpoint = endpoint_;
  auto deadline = connect_deadline();
  Greeting greeting = greeting_ ? *greeting_ : Greeting::first(context_->options.broker_version, context_->oldest);
  const runtime::SocketBuffers buffers(context_->options.send_buffer_bytes, context_->options.receive_buffer_bytes);
  std::shared_ptr<Error> first_failure;
  while (true) {
    slot(c).step = ConnectStep::tcp;
    auto stream = co_await context_->runtime.dialer().dial(address, deadline, buffers);
    if (!context_) co_return nullptr;
    if (!stream) co_return std::make_shared<Error>(diagnose_dial(stream.error(), endpoint, with(), node_id_ >= 0));
    Connection::Setup setup(context_->runtime, context_->pool);
    setup.node_id = node_id_;
    setup.with = with();
    setup.client_id = context_->options.client_id;
    setup.frame_bytes_max = context_->options.frame_bytes_max;
    setup.events = &context_->events;
    setup.traffic = traffic_;
    const std::string peer((*stream)->peer());
    auto connection = std::make_shared<Connection>(std::move(setup), std::move(*stream));
    Connection::start(connection, context_->tasks);
    slot(c).greeting = connection;
    slot(c).step = ConnectStep::answer;
    std::shared_ptr<Error> failure;
    try {
      const auto in_time = std::min(deadline, greeting_deadline(greeting));
      co_await greet(connection, greeting, in_time);
    } catch (const Error& error) {
      failure = std::make_shared<Error>(error);
    }
    slot(c).greeting.reset();
    if (!context_) co_return nullptr;
    if (connection->closed()) {
      if (!failure) failure = std::make_shared<Error>(connection->closed_because());
    }
    const auto outcome = !failure                                    ? GreetingOutcome::answered
                         : connection->hung_up_unanswered()          ? GreetingOutcome::hung_up
                         : failure->stage() == Error::Stage::timeout ? GreetingOutcome::silent
                                                                     : std::optional<GreetingOutcome>();
    const auto next = outcome ? next_greeting(greeting, *outcome) : std::nullopt;
    if (!failure && !next) {
      remember(greeting);
      opened(c, std::move(connection), peer);
      co_return nullptr;
    }
    if (failure && !first_failure) first_failure = failure;
    if (failure) connection->close(*failure);
    const bool more = next && endpoint == endpoint_ && context_->runtime.clock().now() < deadline;
    if (!more) co_return first_failure;
    if (!failure) {
      Error probed(Error::Stage::closed, "keep the connection", with(), "it was for a question only");
      connection->close(probed);
    }
    greeting = *next;
    if (greeting.kind == Greeting::Kind::insist) deadline = connect_deadline();
  }
}

void Broker::remember(Greeting worked) {
  // Whoever answers late once is asked in full the next time.
  if (worked.kind == Greeting::Kind::ask_again || worked.kind == Greeting::Kind::insist) worked = Greeting();
  greeting_ = worked;
  if (worked.kind != Greeting::Kind::old) return;
  if (context_->oldest != worked.age && context_->options.broker_version == BrokerVersion::automatic) {
    Event event(EventKind::connected, Severity::warning,
                with() + " does not answer ApiVersions: spoken to as Kafka " + std::string(name(worked.age)) +
                    "; broker.version says so beforehand and saves the time to find out");
    event.node_id = node_id_;
    context_->events.on_event(event);
  }
  context_->oldest = worked.age;
}

/// Without an answer to ApiVersions there must be time left for what a silent broker may be.
runtime::TimePoint Broker::greeting_deadline(Greeting greeting) const {
  if (greeting.kind == Greeting::Kind::insist) return connect_deadline();
  const auto parts = greeting.kind == Greeting::Kind::ask_again ? 10 : 4;
  return context_->runtime.clock().now() + std::chrono::milliseconds(context_->options.connect_timeout_ms / parts);
}

asio::awaitable<void> Broker::greet(std::shared_ptr<Connection> connection, Greeting greeting,
                                    runtime::TimePoint deadline) {
  switch (greeting.kind) {
    case Greeting::Kind::old: connection->versions = versions_of(greeting.age); co_return;
    case Greeting::Kind::probe: co_await probe(connection, deadline); co_return;
    case Greeting::Kind::ask:
    case Greeting::Kind::ask_again:
    case Greeting::Kind::insist: break;
  }
  co_await negotiate(connection, greeting.version, deadline);
}

/// Asks something that every broker up to 3.9 knows and that changes nothing anywhere.
asio::awaitable<void> Broker::probe(std::shared_ptr<Connection> connection, runtime::TimePoint deadline) {
  protocol::ListOffsetsRequest nothing;
  nothing.replica_id = -1;
  const RequestRef ref = RequestRef::of(nothing);
  const Reply reply = co_await connection->exchange(ref, 0, deadline);
  protocol::Arena arena;
  const auto response = protocol::decode<protocol::ListOffsetsResponse>(reply.body, 0, arena, protocol::lenient);
  if (!response) {
    throw Error(Error::Stage::protocol, "decode the ListOffsets response", connection->with(), response.error().text());
  }
}

/// A broker that does not know the version answers in version 0 and says which it knows (KIP-511), or, when very old or
/// behind some proxies, hangs up, which is for the caller to see.
asio::awaitable<void> Broker::negotiate(std::shared_ptr<Connection> connection, std::int16_t version,
                                        runtime::TimePoint deadline) {
  protocol::ApiVersionsRequest request;
  request.client_software_name = "barnabas";
  request.client_software_version = "0.1.0";
  while (true) {
    const RequestRef ref = RequestRef::of(request);
    const Reply reply = co_await connection->exchange(ref, version, deadline);
    protocol::Arena arena;
    const auto response = protocol::decode_api_versions(reply.body, version, arena);
    const bool refused = reply.body.size() >= 2 && reply.body[0] == 0 && reply.body[1] == 35;
    if (!response && refused && version > 0) {
      version = 0;  // it refused without saying what it knows
      continue;
    }
    if (!response) {
      throw Error(Error::Stage::protocol, "decode the ApiVersions response", connection->with(),
                  response.error().path + ": " + response.error().what);
    }
    const auto code = static_cast<protocol::ErrorCode>(static_cast<std::int16_t>(response->error_code));
    if (code == protocol::ErrorCode::unsupported_version && version > 0) {
      const std::int16_t known = std::max<std::int16_t>(0, VersionTable(*response).range(ref.api_key).second);
      version = std::min<std::int16_t>(known, static_cast<std::int16_t>(version - 1));
      continue;
    }
    if (code != protocol::ErrorCode::none) throw broker_error(code, "negotiate API versions", connection->with());
    connection->versions = VersionTable(*response);
    // Since version 2 the broker answers first and leaves the waiting to its client.
    if (version >= 2 && response->throttle_time_ms > 0) connection->mute(response->throttle_time_ms);
    co_return;
  }
}

}  // namespace barnabas::client
