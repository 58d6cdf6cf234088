// Groups of the newer protocols, at a coordinator that answers by a script: consumer, share and streams groups.
#include <map>
#include <string>

#include "barnabas/client/admin/group_lag.hpp"
#include "barnabas/client/admin/group_offsets.hpp"
#include "barnabas/client/admin/groups.hpp"
#include "barnabas/client/admin/log_offsets.hpp"
#include "barnabas/protocol/json.hpp"
#include "barnabas/protocol/messages/registry.hpp"
#include "world.hpp"

using namespace barnabas;
using namespace barnabas::client;
using namespace barnabas::client::testing;

namespace {

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// What the broker offers of an API, and what it answers, as JSON.
struct Scripted {
  std::int16_t version_max;
  std::string answer;
};
using Script = std::map<ApiKey, Scripted>;

constexpr char brokers[] = R"({"brokers":[{"node_id":1,"host":"10.9.0.1","port":9092}],"controller_id":1,"topics":[
  {"name":"t","partitions":[{"partition_index":0,"leader_id":1},{"partition_index":1,"leader_id":1}]}]})";
constexpr char coordinator[] = R"({"coordinators":[{"key":"g","node_id":1,"host":"10.9.0.1","port":9092}]})";
const std::string group_g = "g";
constexpr char no_group[] = R"({"groups":[{"group_id":"g","error_code":69}]})";

/// One broker at 10.9.0.1 that answers each request by the script, and notes the requests as JSON.
class Coordinator {
 public:
  explicit Coordinator(Script with) : script_(std::move(with)) {
    script_[ApiKey::metadata] = {9, brokers};
    script_[ApiKey::find_coordinator] = {4, coordinator};
    script_[ApiKey::describe_groups] = {6, no_group};
    script_.try_emplace(ApiKey::list_offsets, Scripted{6, R"({"topics":[{"name":"t","partitions":[
      {"partition_index":0,"offset":100},{"partition_index":1,"offset":50}]}]})"});
    world.options.bootstrap_servers = parse_endpoints("10.9.0.1:9092");
  }

  void run(std::function<asio::awaitable<void>(Client&, runtime::TimePoint)> body) {
    world.run([this, body = std::move(body)]() -> asio::awaitable<void> {
      const runtime::Address at("10.9.0.1", 9092);
      ScriptedServer::Script serving = [this](runtime::Stream& stream, int) { return serve(stream); };
      ScriptedServer server(world, at, std::move(serving));
      co_await world.connect();
      const auto deadline = world.client->deadline_in_ms(5'000);
      co_await body(*world.client, deadline);
      server.close();
      co_await world.sleep(milliseconds(100));
    });
  }

  World world;
  std::map<ApiKey, std::string> asked;

 private:
  asio::awaitable<void> serve(runtime::Stream& stream) {
    while (true) {
      const std::string request = co_await read_request(stream);
      if (request.empty()) co_return;
      std::string answer = answer_to(request);
      if (answer.empty()) co_return;
      co_await write_bytes(stream, std::move(answer));
    }
  }

  std::string answer_to(const std::string& request) {
    protocol::Arena arena;
    const auto header = protocol::decode_request_header(protocol::bytes(request));
    REQUIRE(header);
    const auto api = static_cast<ApiKey>(header->header.api_key);
    if (api == ApiKey::api_versions) return encoded(request, api, versions());
    const auto found = script_.find(api);
    if (found == script_.end()) return {};
    const auto& info = *protocol::find_message(header->header.api_key, protocol::MessageKind::request);
    void* message = protocol::new_message(info, arena);
    protocol::DecodeError error;
    REQUIRE(protocol::decode(info, message, protocol::bytes(request).subspan(header->body_at), api_version(request),
                             arena, protocol::strict, error));
    asked[api] = protocol::to_json(info, message, api_version(request));
    return encoded(request, api, found->second.answer);
  }

  static std::string encoded(const std::string& request, ApiKey api, const std::string& json) {
    protocol::Arena arena;
    const auto key = static_cast<std::int16_t>(api);
    const auto& info = *protocol::find_message(key, protocol::MessageKind::response);
    void* message = protocol::new_message(info, arena);
    const auto read = protocol::from_json(info, message, json, api_version(request), arena);
    if (!read) FAIL(read.error().text());
    return *protocol::encode_response(info, message, api_version(request), correlation_id(request));
  }

  std::string versions() const {
    std::string apis = R"({"api_key":18,"min_version":0,"max_version":4})";
    for (const auto& [api, scripted] : script_) {
      apis += R"(,{"api_key":)" + std::to_string(static_cast<int>(api)) + R"(,"min_version":0,"max_version":)" +
              std::to_string(scripted.version_max) + "}";
    }
    return R"({"api_keys":[)" + apis + "]}";
  }

  Script script_;
};

