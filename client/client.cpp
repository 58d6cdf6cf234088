#include "barnabas/client/client.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <vector>

#include "barnabas/client/cluster/broker.hpp"
#include "barnabas/client/cluster/canonical.hpp"
#include "barnabas/client/cluster/connection.hpp"
#include "barnabas/client/runtime/tasks.hpp"
#include "barnabas/client/runtime/wakeup.hpp"
#include "barnabas/client/statistics/statistics.hpp"
#include "barnabas/client/statistics/telemetry.hpp"
#include "barnabas/protocol/api.hpp"
#include "barnabas/protocol/messages/metadata.hpp"

namespace barnabas::client {

struct Client::Parts {
  explicit Parts(Client& c)
      : client(c),
        tasks(c.runtime_),
        context{c.runtime_, c.options_, c.events_, c.pool_, tasks},
        changed(c.runtime_.clock()),
        wanted(c.runtime_.clock()),
        closing(c.runtime_.clock()),
        attempt_ended(c.runtime_.clock()) {}

  std::shared_ptr<Broker> broker(std::int32_t node_id);
  std::shared_ptr<Broker> pick_any();
  std::shared_ptr<Broker> resolve(Target target);
  void make_bootstrap(const std::vector<runtime::Endpoint>& endpoints);
  asio::awaitable<void> find_canonical_bootstrap(runtime::TimePoint deadline);
  bool none_reachable() const;
  void rebootstrap(const std::string& why);
  void rebootstrap_when_needed();
  [[noreturn]] void refused(protocol::ErrorCode code, std::int32_t node_id);
  asio::awaitable<std::shared_ptr<Connection>> connect(Target target, runtime::TimePoint deadline);
  asio::awaitable<void> refresh(runtime::TimePoint deadline);
  struct Attempt {
    bool done = false;
    std::unique_ptr<Error> failure;
  };
  asio::awaitable<void> attempt_refresh(std::shared_ptr<Attempt> attempt, runtime::TimePoint deadline);
  asio::awaitable<void> refresh_from_any(runtime::TimePoint deadline);
  asio::awaitable<void> metadata_loop();
  asio::awaitable<void> housekeeping_loop();
  bool topics_incomplete() const;
  void apply(const protocol::MetadataResponse& response, bool asked_all);

