// Groups seen from outside, at the embedded broker: lists, descriptions, offsets, lag, resets, ends.
#include <algorithm>
#include <string>

#include "barnabas/client/admin/group_lag.hpp"
#include "barnabas/client/admin/group_offsets.hpp"
#include "barnabas/client/admin/group_reset.hpp"
#include "barnabas/client/admin/groups.hpp"
#include "barnabas/client/admin/log_offsets.hpp"
#include "barnabas/protocol/messages/consumer_group_heartbeat.hpp"
#include "barnabas/protocol/messages/consumer_protocol.hpp"
#include "barnabas/protocol/messages/join_group.hpp"
#include "barnabas/protocol/messages/sync_group.hpp"
#include "world.hpp"

using namespace barnabas;
using namespace barnabas::client;
using namespace barnabas::client::testing;

namespace {

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

constexpr GroupType classic = GroupType::classic;
const std::string group_g = "g", nobody = "nobody", idle = "idle";

template <class Message>
std::string encoded(const Message& message) {
  auto data = protocol::encode_versioned(message, 0);
  REQUIRE(data);
  return *data;
}

std::string subscription_to(const char* topic) {
  protocol::Arena arena;
  protocol::ConsumerProtocolSubscription subscription;
  auto topics = arena.make_list<protocol::string>(1);
  topics[0] = protocol::string(topic);
  subscription.topics = topics;
  return encoded(subscription);
}

std::string assignment_of(const char* topic, const std::vector<std::int32_t>& partitions) {
  protocol::Arena arena;
  protocol::ConsumerProtocolAssignment assignment;
  auto topics = arena.make_list<protocol::ConsumerProtocolAssignment::TopicPartition>(1);
  auto indexes = arena.make_list<protocol::int32>(partitions.size());
  std::ranges::copy(partitions, indexes.begin());
  topics[0].topic = protocol::string(topic);
  topics[0].partitions = indexes;
  assignment.assigned_partitions = topics;
  return encoded(assignment);
}

/// Joins group g as its only member, which has these partitions of topic t.
asio::awaitable<void> join_alone(World& world, std::vector<std::int32_t> partitions) {
  Client& client = *world.client;
  const auto deadline = client.deadline_in_ms(5'000);
  std::string group = "g";
  const Target coordinator = co_await client.coordinator(Client::CoordinatorKind::group, std::move(group), deadline);
  const std::string subscription = subscription_to("t"), assignment = assignment_of("t", partitions);
  protocol::Arena arena;
  protocol::JoinGroupRequest join;
  join.group_id = protocol::string("g");
  join.session_timeout_ms = 60'000;
  join.rebalance_timeout_ms = 60'000;
  join.protocol_type = protocol::string("consumer");
  join.protocols = arena.make_list<protocol::JoinGroupRequest::Protocol>(1);
  (*join.protocols)[0].name = protocol::string("range");
  (*join.protocols)[0].metadata = protocol::bytes(subscription);
  const auto joined = co_await client.call(join, coordinator, deadline, 3);
  REQUIRE(*joined->error_code == 0);
  protocol::SyncGroupRequest sync;
  sync.group_id = protocol::string("g");
  sync.generation_id = *joined->generation_id;
  sync.member_id = *joined->member_id;
  sync.assignments = arena.make_list<protocol::SyncGroupRequest::Assignment>(1);
  (*sync.assignments)[0].member_id = *joined->member_id;
  (*sync.assignments)[0].assignment = protocol::bytes(assignment);
  const auto synced = co_await client.call(sync, coordinator, deadline, 2);
  REQUIRE(*synced->error_code == 0);
}

asio::awaitable<void> write_offsets(World& world, std::string group, std::vector<GroupOffset> offsets) {
  const auto deadline = world.client->deadline_in_ms(5'000);
  const auto refused =
      co_await alter_group_offsets(*world.client, std::move(group), classic, std::move(offsets), deadline);
  CHECK(refused.empty());
}

GroupOffset at(const char* topic, std::int32_t partition, std::int64_t offset) {
  return {TopicPartition(topic, partition), offset};
}

BrokerOptions capped(std::initializer_list<std::pair<const ApiKey, protocol::VersionRange>> caps) {
  BrokerOptions options;
  options.versions = caps;
  return options;
}

}  // namespace

TEST_CASE("admin groups: offsets are written, read and deleted, at brokers of several times") {
  struct Caps {
    std::int16_t fetch, commit;
  };
  for (const Caps& caps : {Caps{1, 2}, Caps{2, 3}, Caps{7, 7}, Caps{8, 9}, Caps{10, 10}}) {
    CAPTURE(caps.fetch);
    World world(3, capped({{ApiKey::offset_fetch, {1, caps.fetch}}, {ApiKey::offset_commit, {2, caps.commit}}}));
    world.broker.create_topic("a", 1);
    world.broker.create_topic("t", 3);
    world.run([&]() -> asio::awaitable<void> {
      co_await world.connect();
      const auto deadline = world.client->deadline_in_ms(5'000);
      std::vector<GroupOffset> offsets = {at("t", 2, 7), at("a", 0, 1), at("t", 0, 5)};
      offsets[0].metadata = "mine";
      co_await write_offsets(world, group_g, std::move(offsets));
      auto found = co_await fetch_group_offsets(*world.client, group_g, classic, deadline);
      REQUIRE(found.size() == 3);
      CHECK(found[0].partition.text() == "a[0]");
      CHECK(found[2].partition.text() == "t[2]");
      CHECK(found[2].offset == 7);
      CHECK(found[2].metadata == "mine");
      std::vector<TopicPartition> gone = {TopicPartition("t", 2), TopicPartition("a", 0)};
      const auto refused = co_await delete_group_offsets(*world.client, group_g, classic, std::move(gone), deadline);
      CHECK(refused.empty());
      found = co_await fetch_group_offsets(*world.client, group_g, classic, deadline);
      REQUIRE(found.size() == 1);
      CHECK(found[0].partition.text() == "t[0]");
      found = co_await fetch_group_offsets(*world.client, nobody, classic, deadline);
      CHECK(found.empty());
    });
  }
}

TEST_CASE("admin groups: more offsets than one request may have") {
  World world;
  world.broker.create_topic("t", 2'500);
  world.run([&]() -> asio::awaitable<void> {
    co_await world.connect();
    std::vector<GroupOffset> offsets;
    for (std::int32_t partition = 2'500; partition-- > 0;) offsets.push_back(at("t", partition, partition));
    co_await write_offsets(world, group_g, std::move(offsets));
    CHECK(world.broker.requests().of(ApiKey::offset_commit) == 3);
    const auto deadline = world.client->deadline_in_ms(5'000);
    const auto found = co_await fetch_group_offsets(*world.client, group_g, classic, deadline);
    REQUIRE(found.size() == 2'500);
    CHECK(found[2'499].offset == 2'499);
  });
}

TEST_CASE("admin groups: each broker lists its own, and old ones are asked for states") {
  for (const std::int16_t version : {std::int16_t{0}, std::int16_t{3}, std::int16_t{4}, std::int16_t{5}}) {
    CAPTURE(version);
    World world(3, capped({{ApiKey::list_groups, {0, version}}}));
    world.broker.create_topic("t", 1);
    world.run([&]() -> asio::awaitable<void> {
      co_await world.connect();
      const std::vector<std::string> ids = {"c", "a", "b", "g"};
      for (const std::string& group : ids) {
        const std::vector<GroupOffset> committed = {at("t", 0, 1)};
        co_await write_offsets(world, group, committed);
      }
      for (int node = 1; node <= 3; ++node) world.broker.move_coordinator(std::string(1, 'a' + node - 1), node);
      const std::vector<std::int32_t> mine = {0};
      co_await join_alone(world, mine);
      const auto deadline = world.client->deadline_in_ms(5'000);
      const GroupList list = co_await list_groups(*world.client, deadline);
      CHECK(list.failures.empty());
      REQUIRE(list.groups.size() == 4);
      CHECK(list.groups[0].id == "a");
      CHECK(list.groups[0].coordinator == 1);
      CHECK(list.groups[2].coordinator == 3);
      CHECK(list.groups[0].state == "Empty");
      CHECK(list.groups[3].state == "Stable");
      CHECK(list.groups[3].protocol_type == "consumer");
      CHECK(list.groups[3].type == GroupType::classic);
    });
  }
}

TEST_CASE("admin groups: a broker that cannot be asked takes only its own groups from the list") {
  World world(2);
  world.broker.create_topic("t", 1);
  world.options.retry_backoff_max_ms = 200;
  world.run([&]() -> asio::awaitable<void> {
    co_await world.connect();
    const std::vector<std::string> ids = {"a", "b"};
    for (const std::string& group : ids) {
      const std::vector<GroupOffset> committed = {at("t", 0, 1)};
      co_await write_offsets(world, group, committed);
    }
    world.broker.move_coordinator("a", 1);
    world.broker.move_coordinator("b", 2);
    FaultTarget target(ApiKey::list_groups, 2);
    target.times = FaultTarget::always;
    world.broker.faults().plan(target, Fault::with_error(ErrorCode::coordinator_load_in_progress));
    const auto deadline = world.client->deadline_in_ms(2'000);
    const GroupList list = co_await list_groups(*world.client, deadline);
    REQUIRE(list.groups.size() == 1);
    CHECK(list.groups[0].id == "a");
    REQUIRE(list.failures.size() == 1);
    CHECK(contains(list.failures[0].what(), "COORDINATOR_LOAD_IN_PROGRESS"));
    CHECK(contains(list.failures[0].what(), "broker 2"));
    FaultTarget everywhere(ApiKey::list_groups);
    everywhere.times = FaultTarget::always;
    world.broker.faults().plan(everywhere, Fault::closing());
    auto list_again = [&]() -> asio::awaitable<void> {
      const auto soon = world.client->deadline_in_ms(1'000);
      co_await list_groups(*world.client, soon);
    };
    const auto failure = co_await failure_of(list_again);
    CHECK(failure);
  });
}

TEST_CASE("admin groups: a description names the members and what they have") {
  for (const std::int16_t version : {std::int16_t{0}, std::int16_t{5}, std::int16_t{6}}) {
    CAPTURE(version);
    World world(1, capped({{ApiKey::describe_groups, {0, version}}}));
    world.broker.create_topic("t", 3);
    world.run([&]() -> asio::awaitable<void> {
      co_await world.connect();
      const std::vector<std::int32_t> mine = {0, 2};
      co_await join_alone(world, mine);
      const auto deadline = world.client->deadline_in_ms(5'000);
      const GroupDescription group = co_await describe_group(*world.client, group_g, deadline);
      CHECK(group.type == classic);
      CHECK(group.state == "Stable");
      CHECK(group.assignor == "range");
      CHECK(group.coordinator == 1);
      CHECK(group.epoch == -1);
      REQUIRE(group.members.size() == 1);
      const GroupMember& member = group.members[0];
      CHECK(member.client_id == "test");
      CHECK(member.host.starts_with("/10."));
      CHECK(member.topics == std::vector<std::string>{"t"});
      REQUIRE(member.assigned.size() == 2);
      CHECK(member.assigned[1].text() == "t[2]");
      CHECK_FALSE(member.unreadable);
    });
  }
}

TEST_CASE("admin groups: a group of the newer protocol is known as one, while it has members and after") {
  World world;
  world.broker.create_topic("t", 2);
  world.run([&]() -> asio::awaitable<void> {
    co_await world.connect();
    Client& client = *world.client;
    const auto deadline = client.deadline_in_ms(5'000);
    protocol::Arena arena;
    auto topics = arena.make_list<protocol::string>(1);
    topics[0] = protocol::string("t");
    protocol::ConsumerGroupHeartbeatRequest heartbeat;
    heartbeat.group_id = protocol::string("g");
    heartbeat.member_id = protocol::string("AAAAAAAAAAAAAAAAAAAAAA");
    heartbeat.rebalance_timeout_ms = 60'000;
    heartbeat.subscribed_topic_names = topics;
    heartbeat.topic_partitions = protocol::list<protocol::ConsumerGroupHeartbeatRequest::TopicPartitions>();
    const Target coordinator = Target::node(1);
    const auto joined = co_await client.call(heartbeat, coordinator, deadline);
    REQUIRE(*joined->error_code == 0);
    GroupDescription group = co_await describe_group(client, group_g, deadline);
    CHECK(group.type == GroupType::consumer);
    CHECK(group.epoch >= 1);
    REQUIRE(group.members.size() == 1);
    CHECK(group.members[0].topics == std::vector<std::string>{"t"});
    GroupList list = co_await list_groups(client, deadline);
    REQUIRE(list.groups.size() == 1);
    CHECK(list.groups[0].type == GroupType::consumer);
    CHECK(list.groups[0].protocol_type == "consumer");
    auto remove = [&]() -> asio::awaitable<void> { co_await delete_group(client, group_g, deadline); };
    const auto failure = co_await failure_of(remove);
    REQUIRE(failure);
    CHECK(failure->code() == ErrorCode::non_empty_group);
    heartbeat.member_epoch = -1;
    const auto left = co_await client.call(heartbeat, coordinator, deadline);
    REQUIRE(*left->error_code == 0);
    co_await delete_group(client, group_g, deadline);
    list = co_await list_groups(client, deadline);
    CHECK(list.groups.empty());
  });
}

TEST_CASE("admin groups: a group that is not there") {
  World world;
  world.run([&]() -> asio::awaitable<void> {
    co_await world.connect();
    const auto deadline = world.client->deadline_in_ms(5'000);
    auto describe = [&]() -> asio::awaitable<void> { co_await describe_group(*world.client, nobody, deadline); };
    auto remove = [&]() -> asio::awaitable<void> { co_await delete_group(*world.client, nobody, deadline); };
    auto forget = [&]() -> asio::awaitable<void> {
      std::vector<TopicPartition> partitions = {TopicPartition("t", 0)};
      co_await delete_group_offsets(*world.client, nobody, classic, std::move(partitions), deadline);
    };
    auto check = [&](const std::unique_ptr<Error>& failure) {
      REQUIRE(failure);
      CHECK(failure->code() == ErrorCode::group_id_not_found);
      CHECK(contains(failure->what(), "nobody"));
      CHECK(contains(failure->with(), "10.1.0.1:9092"));
      CHECK(contains(failure->hint(), "groups list"));
    };
    auto failure = co_await failure_of(describe);
    check(failure);
    failure = co_await failure_of(remove);
    check(failure);
    failure = co_await failure_of(forget);
    check(failure);
  });
  // Brokers before 4.0 call it dead.
  World old(1, capped({{ApiKey::describe_groups, {0, 5}}}));
  old.run([&]() -> asio::awaitable<void> {
    co_await old.connect();
    const auto deadline = old.client->deadline_in_ms(5'000);
    const GroupDescription group = co_await describe_group(*old.client, nobody, deadline);
    CHECK(group.state == "Dead");
    CHECK(group.members.empty());
  });
}

TEST_CASE("admin groups: only groups without members are deleted, and offsets of topics that nobody reads") {
  World world;
  world.broker.create_topic("t", 1);
  world.broker.create_topic("u", 1);
  world.run([&]() -> asio::awaitable<void> {
    co_await world.connect();
    const auto deadline = world.client->deadline_in_ms(5'000);
    const std::vector<GroupOffset> both_topics = {at("t", 0, 1), at("u", 0, 1)};
    co_await write_offsets(world, group_g, both_topics);
    const std::vector<GroupOffset> committed = {at("t", 0, 1)};
    co_await write_offsets(world, idle, committed);
    const std::vector<std::int32_t> mine = {0};
    co_await join_alone(world, mine);
    auto remove = [&]() -> asio::awaitable<void> { co_await delete_group(*world.client, group_g, deadline); };
    const auto failure = co_await failure_of(remove);
    REQUIRE(failure);
    CHECK(failure->code() == ErrorCode::non_empty_group);
    CHECK(contains(failure->what(), "group g"));
    std::vector<TopicPartition> both = {TopicPartition("t", 0), TopicPartition("u", 0)};
    const auto refused = co_await delete_group_offsets(*world.client, group_g, classic, std::move(both), deadline);
    REQUIRE(refused.size() == 1);
    CHECK(refused[0].partition.text() == "t[0]");
    CHECK(refused[0].error == ErrorCode::group_subscribed_to_topic);
    CHECK(world.broker.committed("g", "u", 0) == -1);
    CHECK(world.broker.committed("g", "t", 0) == 1);
    co_await delete_group(*world.client, idle, deadline);
    const GroupList list = co_await list_groups(*world.client, deadline);
    CHECK(list.groups.size() == 1);
    auto write = [&]() -> asio::awaitable<void> {
      std::vector<GroupOffset> offsets = {at("t", 0, 0)};
      co_await alter_group_offsets(*world.client, group_g, classic, std::move(offsets), deadline);
    };
    const auto busy = co_await failure_of(write);
    REQUIRE(busy);
    CHECK(contains(busy->what(), "the group has members"));
    CHECK(world.broker.committed("g", "t", 0) == 1);
  });
}

TEST_CASE("admin groups: a coordinator that has moved, or is not ready, is looked for again") {
  World world(2);
  world.broker.create_topic("t", 1);
  world.run([&]() -> asio::awaitable<void> {
    co_await world.connect();
    const auto deadline = world.client->deadline_in_ms(10'000);
    const std::vector<GroupOffset> committed = {at("t", 0, 1)};
    co_await write_offsets(world, group_g, committed);
    for (const ErrorCode code : {ErrorCode::not_coordinator, ErrorCode::coordinator_load_in_progress}) {
      for (const ApiKey api : {ApiKey::describe_groups, ApiKey::offset_fetch, ApiKey::offset_commit}) {
        const FaultTarget once(api);
        world.broker.faults().plan(once, Fault::with_error(code));
      }
      const GroupDescription group = co_await describe_group(*world.client, group_g, deadline);
      CHECK(group.state == "Empty");
      const auto offsets = co_await fetch_group_offsets(*world.client, group_g, classic, deadline);
      CHECK(offsets.size() == 1);
      const std::vector<GroupOffset> committed = {at("t", 0, 2)};
      co_await write_offsets(world, group_g, committed);
      CHECK(world.broker.faults().pending() == 0);
    }
    const FaultTarget cut(ApiKey::delete_groups);
    world.broker.faults().plan(cut, Fault::closing());
    co_await delete_group(*world.client, group_g, deadline);
    CHECK(world.broker.groups().empty());
  });
}

TEST_CASE("admin groups: who may not is told so, at once") {
  World world;
  world.broker.create_topic("t", 1);
  world.run([&]() -> asio::awaitable<void> {
    co_await world.connect();
    const auto begin = world.client->now();
    const auto deadline = world.client->deadline_in_ms(60'000);
    auto describe = [&]() -> asio::awaitable<void> { co_await describe_group(*world.client, group_g, deadline); };
    auto fetch = [&]() -> asio::awaitable<void> {
      co_await fetch_group_offsets(*world.client, group_g, classic, deadline);
    };
    auto remove = [&]() -> asio::awaitable<void> { co_await delete_group(*world.client, group_g, deadline); };
    auto check = [&](ApiKey api, const std::unique_ptr<Error>& failure) {
      CAPTURE(static_cast<int>(api));
      REQUIRE(failure);
      CHECK(failure->code() == ErrorCode::group_authorization_failed);
      CHECK(contains(failure->what(), "10.1.0.1:9092"));
      CHECK_FALSE(failure->hint().empty());
    };
    for (const ApiKey api : {ApiKey::describe_groups, ApiKey::offset_fetch, ApiKey::delete_groups}) {
      const FaultTarget once(api);
      world.broker.faults().plan(once, Fault::with_error(ErrorCode::group_authorization_failed));
    }
    auto failure = co_await failure_of(describe);
    check(ApiKey::describe_groups, failure);
    failure = co_await failure_of(fetch);
    check(ApiKey::offset_fetch, failure);
    failure = co_await failure_of(remove);
    check(ApiKey::delete_groups, failure);
    CHECK(world.client->now() - begin < seconds(1));
  });
}

TEST_CASE("admin groups: lag, and what stands in its place where it cannot be known") {
  World world(2);
  world.broker.create_topic("t", 5);
  for (std::int32_t partition = 0; partition < 5; ++partition) world.fill("t", partition, 20);
  world.run([&]() -> asio::awaitable<void> {
    co_await world.connect();
    const std::vector<GroupOffset> committed = {at("t", 0, 20), at("t", 1, 5), at("t", 2, 5)};
    co_await write_offsets(world, group_g, committed);
    const std::vector<std::int32_t> mine = {0, 1, 3, 7};
    co_await join_alone(world, mine);
    world.broker.move_leader("t", 2, -1);
    const auto deadline = world.client->deadline_in_ms(5'000);
    const GroupDescription group = co_await describe_group(*world.client, group_g, deadline);
    auto lags = co_await find_group_lag(*world.client, group, deadline);
    REQUIRE(lags.size() == 5);  // 0 1 2 3 7
    CHECK(lags[0].lag == 0);
    CHECK(lags[0].member == 0);
    CHECK(lags[1].lag == 15);
    CHECK(lags[1].log_end == 20);
    CHECK_FALSE(lags[2].lag);
    CHECK(lags[2].problem == "LEADER_NOT_AVAILABLE");
    CHECK(lags[2].offset == 5);
    CHECK_FALSE(lags[2].member);
    CHECK_FALSE(lags[3].lag);  // assigned, and nothing committed yet
    CHECK(lags[3].log_end == 20);
    CHECK(lags[3].problem.empty());
    CHECK(lags[4].partition.text() == "t[7]");
    CHECK(lags[4].problem == "UNKNOWN_TOPIC_OR_PARTITION");
    const FaultTarget refused(ApiKey::list_offsets);
    world.broker.faults().plan(refused, Fault::with_error(ErrorCode::topic_authorization_failed));
    lags = co_await find_group_lag(*world.client, group, deadline);
    const auto is_refused = [](const PartitionLag& each) { return each.problem == "TOPIC_AUTHORIZATION_FAILED"; };
    CHECK(std::ranges::any_of(lags, is_refused));
    CHECK(std::ranges::any_of(lags, [](const PartitionLag& each) { return each.lag.has_value(); }));
  });
}

TEST_CASE("admin groups: a leader that does not answer takes nothing from the others") {
  World world(2);
  world.broker.create_topic("t", 2);
  world.fill("t", 0, 10);
  world.fill("t", 1, 10);
  world.broker.move_leader("t", 0, 1);
  world.broker.move_leader("t", 1, 2);
  world.run([&]() -> asio::awaitable<void> {
    co_await world.connect();
    FaultTarget silent(ApiKey::list_offsets, 2);
    silent.times = FaultTarget::always;
    const int number = world.broker.faults().plan(silent, Fault::dropping());
    const std::vector<TopicPartition> both = {TopicPartition("t", 1), TopicPartition("t", 0), TopicPartition("t", 1)};
    auto deadline = world.client->deadline_in_ms(2'000);
    std::vector<TopicPartition> asked = both;
    LogOffsets found = co_await find_log_offsets(*world.client, std::move(asked), -1, deadline);
    REQUIRE(found.size() == 2);
    CHECK(found[both[1]].offset == 10);
    CHECK(found[both[0]].offset == -1);
    CHECK(contains(found[both[0]].problem, "broker 2"));
    world.broker.faults().withdraw(number);
    FaultTarget moved(ApiKey::list_offsets, 2);
    moved.times = 2;
    world.broker.faults().plan(moved, Fault::with_error(ErrorCode::not_leader_or_follower));
    deadline = world.client->deadline_in_ms(5'000);
    asked = both;
    found = co_await find_log_offsets(*world.client, std::move(asked), -1, deadline);
    CHECK(found[both[0]].offset == 10);
    asked.clear();
    found = co_await find_log_offsets(*world.client, std::move(asked), -1, deadline);
    CHECK(found.empty());
  });
}

TEST_CASE("admin groups: where a reset leads, without a cluster") {
  using enum ResetTarget::Kind;
  struct Row {
    ResetTarget target;
    std::int64_t before, at_time, asked, after;
  };
  // The log has offsets 100 to 199.
  for (const Row& row : {
           Row{ResetTarget(earliest), 150, -1, 100, 100},
           Row{ResetTarget(latest), 150, -1, 200, 200},
           Row{ResetTarget(current), 150, -1, 150, 150},
           Row{ResetTarget(current), 50, -1, 50, 100},
           Row{ResetTarget(current), -1, -1, 200, 200},
           Row{ResetTarget(timestamp, 7), 150, 120, 120, 120},
           Row{ResetTarget(timestamp, 7), 150, -1, 200, 200},
           Row{ResetTarget(offset, 130), -1, -1, 130, 130},
           Row{ResetTarget(offset, 99), 150, -1, 99, 100},
           Row{ResetTarget(offset, 201), 150, -1, 201, 200},
           Row{ResetTarget(shift, -20), 150, -1, 130, 130},
           Row{ResetTarget(shift, -60), 150, -1, 90, 100},
           Row{ResetTarget(shift, INT64_MAX), 150, -1, INT64_MAX, 200},
           Row{ResetTarget(shift, INT64_MIN), 0, -1, INT64_MIN, 100},
       }) {
    CAPTURE(static_cast<int>(row.target.kind));
    CAPTURE(row.target.value);
    ResetStep step;
    step.log_start = 100;
    step.log_end = 200;
    step.before = row.before;
    settle(step, row.target, row.at_time);
    CHECK(step.problem.empty());
    CHECK(step.asked == row.asked);
    CHECK(step.after == row.after);
    CHECK(step.clamped() == (row.asked != row.after));
  }
  ResetStep nothing_committed;
  nothing_committed.log_start = nothing_committed.log_end = 0;
  settle(nothing_committed, ResetTarget(shift, 1), -1);
  CHECK(contains(nothing_committed.problem, "no committed offset"));
  CHECK(nothing_committed.after == -1);
  ResetStep not_listed;
  not_listed.log_start = not_listed.log_end = 0;
  settle(not_listed, ResetTarget(listed), -1);
  CHECK_FALSE(not_listed.problem.empty());
  ResetStep strange;
  strange.log_start = 5;
  strange.log_end = 3;
  settle(strange, ResetTarget(latest), -1);
  CHECK_FALSE(strange.problem.empty());
}

TEST_CASE("admin groups: the plan of a reset asks the logs") {
  World world(2);
  world.broker.create_topic("t", 3);
  for (std::int32_t partition = 0; partition < 3; ++partition) world.fill("t", partition, 50);
  world.broker.delete_before("t", 1, 20);
  world.broker.move_leader("t", 2, -1);
  world.run([&]() -> asio::awaitable<void> {
    co_await world.connect();
    const auto deadline = world.client->deadline_in_ms(5'000);
    const std::vector<GroupOffset> committed = {at("t", 0, 10), at("t", 1, 40)};
    const std::vector<TopicPartition> all = {TopicPartition("t", 2), TopicPartition("t", 0), TopicPartition("t", 1)};
    std::vector<TopicPartition> asked = all;
    const ResetTarget fifteenth(ResetTarget::Kind::timestamp, 1'700'000'000'015);
    auto steps = co_await plan_reset(*world.client, std::move(asked), committed, fifteenth, deadline);
    REQUIRE(steps.size() == 3);
    CHECK(steps[0].before == 10);
    CHECK(steps[0].after == 15);
    CHECK(steps[0].log_end == 50);
    CHECK(steps[1].log_start == 20);
    CHECK(steps[1].after == 20);
    CHECK(steps[2].problem == "LEADER_NOT_AVAILABLE");
    CHECK(steps[2].after == -1);
    asked = all;
    const ResetTarget back(ResetTarget::Kind::shift, -30);
    steps = co_await plan_reset(*world.client, std::move(asked), committed, back, deadline);
    CHECK(steps[0].after == 0);
    CHECK(steps[0].clamped());
    CHECK(steps[1].after == 20);
    CHECK(steps[1].asked == 10);
  });
}