constexpr char consumer_group[] = R"({"groups":[{"group_id":"g","group_state":"Reconciling","group_epoch":5,
  "assignment_epoch":4,"assignor_name":"uniform","members":[{"member_id":"m1","instance_id":"i","rack_id":"r",
  "member_epoch":4,"client_id":"c","client_host":"/10.0.0.7","subscribed_topic_names":["t"],
  "subscribed_topic_regex":"t.*","assignment":{"topic_partitions":[{"topic_name":"t","partitions":[1]}]},
  "target_assignment":{"topic_partitions":[{"topic_name":"t","partitions":[1,0]}]}}]}]})";

constexpr char share_group[] = R"({"groups":[{"group_id":"g","group_state":"Stable","group_epoch":3,
  "assignment_epoch":3,"assignor_name":"simple","members":[{"member_id":"m1","member_epoch":3,"client_id":"c",
  "client_host":"/10.0.0.7","subscribed_topic_names":["t"],"assignment":{"topic_partitions":[{"topic_name":"t",
  "partitions":[0,1]}]}}]}]})";

}  // namespace

TEST_CASE("admin coordinators: a consumer group") {
  Coordinator scripted({{ApiKey::consumer_group_describe, {0, consumer_group}},
                        {ApiKey::offset_fetch, {8, R"({"groups":[{"group_id":"g","topics":[{"name":"t","partitions":[
                          {"partition_index":1,"committed_offset":40,"committed_leader_epoch":2}]}]}]})"}}});
  scripted.run([](Client& client, runtime::TimePoint deadline) -> asio::awaitable<void> {
    const GroupDescription group = co_await describe_group(client, group_g, deadline);
    CHECK(group.type == GroupType::consumer);
    CHECK(group.state == "Reconciling");
    CHECK(group.epoch == 5);
    CHECK(group.assignment_epoch == 4);
    CHECK(group.assignor == "uniform");
    REQUIRE(group.members.size() == 1);
    const GroupMember& member = group.members[0];
    CHECK(member.instance_id == "i");
    CHECK(member.rack == "r");
    CHECK(member.epoch == 4);
    CHECK(member.topic_pattern == "t.*");
    REQUIRE(member.target.size() == 2);
    CHECK(member.target[0].text() == "t[0]");
    const auto lags = co_await find_group_lag(client, group, deadline);
    REQUIRE(lags.size() == 1);
    CHECK(lags[0].lag == 10);
    CHECK(lags[0].member == 0);
  });
  CHECK_FALSE(scripted.asked.contains(ApiKey::describe_groups));
}

