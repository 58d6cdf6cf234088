// A response that ends after any of its bytes: the connection ends, the client opens another and goes on.
#include "world.hpp"

using namespace barnabas;
using namespace barnabas::client;
using namespace barnabas::client::testing;

namespace {

const TopicPartition t0("t", 0);
constexpr std::size_t longest_response = 2'000;  // far above what is expected here

/// Cuts one response of `api` after 0, 1, 2, … bytes, until a cut comes behind the last byte. `go_on(cut)` asks for
/// such a response and waits for what must work again; it says whether the response came whole.
struct Cuts {
  World world;
  std::size_t bytes = 0;  ///< of the response, in the end

  void run(ApiKey api, std::function<asio::awaitable<bool>(std::size_t cut)> go_on,
           std::function<asio::awaitable<void>()> prepare) {
    world.broker.create_topic("t", 1);
    world.options.metadata_max_age_ms = 600'000;
    world.run([&, api]() -> asio::awaitable<void> {
      co_await world.connect();
      co_await prepare();
      for (bool whole = false; !whole && bytes < longest_response; ++bytes) {
        const FaultTarget once(api);
        world.broker.faults().plan(once, Fault::cutting_after(bytes));
        whole = co_await go_on(bytes);
        CHECK(world.broker.faults().pending() == 0);
      }
      CHECK(world.sim.network().connections(runtime::Address("10.1.0.1", 9092)) <= 3);
    });
  }
};

}  // namespace

TEST_CASE("cut responses: Metadata after each of its bytes") {
  Cuts cuts;
  World& world = cuts.world;
  cuts.run(
      ApiKey::metadata,
      [&](std::size_t) -> asio::awaitable<bool> {
        const int failed = world.count(EventKind::metadata_failed);
        const int refreshed = world.count(EventKind::metadata_refreshed);
        const auto begin = world.client->now();
        world.client->request_metadata("test");
        co_await world.until([&] { return world.count(EventKind::metadata_refreshed) > refreshed; }, "metadata");
        CHECK(world.client->now() - begin < seconds(4));
        co_return world.count(EventKind::metadata_failed) == failed;
      },
      [&]() -> asio::awaitable<void> {
        world.client->add_interest("t");
        co_await world.until([&] { return world.client->metadata().topic("t") != nullptr; }, "the topic");
      });
  CHECK(cuts.bytes > 60);
  CHECK(cuts.bytes < longest_response);
}

TEST_CASE("cut responses: Fetch after each of its bytes, and no record is lost or comes twice") {
  Cuts cuts;
  World& world = cuts.world;
  Sink sink;
  int records = 0;
  cuts.run(
      ApiKey::fetch,
      [&](std::size_t) -> asio::awaitable<bool> {
        // The request has come and waits at the broker: its response will have a record in it.
        co_await world.until([&] { return world.broker.faults().pending() == 0; }, "a Fetch");
        const auto begin = world.client->now();
        world.fill("t", 0, 1);
        const auto wanted = static_cast<std::size_t>(++records);
        co_await world.until([&] { return sink.offsets.size() == wanted; }, "the record");
        const auto took = world.client->now() - begin;
        CHECK(took < seconds(3));
        co_return took < milliseconds(50);  // no pause, so it was not asked for again
      },
      [&]() -> asio::awaitable<void> {
        const FetchOptions fetch = world.fetch_options();
        world.make_fetcher(fetch).add(t0, StartPosition::earliest(), sink);
        co_await world.until([&] { return sink.positions.size() == 1; }, "the position");
      });
  CHECK(cuts.bytes > 110);  // a batch of one record has 69 bytes
  CHECK(cuts.bytes < longest_response);
  CHECK(sink.offsets == range(0, records));
  CHECK(sink.stopped == nullptr);
}

TEST_CASE("cut responses: ApiVersions after each of its bytes") {
  // Each is a first contact of its own, which may fail, and says so at once; the next one works.
  std::size_t cut = 0;
  for (bool whole = false; !whole && cut < longest_response; ++cut) {
    CAPTURE(cut);
    World world;
    world.run([&]() -> asio::awaitable<void> {
      const FaultTarget once(ApiKey::api_versions);
      world.broker.faults().plan(once, Fault::cutting_after(cut));
      auto connect = [&]() -> asio::awaitable<void> { co_await world.connect(); };
      const auto begin = world.client->now();
      auto failure = co_await failure_of(connect);
      CHECK(world.client->now() - begin < seconds(2));
      if (failure) CHECK(std::string(failure->what()).find("10.1.0.1:9092") != std::string::npos);
      whole = world.count(EventKind::connected) == 1 && world.broker.requests().of(ApiKey::api_versions) == 1;
      if (failure) failure = co_await failure_of(connect);
      CHECK(failure == nullptr);
    });
  }
  CHECK(cut > 100);
  CHECK(cut < longest_response);
}