  Client& client;
  runtime::TaskGroup tasks;
  BrokerContext context;
  std::map<std::int32_t, std::shared_ptr<Broker>> brokers;
  std::vector<std::shared_ptr<Broker>> bootstrap;
  bool canonical_found = false;
  std::shared_ptr<CanonicalSearch> canonical_search;  ///< under way
  std::size_t next_any = 0;
  std::map<std::string, int> interest;
  int interest_in_all = 0;
  runtime::Broadcast changed;
  runtime::Wakeup wanted;   ///< somebody needs fresh metadata
  runtime::Wakeup closing;  ///< ends the pause between refreshes
  runtime::Wakeup attempt_ended;
  std::string reason = "first contact";
  std::vector<MetadataListener*> listeners;
  std::vector<MetricsSource*> metrics_sources;
  std::unique_ptr<Telemetry> telemetry;
  runtime::TimePoint made_at = client.now();
  runtime::TimePoint metadata_at{};
  runtime::TimePoint trying_since = runtime::never;  ///< the first attempt at metadata since the last success
  bool loops_started = false;
  std::unique_ptr<runtime::Timer> housekeeping;
};

Client::Client(runtime::Runtime& runtime, ClientOptions options, EventSink& events)
    : runtime_(runtime),
      options_(std::move(options)),
      events_(events),
      pool_(options_.memory_bytes_max),
      metadata_(events),
      parts_(std::make_unique<Parts>(*this)) {
  parts_->make_bootstrap(options_.bootstrap_servers);
}

Client::~Client() = default;

std::string Client::describe(std::int32_t node_id) const {
  for (const auto& server : parts_->bootstrap) {
    if (server->node_id() == node_id) return server->with();
  }
  const auto found = parts_->brokers.find(node_id);
  return found == parts_->brokers.end() ? fmt::format("broker {}", node_id) : found->second->with();
}

std::shared_ptr<Broker> Client::Parts::broker(std::int32_t node_id) {
  const auto known = client.metadata_.brokers().find(node_id);
  auto found = brokers.find(node_id);
  if (known == client.metadata_.brokers().end()) return found == brokers.end() ? nullptr : found->second;
  if (found != brokers.end()) {
    found->second->set_endpoint(known->second.endpoint);
  } else {
    return brokers.emplace(node_id, std::make_shared<Broker>(context, node_id, known->second.endpoint)).first->second;
  }
  return found->second;
}

void Client::Parts::make_bootstrap(const std::vector<runtime::Endpoint>& endpoints) {
  for (auto& server : bootstrap) server->shutdown("the client starts again from its bootstrap servers", false);
  bootstrap.clear();
  std::int32_t id = -1;
  for (const auto& endpoint : endpoints) bootstrap.push_back(std::make_shared<Broker>(context, id--, endpoint));
  if (!bootstrap.empty()) next_any = client.runtime_.random().below(bootstrap.size());
}

/// Each bootstrap server stands for the hosts behind its addresses. What could not be looked up is looked up again the
/// next time.
asio::awaitable<void> Client::Parts::find_canonical_bootstrap(runtime::TimePoint deadline) {
  auto search = canonical_search;
  if (!search) {
    canonical_search = search = std::make_shared<CanonicalSearch>(client.runtime_);
    const std::chrono::milliseconds limit(client.options_.connect_timeout_ms);
    CanonicalSearch::start(search, client.options_.bootstrap_servers, limit);
  }
  co_await search->wait_until(deadline);
  if (!search->finished() || search != canonical_search || client.closing_) co_return;
  canonical_search.reset();
  canonical_found = search->all_found();
  const auto& hosts = search->hosts();
  const bool same = std::equal(hosts.begin(), hosts.end(), bootstrap.begin(), bootstrap.end(),
                               [](const auto& host, const auto& known) { return host == known->endpoint(); });
  if (!same) make_bootstrap(hosts);
}

/// An open control connection that answers if there is one; else the known brokers take turns, those that just failed
/// last. The bootstrap servers only as long as no broker is known (KIP-899).
std::shared_ptr<Broker> Client::Parts::pick_any() {
  std::vector<std::shared_ptr<Broker>> candidates;
  for (const auto& [node_id, info] : client.metadata_.brokers()) candidates.push_back(broker(node_id));
  constexpr auto control = ConnectionClass::control;
  const auto answers = [](const auto& known) { return known->open_connection(control) && !known->silent(control); };
  for (const auto& candidate : candidates) {
    if (answers(candidate)) return candidate;
  }
  for (const auto& server : bootstrap) {
    if (answers(server)) return server;
  }
  if (candidates.empty()) candidates = bootstrap;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const auto& candidate = candidates[next_any++ % candidates.size()];
    if (!candidate->backing_off(control) && !candidate->silent(control)) return candidate;
  }
  return candidates[next_any++ % candidates.size()];
}

std::shared_ptr<Broker> Client::Parts::resolve(Target target) {
  if (client.closing_) throw Error(Error::Stage::closed, "send a request", "", "the client is closing");
  switch (target.kind) {
    case Target::Kind::any: return pick_any();
    case Target::Kind::controller:
      if (auto found = broker(client.metadata_.controller_id())) return found;
      return pick_any();
    case Target::Kind::node: break;
  }
  if (auto found = broker(target.node_id)) return found;
  client.request_metadata(fmt::format("broker {} is not known", target.node_id));
  Error unknown(Error::Stage::connect, "reach a broker", fmt::format("broker {}", target.node_id),
                "the cluster's metadata does not list it");
  throw unknown.retriable(true);
}

asio::awaitable<std::shared_ptr<Connection>> Client::Parts::connect(Target target, runtime::TimePoint deadline) {
  const bool by_canonical_name = client.options_.dns_lookup == DnsLookup::resolve_canonical_bootstrap_servers_only;
  if (by_canonical_name && !canonical_found && client.metadata_.brokers().empty()) {
    co_await find_canonical_bootstrap(deadline);
  }
  auto found = resolve(target);
  co_return co_await found->connection(target.connection_class, deadline);
}

asio::awaitable<std::shared_ptr<Connection>> Client::connection(Target target, runtime::TimePoint deadline) {
  return parts_->connect(target, deadline);
}

asio::awaitable<Reply> Client::exchange(RequestRef request, Target target, runtime::TimePoint deadline) {
  auto connection = co_await parts_->connect(target, deadline);
  const std::int16_t version = connection->pick_version(request);
  co_return co_await connection->exchange(request, version, deadline);
}

void Client::throw_undecodable(const Reply& reply, const protocol::DecodeError& error, const char* message) {
  throw Error(Error::Stage::protocol, fmt::format("decode a {} (version {})", message, reply.version), reply.peer,
              fmt::format("{} at byte {}, field {}", error.what, error.offset, error.path));
}