TEST_CASE("admin coordinators: a share group, its offsets, and what is written there") {
  Coordinator scripted({
      {ApiKey::consumer_group_describe, {1, no_group}},
      {ApiKey::share_group_describe, {1, share_group}},
      {ApiKey::describe_share_group_offsets,
       {1, R"({"groups":[{"group_id":"g","topics":[{"topic_name":"t","partitions":[
        {"partition_index":0,"start_offset":90,"lag":7},{"partition_index":1,"start_offset":-1,"lag":-1}]}]}]})"}},
      {ApiKey::alter_share_group_offsets, {0, R"({"responses":[{"topic_name":"t","partitions":[{"partition_index":0},
        {"partition_index":1,"error_code":3,"error_message":"no such"}]}]})"}},
      {ApiKey::delete_share_group_offsets, {0, R"({"responses":[{"topic_name":"t","error_code":29}]})"}},
  });
  scripted.run([](Client& client, runtime::TimePoint deadline) -> asio::awaitable<void> {
    const GroupDescription group = co_await describe_group(client, group_g, deadline);
    CHECK(group.type == GroupType::share);
    CHECK(group.assignor == "simple");
    REQUIRE(group.members.size() == 1);
    CHECK(group.members[0].assigned.size() == 2);
    const auto lags = co_await find_group_lag(client, group, deadline);
    REQUIRE(lags.size() == 2);
    CHECK(lags[0].offset == 90);
    CHECK(lags[0].lag == 7);  // what the coordinator counts, and not 100 - 90: records in between may be done
    CHECK_FALSE(lags[0].member);
    CHECK_FALSE(lags[1].lag);
    CHECK(lags[1].log_end == 50);
    std::vector<GroupOffset> offsets = {{TopicPartition("t", 1), 5}, {TopicPartition("t", 0), 4}};
    auto refused = co_await alter_group_offsets(client, group_g, group.type, std::move(offsets), deadline);
    REQUIRE(refused.size() == 1);
    CHECK(refused[0].partition.text() == "t[1]");
    CHECK(refused[0].error == ErrorCode::unknown_topic_or_partition);
    CHECK(refused[0].message == "no such");
    std::vector<TopicPartition> partitions = {TopicPartition("t", 0), TopicPartition("t", 1)};
    refused = co_await delete_group_offsets(client, group_g, group.type, std::move(partitions), deadline);
    REQUIRE(refused.size() == 1);
    CHECK(refused[0].partition.partition == -1);
    CHECK(refused[0].error == ErrorCode::topic_authorization_failed);
  });
  CHECK(contains(scripted.asked[ApiKey::describe_share_group_offsets], R"("topics":null)"));
  CHECK(contains(scripted.asked[ApiKey::alter_share_group_offsets],
                 R"([{"partition_index":0,"start_offset":4},{"partition_index":1,"start_offset":5}])"));
  CHECK(contains(scripted.asked[ApiKey::delete_share_group_offsets], R"("topics":[{"topic_name":"t"}])"));
}

TEST_CASE("admin coordinators: without a count of its own, a share group's lag is what is behind its start") {
  Coordinator scripted({
      {ApiKey::share_group_describe, {1, share_group}},
      {ApiKey::describe_share_group_offsets,
       {0, R"({"groups":[{"group_id":"g","topics":[{"topic_name":"t","partitions":[
        {"partition_index":0,"start_offset":90}]}]}]})"}},
  });
  scripted.run([](Client& client, runtime::TimePoint deadline) -> asio::awaitable<void> {
    const GroupDescription group = co_await describe_group(client, group_g, deadline);
    const auto lags = co_await find_group_lag(client, group, deadline);
    REQUIRE(lags.size() == 2);
    CHECK(lags[0].lag == 10);
  });
}

TEST_CASE("admin coordinators: refusals of share groups name the group and Kafka's words") {
  Coordinator scripted({
      {ApiKey::share_group_describe,
       {1, R"({"groups":[{"group_id":"g","error_code":30,"error_message":"no DESCRIBE"}]})"}},
      {ApiKey::describe_share_group_offsets, {1, R"({"groups":[{"group_id":"g","error_code":69}]})"}},
      {ApiKey::alter_share_group_offsets, {0, R"({"error_code":68,"error_message":"The group is not empty."})"}},
      {ApiKey::delete_share_group_offsets, {0, R"({"error_code":68})"}},
  });
  scripted.run([](Client& client, runtime::TimePoint deadline) -> asio::awaitable<void> {
    auto describe = [&]() -> asio::awaitable<void> { co_await describe_group(client, group_g, deadline); };
    auto fetch = [&]() -> asio::awaitable<void> {
      co_await fetch_group_offsets(client, group_g, GroupType::share, deadline);
    };
    auto alter = [&]() -> asio::awaitable<void> {
      std::vector<GroupOffset> offsets = {{TopicPartition("t", 0), 4}};
      co_await alter_group_offsets(client, group_g, GroupType::share, std::move(offsets), deadline);
    };
    auto forget = [&]() -> asio::awaitable<void> {
      std::vector<TopicPartition> partitions = {TopicPartition("t", 0)};
      co_await delete_group_offsets(client, group_g, GroupType::share, std::move(partitions), deadline);
    };
    auto failure = co_await failure_of(describe);
    REQUIRE(failure);
    CHECK(failure->code() == ErrorCode::group_authorization_failed);
    CHECK(contains(failure->what(), "no DESCRIBE"));
    failure = co_await failure_of(fetch);
    REQUIRE(failure);
    CHECK(failure->code() == ErrorCode::group_id_not_found);
    failure = co_await failure_of(alter);
    REQUIRE(failure);
    CHECK(failure->code() == ErrorCode::non_empty_group);
    CHECK(contains(failure->what(), "The group is not empty."));
    CHECK(contains(failure->what(), "share group g"));
    failure = co_await failure_of(forget);
    REQUIRE(failure);
    CHECK(failure->code() == ErrorCode::non_empty_group);
  });
}

