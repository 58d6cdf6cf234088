// One connection and its broker, against servers that follow a script: what is said when the other side misbehaves, and
// that it is said at once.
#include <string>

#include "barnabas/client/cluster/connection.hpp"
#include "barnabas/protocol/messages/metadata.hpp"
#include "world.hpp"

using namespace barnabas;
using namespace barnabas::client;
using namespace barnabas::client::testing;

namespace {

const runtime::Address server_at("10.9.0.1", 9092);

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// Connects to a server that does `script`, and gives what went wrong. Checks that it is said within `limit` and names
/// the server.
std::unique_ptr<Error> failure_with(ScriptedServer::Script script, runtime::Duration limit = milliseconds(500)) {
  World world;
  std::unique_ptr<Error> failure;
  world.options.bootstrap_servers = parse_endpoints("10.9.0.1:9092");
  world.run([&]() -> asio::awaitable<void> {
    ScriptedServer server(world, server_at, script);
    auto connect = [&]() -> asio::awaitable<void> { co_await world.connect(); };
    const auto begin = world.client->now();
    failure = co_await failure_of(connect);
    CHECK(world.client->now() - begin <= limit);
  });
  REQUIRE(failure != nullptr);
  CHECK(contains(failure->what(), "10.9.0.1:9092"));
  return failure;
}

std::string big_endian(std::uint32_t number) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift);
  return bytes;
}

}  // namespace

TEST_CASE("connection: a server that speaks HTTP is named as one") {
  const auto failure = failure_with([](runtime::Stream& stream, int) -> asio::awaitable<void> {
    co_await read_request(stream);
    std::string answer = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";
    co_await write_bytes(stream, std::move(answer));
  });
  CHECK(failure->stage() == Error::Stage::protocol);
  CHECK(contains(failure->cause(), "HTTP"));
  CHECK(contains(failure->hint(), "Kafka listener"));
  CHECK_FALSE(failure->retriable());
}

TEST_CASE("connection: a listener that expects TLS is named as one") {
  const auto failure = failure_with([](runtime::Stream& stream, int) -> asio::awaitable<void> {
    co_await read_request(stream);
    std::string alert("\x15\x03\x03\x00\x02\x02\x50", 7);
    co_await write_bytes(stream, std::move(alert));
  });
  CHECK(failure->stage() == Error::Stage::tls);
  CHECK(contains(failure->hint(), "TLS"));
}

TEST_CASE("connection: a length of 2 GiB, a negative one and one too small end the connection before memory is taken") {
  struct Row {
    std::uint32_t length;
    const char* says;
  };
  for (const Row& row : {Row{0x7fffffff, "2147483647"}, Row{0xfffffff0, "-16"}, Row{3, "3 cannot hold"}}) {
    CAPTURE(row.says);
    const auto failure = failure_with([&row](runtime::Stream& stream, int) -> asio::awaitable<void> {
      co_await read_request(stream);
      std::string answer = big_endian(row.length) + std::string(100, 'x');
      co_await write_bytes(stream, std::move(answer));
      co_await wait_for_end(stream);
    });
    CHECK(failure->stage() == Error::Stage::protocol);
    CHECK(contains(failure->cause(), row.says));
  }
}

TEST_CASE("connection: a server that hangs up says what it may be") {
  int connections = 0;
  const auto failure = failure_with([&](runtime::Stream& stream, int) -> asio::awaitable<void> {
    ++connections;
    co_await read_request(stream);
  });
  CHECK(failure->stage() == Error::Stage::protocol);
  CHECK(contains(failure->hint(), "TLS or SASL"));
  CHECK(failure->retriable());
  CHECK(connections == 4);  // ApiVersions 4, 3 and 0, and a question that old brokers know
}

TEST_CASE("connection: a correlation id that nobody asked with is an error") {
  const auto failure = failure_with([](runtime::Stream& stream, int) -> asio::awaitable<void> {
    std::string request = co_await read_request(stream);
    request[7] = static_cast<char>(request[7] + 1);
    std::string answer = api_versions_answer(request, 4);
    co_await write_bytes(stream, std::move(answer));
    co_await wait_for_end(stream);
  });
  CHECK(contains(failure->cause(), "correlation id"));
}

TEST_CASE("connection: an ApiVersions answer that makes no sense is an error") {
  const auto failure = failure_with([](runtime::Stream& stream, int) -> asio::awaitable<void> {
    const std::string request = co_await read_request(stream);
    std::string answer = big_endian(20) + request.substr(4, 4) + std::string("\0\0", 2) + std::string(14, '\xff');
    co_await write_bytes(stream, std::move(answer));
    co_await wait_for_end(stream);
  });
  CHECK(failure->stage() == Error::Stage::protocol);
  CHECK(contains(failure->attempted(), "ApiVersions"));
}

