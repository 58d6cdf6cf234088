// Whom a request goes to: the leader of a partition, the coordinator of a group.
#include "world.hpp"

using namespace barnabas;
using namespace barnabas::client;
using namespace barnabas::client::testing;

namespace {

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

constexpr auto group = Client::CoordinatorKind::group;

/// What Client::leader gives or throws.
struct LeaderSearch {
  Target target;
  std::unique_ptr<Error> failure;
  std::int64_t took_ms = 0;

  asio::awaitable<void> run(World& world, int partition, int limit_ms) {
    const auto begin = world.client->now();
    const auto deadline = world.client->deadline_in_ms(limit_ms);
    auto search = [&]() -> asio::awaitable<void> {
      TopicPartition wanted("t", partition);
      target = co_await world.client->leader(std::move(wanted), deadline);
    };
    failure = co_await failure_of(search);
    took_ms = std::chrono::duration_cast<milliseconds>(world.client->now() - begin).count();
  }
};

struct CoordinatorSearch {
  Target target;
  std::unique_ptr<Error> failure;
  std::int64_t took_ms = 0;

  asio::awaitable<void> run(World& world, Client::CoordinatorKind kind, int limit_ms) {
    const auto begin = world.client->now();
    const auto deadline = world.client->deadline_in_ms(limit_ms);
    auto search = [&]() -> asio::awaitable<void> {
      std::string key = "orders";
      target = co_await world.client->coordinator(kind, std::move(key), deadline);
    };
    failure = co_await failure_of(search);
    took_ms = std::chrono::duration_cast<milliseconds>(world.client->now() - begin).count();
  }
};

}  // namespace