std::int16_t Client::version_for(std::int32_t node_id, std::int16_t api_key, std::int16_t version_min,
                                 std::int16_t version_max) const {
  const auto found = parts_->brokers.find(node_id);
  return found == parts_->brokers.end() ? std::int16_t{-1}
                                        : found->second->versions().pick(api_key, version_min, version_max);
}

asio::awaitable<void> Client::connect(runtime::TimePoint deadline) {
  if (parts_->bootstrap.empty()) {
    Error error(Error::Stage::config, "connect", "", "bootstrap.servers is empty");
    throw error;
  }
  std::unique_ptr<Error> first;
  for (std::size_t attempt = 0; attempt < parts_->bootstrap.size() && now() < deadline; ++attempt) {
    std::unique_ptr<Error> failure;
    const auto servers_left = static_cast<std::int64_t>(parts_->bootstrap.size() - attempt);
    const auto share = now() + (deadline - now()) / servers_left;
    try {
      co_await parts_->refresh(share);
    } catch (const Error& error) {
      failure = std::make_unique<Error>(error);
    }
    if (!failure) {
      if (!parts_->loops_started) {
        parts_->loops_started = true;
        parts_->tasks.spawn("metadata", parts_->metadata_loop());
        parts_->tasks.spawn("housekeeping", parts_->housekeeping_loop());
        if (options_.metrics_push) {
          parts_->telemetry = std::make_unique<Telemetry>(*this, parts_->metrics_sources);
          parts_->tasks.spawn("telemetry", parts_->telemetry->run());
        }
      }
      co_return;
    }
    if (!first) first = std::move(failure);
  }
  if (!first) throw Error(Error::Stage::timeout, "connect", "", "the deadline passed");
  throw *first;
}

asio::awaitable<void> Client::close(runtime::TimePoint deadline) {
  if (parts_->telemetry && !closing_) co_await parts_->telemetry->close(deadline);
  closing_ = true;
  for (auto& [id, broker] : parts_->brokers) broker->shutdown("the client is closing", true);
  for (auto& broker : parts_->bootstrap) broker->shutdown("the client is closing", true);
  parts_->wanted.set();
  parts_->closing.set();
  parts_->changed.notify_all();
  if (parts_->canonical_search) parts_->canonical_search->abandon();
  if (parts_->housekeeping) parts_->housekeeping->cancel();
  // Nothing in here waits for the network any more, so this is soon over.
  co_await parts_->tasks.join();
}

void Client::interrupt(std::int32_t node_id, ConnectionClass connection_class) {
  const auto found = parts_->brokers.find(node_id);
  if (found != parts_->brokers.end()) found->second->interrupt(connection_class);
}

void Client::spawn(std::string name, asio::awaitable<void> task) {
  parts_->tasks.spawn(std::move(name), std::move(task));
}

void Client::add_interest(const std::string& topic) {
  if (++parts_->interest[topic] == 1) request_metadata("topic " + topic + " is needed");
}

void Client::remove_interest(const std::string& topic) {
  const auto found = parts_->interest.find(topic);
  if (found != parts_->interest.end() && --found->second == 0) parts_->interest.erase(found);
}

void Client::add_interest_in_all() {
  if (++parts_->interest_in_all == 1) request_metadata("topics are chosen by patterns");
}

void Client::remove_interest_in_all() { --parts_->interest_in_all; }

void Client::request_metadata(std::string reason) {
  parts_->reason = std::move(reason);
  parts_->wanted.set();
}

void Client::add_metadata_listener(MetadataListener& listener) { parts_->listeners.push_back(&listener); }

void Client::remove_metadata_listener(MetadataListener& listener) { std::erase(parts_->listeners, &listener); }

asio::awaitable<bool> Client::metadata_changed(runtime::TimePoint deadline) {
  return parts_->changed.wait_until(deadline);
}

void Client::add_metrics_source(MetricsSource& source) { parts_->metrics_sources.push_back(&source); }

void Client::remove_metrics_source(MetricsSource& source) { std::erase(parts_->metrics_sources, &source); }

