// What a user is told when the other end is not what it should be: each cause in its own words, with whom, and what to
// do.
#include <set>
#include <string>
#include <vector>

#include "barnabas/protocol/messages/fetch.hpp"
#include "world.hpp"

using namespace barnabas;
using namespace barnabas::client;
using namespace barnabas::client::testing;

namespace {

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// The error of a first contact with `servers`.
std::unique_ptr<Error> contact(World& world, const char* servers) {
  std::unique_ptr<Error> failure;
  world.options.bootstrap_servers = parse_endpoints(servers);
  world.run([&]() -> asio::awaitable<void> {
    auto connect = [&]() -> asio::awaitable<void> { co_await world.connect(); };
    failure = co_await failure_of(connect);
  });
  REQUIRE(failure);
  return failure;
}

/// Fetches t[0] until its sink is told that it stopped.
void fetch_until_stopped(World& world, Sink& sink, FetchOptions options) {
  world.run([&]() -> asio::awaitable<void> {
    co_await world.connect();
    Fetcher& fetcher = world.make_fetcher(options);
    fetcher.add(TopicPartition("t", 0), StartPosition::earliest(), sink);
    co_await world.until([&] { return sink.stopped != nullptr; }, "the end of the partition");
    co_await world.sleep(milliseconds(300));
    const auto deadline = world.client->deadline_in_ms(1'000);
    co_await fetcher.close(deadline);
  });
}

}  // namespace

TEST_CASE("bad input: a host name that does not exist") {
  World world;
  const auto failure = contact(world, "no-such-host:9092");
  CHECK(failure->stage() == Error::Stage::resolve);
  CHECK(contains(failure->what(), "no-such-host"));
  CHECK(contains(failure->what(), "Name or service not known"));
  CHECK(contains(failure->hint(), "DNS"));
  CHECK(failure->retriable());
}

TEST_CASE("bad input: nobody listens on the port") {
  World world;
  const auto failure = contact(world, "10.1.0.1:9999");
  CHECK(failure->stage() == Error::Stage::connect);
  CHECK(contains(failure->what(), "10.1.0.1:9999"));
  CHECK(contains(failure->cause(), "refused"));
  CHECK(contains(failure->hint(), "port"));
  CHECK(failure->retriable());
}

TEST_CASE("bad input: an address that swallows packets") {
  World world;
  world.sim.network().fail_dials(runtime::Address("10.3.0.1", 0), fixtures::sim::DialFault::silent);
  const auto failure = contact(world, "10.3.0.1:9092");
  CHECK(failure->stage() == Error::Stage::connect);
  CHECK(contains(failure->what(), "10.3.0.1:9092"));
  CHECK(contains(failure->hint(), "firewall"));
}

TEST_CASE("bad input: the address that the cluster advertises cannot be reached") {
  BrokerOptions options;
  options.advertised_host = "kafka.internal";
  World world(1, options);
  world.run([&]() -> asio::awaitable<void> {
    co_await world.connect();  // by the bootstrap address
    auto call = [&]() -> asio::awaitable<void> {
      const auto deadline = world.client->deadline_in_ms(5'000);
      const Target leader = Target::node(1, ConnectionClass::fetch);
      co_await world.client->connection(leader, deadline);
    };
    const auto failure = co_await failure_of(call);
    REQUIRE(failure);
    CHECK(failure->stage() == Error::Stage::resolve);
    CHECK(contains(failure->with(), "broker 1 at kafka.internal:9092"));
    CHECK(contains(failure->hint(), "advertised.listeners"));
    CHECK(contains(failure->hint(), "kafka.internal:9092"));
  });
}

TEST_CASE("bad input: a broker that the metadata does not list") {
  World world;
  world.run([&]() -> asio::awaitable<void> {
    co_await world.connect();
    auto call = [&]() -> asio::awaitable<void> {
      const auto deadline = world.client->deadline_in_ms(5'000);
      const Target nobody = Target::node(42);
      co_await world.client->connection(nobody, deadline);
    };
    const auto failure = co_await failure_of(call);
    REQUIRE(failure);
    CHECK(contains(failure->what(), "broker 42"));
    CHECK(failure->retriable());
  });
}

TEST_CASE("bad input: a broker without a Fetch that this client speaks is reported, visibly, again and again") {
  BrokerOptions options;
  options.versions[ApiKey::fetch] = {30, 40};
  World world(1, options);
  Sink sink;
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    co_await world.connect();
    Fetcher& fetcher = world.make_fetcher(world.fetch_options());
    const auto start = StartPosition::offset(0);
    fetcher.add(TopicPartition("t", 0), start, sink);
    co_await world.until([&] { return world.count(EventKind::fetch_failed) >= 3; }, "three reports");
    const auto deadline = world.client->deadline_in_ms(1'000);
    co_await fetcher.close(deadline);
  });
  CHECK(contains(world.first(EventKind::fetch_failed), "Fetch"));
  CHECK(contains(world.first(EventKind::fetch_failed), "does not offer it"));
}

TEST_CASE("bad input: an unknown topic is reported once and waited for") {
  BrokerOptions options;
  options.auto_create_topics = false;
  World world(1, options);
  Sink sink;
  world.run([&]() -> asio::awaitable<void> {
    co_await world.connect();
    Fetcher& fetcher = world.make_fetcher(world.fetch_options());
    fetcher.add(TopicPartition("t", 0), StartPosition::earliest(), sink);
    co_await world.sleep(seconds(5));
    CHECK(world.count(EventKind::topic_missing) == 1);
    CHECK(contains(world.first(EventKind::topic_missing), "UNKNOWN_TOPIC_OR_PARTITION"));
    world.broker.create_topic("t", 1);
    world.fill("t", 0, 5);
    co_await world.until([&] { return sink.offsets.size() == 5; }, "records of the topic that came late");
    const auto deadline = world.client->deadline_in_ms(1'000);
    co_await fetcher.close(deadline);
  });
}

TEST_CASE("bad input: a topic that may not be read stops its partition, whichever API says so") {
  for (const ApiKey api : {ApiKey::fetch, ApiKey::list_offsets}) {
    CAPTURE(static_cast<int>(api));
    World world;
    world.broker.create_topic("t", 1);
    FaultTarget target(api);
    target.times = FaultTarget::always;
    world.broker.faults().plan(target, Fault::with_error(ErrorCode::topic_authorization_failed));
    Sink sink;
    fetch_until_stopped(world, sink, world.fetch_options());
    CHECK(sink.stopped->code() == ErrorCode::topic_authorization_failed);
    CHECK(contains(sink.stopped->what(), "t[0]"));
    CHECK(contains(sink.stopped->what(), "10.1.0.1:9092"));
    CHECK_FALSE(sink.stopped->hint().empty());
    CHECK_FALSE(sink.stopped->retriable());
    CHECK(world.count(EventKind::partition_stopped) == 1);
  }
}

TEST_CASE("bad input: a topic whose metadata may not be read stops its partition") {
  World world;
  Sink sink;
  world.run([&]() -> asio::awaitable<void> {
    co_await world.connect();
    FaultTarget target(ApiKey::metadata);
    target.times = FaultTarget::always;
    world.broker.faults().plan(target, Fault::with_error(ErrorCode::topic_authorization_failed));
    Fetcher& fetcher = world.make_fetcher(world.fetch_options());
    fetcher.add(TopicPartition("t", 0), StartPosition::earliest(), sink);
    co_await world.until([&] { return sink.stopped != nullptr; }, "the end of the partition");
    const auto deadline = world.client->deadline_in_ms(1'000);
    co_await fetcher.close(deadline);
  });
  CHECK(sink.stopped->code() == ErrorCode::topic_authorization_failed);
  CHECK(world.count(EventKind::partition_stopped) == 1);
}

TEST_CASE("bad input: a Fetch answer that makes no sense ends the connection, and the records come all the same") {
  World world;
  Sink sink;
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    world.fill("t", 0, 20);
    co_await world.connect();
    const FaultTarget target(ApiKey::fetch);
    // Correlation id 2 is the first request behind ApiVersions; then a throttle time, and nonsense.
    const std::string nonsense("\0\0\0\x18\0\0\0\x02\0\0\0\0\0\0\0\0\0\0\0\0\xff\xff\xff\xff\x7f\x7f\x7f\x7f", 28);
    world.broker.faults().plan(target, Fault::raw(nonsense));
    Fetcher& fetcher = world.make_fetcher(world.fetch_options());
    const auto start = StartPosition::offset(0);
    fetcher.add(TopicPartition("t", 0), start, sink);
    co_await world.until([&] { return sink.offsets.size() == 20; }, "the records");
    const auto deadline = world.client->deadline_in_ms(1'000);
    co_await fetcher.close(deadline);
  });
  CHECK(sink.offsets == range(0, 20));
  CHECK(contains(world.first(EventKind::fetch_failed), "decode a Fetch response"));
  CHECK(contains(world.first(EventKind::fetch_failed), "10.1.0.1:9092"));
}

TEST_CASE("bad input: a magic that nobody has defined stops the partition with its name") {
  World world;
  world.broker.create_topic("t", 1);
  world.fill("t", 0, 5);
  world.broker.corrupt_batch("t", 0, 0, 16, 0x01);  // magic 2 becomes 3
  Sink sink;
  fetch_until_stopped(world, sink, world.fetch_options());
  CHECK(contains(sink.stopped->what(), "magic 3"));
  CHECK(contains(sink.stopped->what(), "t[0]"));
}

TEST_CASE("bad input: a batch that is cut although there was room stops the partition, not the client") {
  World world;
  world.broker.create_topic("t", 1);
  world.fill("t", 0, 5);
  world.broker.corrupt_batch("t", 0, 0, 9, 0x01);  // its length grows by 65536
  Sink sink;
  fetch_until_stopped(world, sink, world.fetch_options());
  CHECK(contains(sink.stopped->cause(), "cut short"));
  CHECK(contains(sink.stopped->what(), "broker 1 at 10.1.0.1:9092"));
  CHECK_FALSE(sink.stopped->hint().empty());
  CHECK(world.broker.requests().of(ApiKey::fetch) < 10);
}

TEST_CASE("bad input: bootstrap servers that nobody can mean are refused with the form that is wanted") {
  const std::vector<const char*> wrong = {"a:0", "a:70000", "a:x", "[::1", "[::1]x", "SSL://a:1"};
  std::set<std::string> texts;
  for (const char* text : wrong) {
    CAPTURE(text);
    std::unique_ptr<Error> failure;
    try {
      parse_endpoints(text);
    } catch (const Error& error) {
      failure = std::make_unique<Error>(error);
    }
    REQUIRE(failure);
    CHECK(failure->stage() == Error::Stage::config);
    CHECK(contains(failure->what(), text));
    CHECK_FALSE(failure->hint().empty());
  }
  CHECK(parse_endpoints("a,b:1, [::1]:9093").size() == 3);
}