TEST_CASE("connection: an answer that stops in its middle is an error, at the end of the stream or of the time") {
  const auto cut = failure_with([](runtime::Stream& stream, int) -> asio::awaitable<void> {
    const std::string request = co_await read_request(stream);
    std::string answer = api_versions_answer(request, 4);
    answer.resize(answer.size() / 2);
    co_await write_bytes(stream, std::move(answer));
  });
  CHECK(cut->retriable());
  const auto stuck = failure_with(
      [](runtime::Stream& stream, int) -> asio::awaitable<void> {
        const std::string request = co_await read_request(stream);
        std::string answer = api_versions_answer(request, 4);
        answer.resize(answer.size() / 2);
        co_await write_bytes(stream, std::move(answer));
        co_await wait_for_end(stream);
      },
      milliseconds(3'100));
  CHECK(stuck->stage() == Error::Stage::timeout);
  CHECK(contains(stuck->attempted(), "ApiVersions"));
}

TEST_CASE("connection: a broker without a common version says both ranges") {
  const auto failure = failure_with([](runtime::Stream& stream, int) -> asio::awaitable<void> {
    const std::string request = co_await read_request(stream);
    std::string answer = api_versions_answer(request, 4, -1);
    co_await write_bytes(stream, std::move(answer));
    co_await wait_for_end(stream);
  });
  CHECK(failure->stage() == Error::Stage::version);
  CHECK(contains(failure->what(), "Metadata"));
  CHECK(contains(failure->cause(), "to 13"));
  CHECK(contains(failure->hint(), "release"));
}

namespace {

/// A server that knows ApiVersions up to `known` and meets newer ones with `refusal`, and then serves no more.
int connections_until_greeted(std::int16_t known, bool hangs_up, std::int16_t* asked_last) {
  World world;
  world.options.bootstrap_servers = parse_endpoints("10.9.0.1:9092");
  int connections = 0;
  world.run([&]() -> asio::awaitable<void> {
    ScriptedServer server(world, server_at, [&](runtime::Stream& stream, int) -> asio::awaitable<void> {
      while (true) {
        const std::string request = co_await read_request(stream);
        if (request.empty()) co_return;
        *asked_last = api_version(request);
        const bool fits = api_version(request) <= known;
        if (!fits && hangs_up) co_return;
        std::string answer = fits ? api_versions_answer(request, *asked_last)
                                  : api_versions_answer(request, 0, known, ErrorCode::unsupported_version);
        co_await write_bytes(stream, std::move(answer));
        if (fits) break;
      }
      co_await wait_for_end(stream);
    });
    const auto deadline = world.client->deadline_in_ms(1'000);
    const Target any = Target::any();
    auto connection = co_await world.client->connection(any, deadline);
    CHECK_FALSE(connection->closed());
    CHECK(connection->versions.size() > 0);
    connections = server.connections();
  });
  return connections;
}

}  // namespace

TEST_CASE("connection: a broker that refuses ApiVersions 4 is asked again in what it knows, on the same connection") {
  for (const std::int16_t known : {0, 2, 3}) {
    CAPTURE(known);
    std::int16_t asked = -1;
    CHECK(connections_until_greeted(known, false, &asked) == 1);
    CHECK(asked == known);
  }
}

TEST_CASE("connection: a broker that hangs up on ApiVersions 4 is asked in 3, then in 0, at once") {
  std::int16_t asked = -1;
  CHECK(connections_until_greeted(4, true, &asked) == 1);
  CHECK(asked == 4);
  CHECK(connections_until_greeted(3, true, &asked) == 2);
  CHECK(asked == 3);
  CHECK(connections_until_greeted(0, true, &asked) == 3);
  CHECK(asked == 0);
}

namespace {

/// What a server does with ApiVersions; everything else is answered as if nothing had been asked for.
enum class AtApiVersions { answers, hangs_up, is_silent };

struct OldBroker {
  AtApiVersions first = AtApiVersions::answers, later = AtApiVersions::answers;
  int says_nothing = 0;   ///< on so many connections, whatever is asked
  milliseconds takes{0};  ///< before each answer on the others
  int connections = 0;
  std::int64_t took_ms = 0;
  VersionTable versions;

  void meet() {
    World world;
    world.options.bootstrap_servers = parse_endpoints("10.9.0.1:9092");
    world.options.connect_timeout_ms = 10'000;
    world.run([&]() -> asio::awaitable<void> {
      ScriptedServer server(world, server_at, [&](runtime::Stream& stream, int) -> asio::awaitable<void> {
        const AtApiVersions way = ++connections == 1 ? first : later;
        while (true) {
          const std::string request = co_await read_request(stream);
          if (request.empty()) co_return;
          if (connections <= says_nothing) break;
          co_await world.sleep(takes);
          const bool asks_versions = request[1] == 18;
          if (asks_versions && way == AtApiVersions::hangs_up) co_return;
          if (asks_versions && way == AtApiVersions::is_silent) break;
          std::string answer = asks_versions ? api_versions_answer(request, api_version(request))
                                             : big_endian(8) + request.substr(4, 4) + big_endian(0);
          co_await write_bytes(stream, std::move(answer));
        }
        co_await wait_for_end(stream);
      });
      const auto begin = world.client->now();
      const auto deadline = world.client->deadline_in_ms(20'000);
      const Target any = Target::any();
      auto connection = co_await world.client->connection(any, deadline);
      took_ms = std::chrono::duration_cast<milliseconds>(world.client->now() - begin).count();
      CHECK_FALSE(connection->closed());
      versions = connection->versions;
      connections = server.connections();
    });
  }
};

constexpr auto join_group = static_cast<std::int16_t>(ApiKey::join_group);
constexpr auto fetch = static_cast<std::int16_t>(ApiKey::fetch);

}  // namespace

TEST_CASE("connection: a broker that leaves ApiVersions unanswered is spoken to as Kafka 0.9") {
  OldBroker broker;
  broker.first = broker.later = AtApiVersions::is_silent;
  broker.meet();
  CHECK(broker.connections == 4);  // asked, probed, asked again, used
  CHECK(broker.took_ms <= 4'000);
  CHECK(broker.versions.range(fetch).second == 1);
  CHECK(broker.versions.range(join_group).second == 0);
}

TEST_CASE("connection: a broker that was only slow to answer ApiVersions is not taken for an old one") {
  OldBroker broker;
  broker.first = AtApiVersions::is_silent;
  broker.meet();
  CHECK(broker.connections == 3);
  CHECK(broker.versions.range(join_group).second != 0);
}

TEST_CASE("connection: a broker that takes nine seconds for each answer is waited for") {
  OldBroker broker;
  broker.says_nothing = 2;  // whatever is asked there is answered too late
  broker.takes = seconds(9);
  broker.meet();
  CHECK(broker.connections == 3);
  CHECK(broker.versions.range(join_group).second != 0);
}

TEST_CASE("connection: a broker that hangs up at every ApiVersions is spoken to as Kafka 0.8, which has no groups") {
  OldBroker broker;
  broker.first = broker.later = AtApiVersions::hangs_up;
  broker.meet();
  CHECK(broker.connections == 5);  // 4, 3, 0, probed, used
  CHECK(broker.versions.range(fetch).second == 0);
  CHECK(broker.versions.range(join_group).second == -1);
}

TEST_CASE("connection: a request without an answer ends the connection at its deadline; the next call opens another") {
  World world;
  world.run([&]() -> asio::awaitable<void> {
    co_await world.connect();
    const FaultTarget target(ApiKey::metadata);
    world.broker.faults().plan(target, Fault::dropping());
    protocol::MetadataRequest request;
    auto call = [&]() -> asio::awaitable<void> {
      const auto deadline = world.client->deadline_in_ms(700);
      const Target any = Target::any();
      co_await world.client->call(request, any, deadline);
    };
    const auto begin = world.client->now();
    const auto failure = co_await failure_of(call);
    REQUIRE(failure);
    CHECK(failure->stage() == Error::Stage::timeout);
    CHECK(contains(failure->attempted(), "Metadata"));
    CHECK(contains(failure->what(), "10.1.0.1:9092"));
    CHECK(failure->retriable());
    CHECK(world.client->now() - begin == milliseconds(700));
    const auto again = co_await failure_of(call);
    CHECK(again == nullptr);
  });
}

TEST_CASE("connection: whoever waits gets the first cause when the connection is cut") {
  World world;
  world.run([&]() -> asio::awaitable<void> {
    co_await world.connect();
    const FaultTarget target(ApiKey::metadata);
    world.broker.faults().plan(target, Fault::closing());
    protocol::MetadataRequest request;
    int failed = 0;
    auto call = [&]() -> asio::awaitable<void> {
      const auto deadline = world.client->deadline_in_ms(3'000);
      const Target any = Target::any();
      co_await world.client->call(request, any, deadline);
    };
    auto one = [&]() -> asio::awaitable<void> {
      const auto failure = co_await failure_of(call);
      if (failure) CHECK(contains(failure->what(), "10.1.0.1:9092"));
      failed += failure != nullptr;
    };
    for (int i = 0; i < 3; ++i) world.tasks.spawn("call", one());
    co_await world.tasks.join();
    CHECK(failed == 3);
    CHECK(world.count(EventKind::disconnected) == 1);
  });
}

TEST_CASE("connection: closing the client wakes those who wait for an answer, for a connection and for its greeting") {
  World world;
  int failed = 0;
  world.options.bootstrap_servers = parse_endpoints("10.1.0.1:9092");
  world.run([&]() -> asio::awaitable<void> {
    co_await world.connect();
    const FaultTarget target(ApiKey::metadata);
    world.broker.faults().plan(target, Fault::dropping());
    FaultTarget greetings(ApiKey::api_versions);
    greetings.times = FaultTarget::always;
    world.broker.faults().plan(greetings, Fault::dropping());
    protocol::MetadataRequest request;
    auto answer = [&]() -> asio::awaitable<void> {
      const auto deadline = world.client->deadline_in_ms(30'000);
      const Target any = Target::any();
      co_await world.client->call(request, any, deadline);
    };
    auto greeting = [&]() -> asio::awaitable<void> {
      const auto deadline = world.client->deadline_in_ms(30'000);
      const Target target_node = Target::node(1, ConnectionClass::fetch);
      co_await world.client->connection(target_node, deadline);
    };
    auto one = [&]() -> asio::awaitable<void> {
      const auto failure = co_await failure_of(answer);
      failed += failure && failure->stage() == Error::Stage::closed;
    };
    auto two = [&]() -> asio::awaitable<void> {
      const auto failure = co_await failure_of(greeting);
      failed += failure && failure->stage() == Error::Stage::closed;
    };
    world.tasks.spawn("answer", one());
    world.tasks.spawn("greeting", two());
    co_await world.sleep(milliseconds(200));
    CHECK(failed == 0);
    const auto begin = world.client->now();
    const auto deadline = world.client->deadline_in_ms(1'000);
    co_await world.client->close(deadline);
    co_await world.tasks.join();
    CHECK(world.client->now() - begin < milliseconds(50));
    CHECK(failed == 2);
  });
}

TEST_CASE("connection: a connection that is lost at the moment it opens is not waited for") {
  World world;
  world.options.bootstrap_servers = parse_endpoints("10.9.0.1:9092");
  world.run([&]() -> asio::awaitable<void> {
    // Greets and hangs up at once.
    ScriptedServer server(world, server_at, [](runtime::Stream& stream, int) -> asio::awaitable<void> {
      const std::string request = co_await read_request(stream);
      std::string answer = api_versions_answer(request, 4);
      co_await write_bytes(stream, std::move(answer));
    });
    for (int round = 0; round < 20; ++round) {
      auto connect = [&]() -> asio::awaitable<void> { co_await world.connect(); };
      const auto begin = world.client->now();
      const auto failure = co_await failure_of(connect);
      REQUIRE(failure);
      CHECK(world.client->now() - begin < milliseconds(1'500));  // the longest pause between attempts
    }
  });
}

TEST_CASE("connection: a bootstrap server that is silent leaves time for the next") {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    World world(1, {}, seed);
    world.options.connect_timeout_ms = 60'000;
    world.options.bootstrap_servers = parse_endpoints("10.9.0.1:9092,10.1.0.1:9092");
    world.run([&]() -> asio::awaitable<void> {
      ScriptedServer server(world, server_at, [](runtime::Stream& stream, int) -> asio::awaitable<void> {
        co_await wait_for_end(stream);
      });
      co_await world.connect();
      CHECK(world.client->metadata().brokers().size() == 1);
    });
  }
}

TEST_CASE("connection: of a name's addresses each is tried, whatever the one before did") {
  World world;
  world.sim.network().set_name("kafka", {"10.9.0.1", "10.9.0.2", "10.1.0.1"});
  world.sim.network().fail_dials(runtime::Address("10.9.0.2", 0), fixtures::sim::DialFault::silent);
  world.options.bootstrap_servers = parse_endpoints("kafka:9092");
  world.run([&]() -> asio::awaitable<void> { co_await world.connect(); });
}

TEST_CASE("connection: a broker whose advertised address changes is reached at the new one") {
  World world;
  world.run([&]() -> asio::awaitable<void> {
    co_await world.connect();
    int greeted = 0;
    ScriptedServer server(world, server_at, [&](runtime::Stream& stream, int) -> asio::awaitable<void> {
      const std::string request = co_await read_request(stream);
      ++greeted;
      std::string answer = api_versions_answer(request, 4);
      co_await write_bytes(stream, std::move(answer));
      co_await wait_for_end(stream);
    });
    const Target target = Target::node(1);
    auto deadline = world.client->deadline_in_ms(1'000);
    auto before = co_await world.client->connection(target, deadline);
    const runtime::Endpoint moved("10.9.0.1", 9092);
    world.client->metadata().apply_node_endpoint(1, moved);
    deadline = world.client->deadline_in_ms(1'000);
    auto after = co_await world.client->connection(target, deadline);
    CHECK(before->closed());
    CHECK_FALSE(after->closed());
    CHECK(greeted == 1);
  });
}