ClientStatistics Client::statistics() const {
  const auto in_ms = [](runtime::Duration d) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(d).count();
  };
  ClientStatistics statistics;
  statistics.name = statistics.client_id = options_.client_id;
  statistics.cluster_id = metadata_.cluster_id();
  statistics.taken_at = runtime_.clock().now();
  statistics.taken_at_unix_ms = runtime_.clock().unix_ms();
  statistics.uptime_ms = in_ms(statistics.taken_at - parts_->made_at);
  statistics.metadata_refreshes = metadata_.generation();
  if (statistics.metadata_refreshes > 0) {
    statistics.metadata_age_ms = in_ms(statistics.taken_at - parts_->metadata_at);
  }
  statistics.topics = metadata_.topics().size();
  statistics.memory.budget_bytes = pool_.bytes_max();
  statistics.memory.used_bytes = pool_.used();
  statistics.memory.decompressed_bytes = pool_.charged();
  statistics.memory.idle_bytes = pool_.idle();
  for (const auto& server : parts_->bootstrap) statistics.brokers.push_back(server->statistics());
  for (const auto& [node_id, broker] : parts_->brokers) statistics.brokers.push_back(broker->statistics());
  return statistics;
}

void Client::Parts::apply(const protocol::MetadataResponse& response, bool asked_all) {
  metadata_at = client.now();
  client.metadata_.apply(response, asked_all);
  for (const auto& [node_id, info] : client.metadata_.brokers()) {
    const auto found = brokers.find(node_id);
    if (found != brokers.end()) found->second->set_endpoint(info.endpoint);
  }
  changed.notify_all();
  for (MetadataListener* listener : std::vector(listeners)) listener->metadata_applied();
}

/// Each broker has been tried since metadata was wanted, and nothing is open.
bool Client::Parts::none_reachable() const {
  for (const auto& [node_id, info] : client.metadata_.brokers()) {
    const auto found = brokers.find(node_id);
    if (found == brokers.end() || !found->second->unreachable_since(trying_since)) return false;
  }
  return true;
}

void Client::Parts::rebootstrap(const std::string& why) {
  Event event(EventKind::rebootstrapped, Severity::warning, "starting again from the bootstrap servers: " + why);
  client.events_.on_event(event);
  for (auto& [id, broker] : std::exchange(brokers, {})) {
    broker->shutdown("the client starts again from its bootstrap servers", false);
  }
  client.metadata_.forget_brokers();
  make_bootstrap(client.options_.bootstrap_servers);
  canonical_found = false;
  canonical_search.reset();
  trying_since = client.now();
}

/// After an attempt at metadata that failed (KIP-899, KIP-1102).
void Client::Parts::rebootstrap_when_needed() {
  if (client.options_.metadata_recovery == MetadataRecovery::none || client.metadata_.brokers().empty()) return;
  const auto tried_ms = std::chrono::duration_cast<std::chrono::milliseconds>(client.now() - trying_since).count();
  if (none_reachable()) {
    rebootstrap("none of the known brokers can be reached");
  } else if (tried_ms >= client.options_.rebootstrap_trigger_ms) {
    rebootstrap(fmt::format("no metadata came for {} ms", tried_ms));
  }
}

void Client::Parts::refused(protocol::ErrorCode code, std::int32_t node_id) {
  Error error = broker_error(code, "fetch metadata", client.describe(node_id));
  if (code == protocol::ErrorCode::rebootstrap_required) {
    if (client.options_.metadata_recovery == MetadataRecovery::none) {
      error.hint("metadata.recovery.strategy=none forbids to ask the bootstrap servers again");
    } else {
      rebootstrap(client.describe(node_id) + " asks for it");
      error.retriable(true);
    }
  }
  throw error;
}

asio::awaitable<void> Client::Parts::refresh(runtime::TimePoint deadline) {
  if (trying_since == runtime::never) trying_since = client.now();
  const Target any = Target::any();
  auto connection = co_await connect(any, deadline);
  protocol::MetadataRequest request;
  protocol::Arena arena;
  auto topics = arena.make_list<protocol::MetadataRequest::Topic>(interest.size());
  std::size_t i = 0;
  for (const auto& [topic, count] : interest) topics[i++].name = arena.copy(protocol::string(topic));
  request.topics = topics;
  const RequestRef ref = RequestRef::of(request);
  const std::int16_t version = connection->pick_version(ref);
  const bool all = interest_in_all > 0;
  // An empty list asks for all topics in version 0 and for none later, where null asks for all.
  if (all && version == 0) request.topics = protocol::list<protocol::MetadataRequest::Topic>();
  if (all && version > 0) request.topics = std::nullopt;
  // Older brokers cannot be told; whether they create topics is their setting.
  if (version >= 4) request.allow_auto_topic_creation = client.options_.allow_auto_create_topics;
  Reply reply = co_await connection->exchange(ref, version, deadline);
  const auto response = client.decode_reply<protocol::MetadataResponse>(std::move(reply));
  const auto code = static_cast<protocol::ErrorCode>(static_cast<std::int16_t>(response->error_code));
  if (code != protocol::ErrorCode::none) refused(code, response.node_id);
  if (response->brokers.empty()) {
    Error none(Error::Stage::protocol, "fetch metadata", client.describe(response.node_id),
               "the answer lists no brokers");
    throw none.retriable(true);
  }
  apply(*response, all);
  trying_since = runtime::never;
}