TEST_CASE("admin coordinators: a streams group is known as one") {
  Coordinator scripted({{ApiKey::consumer_group_describe, {1, no_group}},
                        {ApiKey::share_group_describe, {1, no_group}},
                        {ApiKey::streams_group_describe, {0, R"({"groups":[{"group_id":"g","group_state":"Stable",
                          "group_epoch":2,"assignment_epoch":2,"topology":null,"members":[{"member_id":"m",
                          "client_id":"app","client_host":"/10.0.0.7","member_epoch":2,"user_endpoint":null}]}]})"}},
                        {ApiKey::list_groups, {5, R"({"groups":[{"group_id":"g","protocol_type":"streams",
                          "group_state":"Stable","group_type":"streams"}]})"}}});
  scripted.run([](Client& client, runtime::TimePoint deadline) -> asio::awaitable<void> {
    const GroupDescription group = co_await describe_group(client, group_g, deadline);
    CHECK(group.type == GroupType::streams);
    REQUIRE(group.members.size() == 1);
    CHECK(group.members[0].client_id == "app");
    CHECK(group.members[0].assigned.empty());
    const GroupList list = co_await list_groups(client, deadline);
    REQUIRE(list.groups.size() == 1);
    CHECK(list.groups[0].type == GroupType::streams);
  });
}

TEST_CASE("admin coordinators: a broker that cannot delete groups is said to be too old") {
  Coordinator scripted({});
  scripted.run([](Client& client, runtime::TimePoint deadline) -> asio::awaitable<void> {
    auto remove = [&]() -> asio::awaitable<void> { co_await delete_group(client, group_g, deadline); };
    const auto begin = client.now();
    const auto failure = co_await failure_of(remove);
    REQUIRE(failure);
    CHECK(failure->stage() == Error::Stage::version);
    CHECK(contains(failure->what(), "delete group g"));
    CHECK(contains(failure->hint(), "Kafka 1.1"));
    CHECK(client.now() - begin < seconds(1));
  });
}

TEST_CASE("admin coordinators: a broker that is too old to look for times is not asked for them") {
  Coordinator scripted({{ApiKey::list_offsets, {0, R"({"topics":[{"name":"t","partitions":[{"partition_index":0,
    "old_style_offsets":[42,0]}]}]})"}}});
  scripted.run([](Client& client, runtime::TimePoint deadline) -> asio::awaitable<void> {
    const TopicPartition partition("t", 0);
    std::vector<TopicPartition> partitions = {partition};
    LogOffsets found = co_await find_log_offsets(client, std::move(partitions), -1, deadline);
    CHECK(found.at(partition).offset == 42);
    partitions = {partition};
    found = co_await find_log_offsets(client, std::move(partitions), 7, deadline);
    CHECK(found.at(partition).offset == -1);
    CHECK(contains(found.at(partition).problem, "0.10.1"));
  });
}

TEST_CASE("admin coordinators: answers without what was asked for are errors") {
  Coordinator scripted({{ApiKey::consumer_group_describe, {1, R"({"groups":[]})"}},
                        {ApiKey::delete_groups, {1, R"({"results":[]})"}},
                        {ApiKey::offset_fetch, {8, R"({"groups":[]})"}}});
  scripted.run([](Client& client, runtime::TimePoint deadline) -> asio::awaitable<void> {
    auto describe = [&]() -> asio::awaitable<void> { co_await describe_group(client, group_g, deadline); };
    auto remove = [&]() -> asio::awaitable<void> { co_await delete_group(client, group_g, deadline); };
    auto fetch = [&]() -> asio::awaitable<void> {
      co_await fetch_group_offsets(client, group_g, GroupType::classic, deadline);
    };
    auto failure = co_await failure_of(describe);
    CHECK(failure);
    failure = co_await failure_of(remove);
    CHECK(failure);
    failure = co_await failure_of(fetch);
    CHECK(failure);
  });
}
