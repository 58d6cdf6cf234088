// A simulated cluster with one client in it, servers that follow a script, and a sink that notes what a partition
// brings.
#pragma once

#include <doctest/doctest.h>

#include <asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "barnabas/client/client.hpp"
#include "barnabas/client/fetch/fetcher.hpp"
#include "barnabas/client/runtime/tasks.hpp"
#include "barnabas/fixtures/broker/broker.hpp"
#include "barnabas/fixtures/sim/sim_runtime.hpp"
#include "barnabas/protocol/frame.hpp"
#include "barnabas/protocol/records/builder.hpp"

namespace barnabas::client::testing {

using fixtures::broker::BrokerOptions;
using fixtures::broker::Fault;
using fixtures::broker::FaultTarget;
using protocol::ApiKey;
using protocol::ErrorCode;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Nodes listen at 10.1.0.1:9092, 10.1.0.2:9093, … from the beginning.
class World : public EventSink {
 public:
  explicit World(int nodes = 1, BrokerOptions broker_options = {}, std::uint64_t seed = 1);

  /// Makes the client, runs `main` (which captures references only), closes the client within a
  /// second and stops the broker. Throws what main throws.
  void run(std::function<asio::awaitable<void>()> main);
  /// First contact within ten seconds.
  asio::awaitable<void> connect();
  asio::awaitable<void> sleep(runtime::Duration duration) { return runtime::sleep_for(sim.clock(), duration); }
  /// Polls until `condition` (which captures references only) holds; throws std::runtime_error naming `what` after a
  /// minute.
  template <class Condition>
  asio::awaitable<void> until(Condition condition, const char* what) {
    for (int polls = 0; !condition(); ++polls) {
      if (polls == 6000) throw std::runtime_error(std::string("never came: ") + what + last_events());
      co_await sleep(milliseconds(10));
    }
  }

  /// Appends `count` records to the partition, in batches of `batch`; each value is the record's number.
  void fill(const std::string& topic, std::int32_t partition, int count, int batch = 10,
            records::Codec codec = records::Codec::none);
  FetchOptions fetch_options() const;
  /// One that outlives the run, so that a test that fails in its middle fails, and does not abort.
  Fetcher& make_fetcher(FetchOptions with);

  int count(EventKind kind) const;
  /// Text of the first event of that kind; empty when there was none.
  std::string first(EventKind kind) const;
  /// For the text of a failure.
  std::string last_events() const;
  void on_event(const Event& event) noexcept override;

  fixtures::sim::SimRuntime sim;
  fixtures::broker::Broker broker;
  runtime::TaskGroup tasks;
  ClientOptions options;  ///< of the client that run() makes
  std::unique_ptr<Client> client;
  std::vector<Event> events;

 private:
  std::vector<std::unique_ptr<Fetcher>> fetchers_;
};

/// What `action` throws, or null. `action` is a named coroutine function object.
template <class Action>
asio::awaitable<std::unique_ptr<Error>> failure_of(Action& action) {
  std::unique_ptr<Error> failure;
  try {
    co_await action();
  } catch (const Error& error) {
    failure = std::make_unique<Error>(error);
  }
  co_return failure;
}

/// A sink that reads each share when it comes, or keeps all of them.
class Sink final : public FetchSink {
 public:
  explicit Sink(bool keeps = false) : keeps_(keeps) {}

  void on_share(Share share) override;
  void on_position(std::int64_t offset, std::uint64_t epoch) override;
  void on_stopped(const Error& error) override { stopped = std::make_unique<Error>(error); }
  std::int64_t queued_bytes() const override { return queued_; }
  /// Reads what is kept, and keeps nothing from here on.
  void read_all();

  std::vector<std::int64_t> offsets;
  std::vector<std::int64_t> positions;  ///< as they were set, in order
  std::uint64_t epoch = 0;
  int stale = 0;       ///< shares of an older epoch
  int unreadable = 0;  ///< shares with a batch that could not be read
  std::unique_ptr<Error> stopped;
  std::vector<Share> kept;
  Isolation isolation = Isolation::read_committed;

 private:
  void read(Share share);
  bool keeps_;
  std::int64_t queued_ = 0;
};

/// first, first + 1, … next - 1
std::vector<std::int64_t> range(std::int64_t first, std::int64_t next);

// ---- scripted servers ----

/// One request's frame without its size, or an empty string when the stream ended.
asio::awaitable<std::string> read_request(runtime::Stream& stream);
asio::awaitable<void> write_bytes(runtime::Stream& stream, std::string bytes);
/// Sleeps until the other side ends the stream.
asio::awaitable<void> wait_for_end(runtime::Stream& stream);
std::int32_t correlation_id(const std::string& request);
std::int16_t api_version(const std::string& request);
/// A frame that answers ApiVersions in `version` with all that this library speaks, each up to `version_max`.
std::string api_versions_answer(const std::string& request, std::int16_t version, std::int16_t version_max = 0x7fff,
                                ErrorCode error = ErrorCode::none);

/// Takes connections at `address` and runs `script(stream, number)` for each, numbered from 1. Lives as long as the
/// run.
class ScriptedServer {
 public:
  using Script = std::function<asio::awaitable<void>(runtime::Stream&, int)>;
  ScriptedServer(World& world, runtime::Address address, Script script);
  int connections() const { return connections_; }
  void close() { listener_->close(); }

 private:
  asio::awaitable<void> accept();
  asio::awaitable<void> serve(std::unique_ptr<runtime::Stream> stream, int number);

  World& world_;
  Script script_;
  std::unique_ptr<runtime::Listener> listener_;
  int connections_ = 0;
};

}  // namespace barnabas::client::testing