asio::awaitable<void> Client::Parts::attempt_refresh(std::shared_ptr<Attempt> attempt, runtime::TimePoint deadline) {
  try {
    co_await refresh(deadline);
  } catch (const Error& error) {
    attempt->failure = std::make_unique<Error>(error);
  }
  attempt->done = true;
  attempt_ended.set();
}

/// Asks one broker, and when that takes long another one beside it: a broker that is frozen keeps its connections open
/// and answers nothing. Throws the failure of the last one when all have failed.
asio::awaitable<void> Client::Parts::refresh_from_any(runtime::TimePoint deadline) {
  constexpr std::size_t attempts_max = 3;
  constexpr auto patience = std::chrono::seconds(3);
  std::vector<std::shared_ptr<Attempt>> attempts;
  while (true) {
    attempts.push_back(std::make_shared<Attempt>());
    tasks.spawn("ask for metadata", attempt_refresh(attempts.back(), deadline));
    const auto next = attempts.size() < attempts_max ? client.now() + patience : runtime::never;
    bool in_time = true;
    while (in_time) {
      const auto succeeded = [](const auto& attempt) { return attempt->done && !attempt->failure; };
      const auto done = [](const auto& attempt) { return attempt->done; };
      if (std::ranges::any_of(attempts, succeeded)) co_return;
      if (std::ranges::all_of(attempts, done)) throw Error(*attempts.back()->failure);
      in_time = co_await attempt_ended.wait_until(next);
    }
  }
}

bool Client::Parts::topics_incomplete() const {
  for (const auto& [name, count] : interest) {
    const TopicInfo* info = client.metadata_.topic(name);
    if (!info || info->error != protocol::ErrorCode::none) return true;
    for (const auto& partition : info->partitions) {
      if (partition.leader_id < 0) return true;
    }
  }
  return false;
}

asio::awaitable<void> Client::Parts::metadata_loop() {
  Backoff backoff(client.options_.retry_backoff_ms, client.options_.retry_backoff_max_ms);
  auto next_age = client.deadline_in_ms(client.options_.metadata_max_age_ms);
  while (!client.closing_) {
    co_await wanted.wait_until(next_age);
    if (client.closing_) break;
    std::unique_ptr<Error> failure;
    const auto deadline = client.deadline_in_ms(client.options_.request_timeout_ms);
    try {
      co_await refresh_from_any(deadline);
    } catch (const Error& error) {
      failure = std::make_unique<Error>(error);
    }
    if (client.closing_) break;
    if (failure) {
      client.events_.on_event(Event(EventKind::metadata_failed, Severity::warning, failure->what()));
      rebootstrap_when_needed();
    } else {
      client.events_.on_event(Event(EventKind::metadata_refreshed, Severity::debug, "metadata refreshed: " + reason));
    }
    const bool again = failure || topics_incomplete();
    if (!again) backoff.reset();
    const auto pause = backoff.next(client.runtime_.random());
    if (!again) backoff.reset();
    next_age = again ? client.now() + pause : client.deadline_in_ms(client.options_.metadata_max_age_ms);
    // Many askers make one request: nobody gets another one before the pause is over.
    co_await closing.wait_until(client.now() + pause);
  }
}

asio::awaitable<void> Client::Parts::housekeeping_loop() {
  housekeeping = client.runtime_.clock().make_timer();
  while (!client.closing_) {
    housekeeping->expires_at(client.deadline_in_ms(5'000));
    co_await housekeeping->wait();
    if (client.closing_) break;
    client.pool_.trim(client.now());
    const auto unused_since = client.now() - std::chrono::milliseconds(client.options_.connections_max_idle_ms);
    for (auto& [id, broker] : brokers) broker->close_idle(unused_since);
    for (auto& broker : bootstrap) broker->close_idle(unused_since);
  }
}

}  // namespace barnabas::client