TEST_CASE("targets: the leader of a partition is looked up for a topic that nobody asked for before") {
  World world(3);
  world.broker.create_topic("t", 3, 3);
  world.run([&]() -> asio::awaitable<void> {
    co_await world.connect();
    world.broker.move_leader("t", 1, 3);
    LeaderSearch search;
    co_await search.run(world, 1, 5'000);
    CHECK(search.failure == nullptr);
    CHECK(search.target.kind == Target::Kind::node);
    CHECK(search.target.node_id == 3);
    CHECK(search.took_ms < 1'000);
  });
}

TEST_CASE("targets: a partition without leader is waited for until it has one") {
  World world(2);
  world.broker.create_topic("t", 1, 2);
  world.broker.move_leader("t", 0, -1);
  world.run([&]() -> asio::awaitable<void> {
    co_await world.connect();
    auto elect = [&]() -> asio::awaitable<void> {
      co_await world.sleep(seconds(2));
      world.broker.move_leader("t", 0, 2);
    };
    world.tasks.spawn("elect", elect());
    LeaderSearch search;
    co_await search.run(world, 0, 10'000);
    co_await world.tasks.join();
    CHECK(search.failure == nullptr);
    CHECK(search.target.node_id == 2);
    CHECK(search.took_ms >= 2'000);
    CHECK(search.took_ms < 4'500);
  });
}

TEST_CASE("targets: a partition that stays without leader ends the search at its deadline") {
  World world;
  world.broker.create_topic("t", 1);
  world.broker.move_leader("t", 0, -1);
  world.run([&]() -> asio::awaitable<void> {
    co_await world.connect();
    LeaderSearch search;
    co_await search.run(world, 0, 3'000);
    REQUIRE(search.failure);
    CHECK(search.failure->code() == ErrorCode::leader_not_available);
    CHECK(search.failure->retriable());
    CHECK(contains(search.failure->what(), "t[0]"));
    CHECK(search.took_ms == 3'000);
  });
}

TEST_CASE("targets: a partition that its topic does not have is said at once") {
  World world;
  world.broker.create_topic("t", 2);
  world.run([&]() -> asio::awaitable<void> {
    co_await world.connect();
    LeaderSearch search;
    co_await search.run(world, 7, 10'000);
    REQUIRE(search.failure);
    CHECK(search.failure->code() == ErrorCode::unknown_topic_or_partition);
    CHECK_FALSE(search.failure->retriable());
    CHECK(contains(search.failure->what(), "2 partitions"));
    CHECK(search.took_ms < 1'000);
  });
}

TEST_CASE("targets: looking for a leader keeps no topic in metadata afterwards") {
  World world;
  world.broker.create_topic("t", 1);
  world.run([&]() -> asio::awaitable<void> {
    co_await world.connect();
    LeaderSearch search;
    co_await search.run(world, 0, 5'000);
    REQUIRE(search.failure == nullptr);
    world.broker.move_leader("t", 0, -1);
    world.client->request_metadata("test");
    const auto deadline = world.client->deadline_in_ms(2'000);
    co_await world.client->metadata_changed(deadline);
    CHECK(world.client->metadata().partition("t", 0)->leader_id == 1);  // nobody asked for it
  });
}

TEST_CASE("targets: the coordinator is found in each version of FindCoordinator") {
  for (std::int16_t version = 0; version <= 6; ++version) {
    CAPTURE(version);
    BrokerOptions broker_options;
    broker_options.versions[ApiKey::find_coordinator] = {version, version};
    World world(3, broker_options);
    world.run([&]() -> asio::awaitable<void> {
      co_await world.connect();
      world.broker.move_coordinator("orders", 2);
      CoordinatorSearch search;
      co_await search.run(world, group, 5'000);
      CHECK(search.failure == nullptr);
      CHECK(search.target.node_id == 2);
    });
  }
}

TEST_CASE("targets: errors that pass are retried with a pause, others are thrown at once") {
  World world;
  world.run([&]() -> asio::awaitable<void> {
    co_await world.connect();
    FaultTarget three(ApiKey::find_coordinator);
    three.times = 3;
    world.broker.faults().plan(three, Fault::with_error(ErrorCode::coordinator_not_available));
    CoordinatorSearch search;
    co_await search.run(world, group, 10'000);
    CHECK(search.failure == nullptr);
    CHECK(search.took_ms >= 500);  // 100, 200 and 400 ms, less a fifth
    CHECK(world.broker.requests().of(ApiKey::find_coordinator) == 4);

    const FaultTarget once(ApiKey::find_coordinator);
    world.broker.faults().plan(once, Fault::with_error(ErrorCode::group_authorization_failed));
    co_await search.run(world, group, 10'000);
    REQUIRE(search.failure);
    CHECK(search.failure->code() == ErrorCode::group_authorization_failed);
    CHECK(contains(search.failure->what(), "GROUP_AUTHORIZATION_FAILED"));
    CHECK(contains(search.failure->what(), "group orders"));
    CHECK(world.broker.requests().of(ApiKey::find_coordinator) == 5);
  });
}

TEST_CASE("targets: a connection that breaks is no reason to give a coordinator up; the deadline is") {
  World world;
  world.run([&]() -> asio::awaitable<void> {
    co_await world.connect();
    const FaultTarget once(ApiKey::find_coordinator);
    world.broker.faults().plan(once, Fault::closing());
    CoordinatorSearch search;
    co_await search.run(world, group, 10'000);
    CHECK(search.failure == nullptr);

    FaultTarget always(ApiKey::find_coordinator);
    always.times = FaultTarget::always;
    world.broker.faults().plan(always, Fault::with_error(ErrorCode::coordinator_load_in_progress));
    co_await search.run(world, group, 4'000);
    REQUIRE(search.failure);
    CHECK(search.failure->code() == ErrorCode::coordinator_load_in_progress);
    CHECK(search.took_ms <= 4'000);
    CHECK(search.took_ms > 2'500);
  });
}

TEST_CASE("targets: a kind of coordinator that the broker is too old for is said to be so") {
  BrokerOptions broker_options;
  broker_options.versions[ApiKey::find_coordinator] = {0, 5};
  World world(1, broker_options);
  world.run([&]() -> asio::awaitable<void> {
    co_await world.connect();
    CoordinatorSearch search;
    co_await search.run(world, Client::CoordinatorKind::share, 5'000);
    REQUIRE(search.failure);
    CHECK(search.failure->stage() == Error::Stage::version);
    CHECK(contains(search.failure->what(), "FindCoordinator"));
    CHECK(search.took_ms < 500);
  });
}

TEST_CASE("targets: closing ends both searches") {
  World world;
  world.broker.create_topic("t", 1);
  world.broker.move_leader("t", 0, -1);
  LeaderSearch leader;
  CoordinatorSearch coordinator;
  world.run([&]() -> asio::awaitable<void> {
    co_await world.connect();
    FaultTarget always(ApiKey::find_coordinator);
    always.times = FaultTarget::always;
    world.broker.faults().plan(always, Fault::with_error(ErrorCode::coordinator_not_available));
    world.tasks.spawn("leader", leader.run(world, 0, 60'000));
    world.tasks.spawn("coordinator", coordinator.run(world, group, 60'000));
    co_await world.sleep(seconds(3));
    const auto begin = world.client->now();
    const auto deadline = world.client->deadline_in_ms(1'000);
    co_await world.client->close(deadline);
    co_await world.tasks.join();
    CHECK(world.client->now() - begin < milliseconds(50));
    CHECK(leader.failure);
    CHECK(coordinator.failure);
  });
}
