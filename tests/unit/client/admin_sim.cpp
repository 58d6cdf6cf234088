// Creating, deleting and describing topics, and how refusals are told.
#include <string>

#include "barnabas/client/admin/topics.hpp"
#include "world.hpp"

using namespace barnabas;
using namespace barnabas::client;
using namespace barnabas::client::testing;

namespace {

NewTopic new_topic(const char* name, std::int32_t partitions, std::int16_t replication_factor) {
  NewTopic topic;
  topic.name = name;
  topic.partitions = partitions;
  topic.replication_factor = replication_factor;
  return topic;
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("admin: a topic's life, at brokers of several times") {
  struct Caps {
    std::int16_t create, remove, metadata;
  };
  for (const Caps& caps : {Caps{7, 6, 13}, Caps{4, 5, 9}, Caps{0, 0, 1}, Caps{2, 3, 0}}) {
    CAPTURE(caps.metadata);
    BrokerOptions options;
    options.auto_create_topics = false;
    options.versions[ApiKey::create_topics] = {0, caps.create};
    options.versions[ApiKey::delete_topics] = {0, caps.remove};
    options.versions[ApiKey::metadata] = {0, caps.metadata};
    World world(3, options);
    world.run([&]() -> asio::awaitable<void> {
      co_await world.connect();
      Client& client = *world.client;
      const auto deadline = client.deadline_in_ms(5'000);
      const NewTopic b = new_topic("b", 3, 2), a = new_topic("a", 1, 1);
      co_await create_topic(client, b, deadline);
      co_await create_topic(client, a, deadline);
      std::vector<std::string> names;
      auto all = co_await describe_topics(client, names, deadline);
      REQUIRE(all.size() == 2);
      CHECK(all[0].name == "a");
      CHECK(all[1].name == "b");
      REQUIRE(all[1].partitions.size() == 3);
      CHECK(all[1].partitions[2].index == 2);
      CHECK(all[1].partitions[2].replicas.size() == 2);
      CHECK(all[1].partitions[2].in_sync.size() == 2);
      CHECK(all[1].partitions[2].leader > 0);
      CHECK(all[1].error == ErrorCode::none);
      const std::string gone = "b";
      co_await delete_topic(client, gone, deadline);
      all = co_await describe_topics(client, names, deadline);
      CHECK(all.size() == 1);
      names = {"a", "b"};
      all = co_await describe_topics(client, names, deadline);
      REQUIRE(all.size() == 2);
      CHECK(all[1].error == ErrorCode::unknown_topic_or_partition);
      names.clear();
      all = co_await describe_topics(client, names, deadline);
      CHECK(all.size() == 1);  // asking made none
    });
  }
}

TEST_CASE("admin: refusals come with Kafka's name, the topic, and who said so") {
  World world;
  world.run([&]() -> asio::awaitable<void> {
    co_await world.connect();
    Client& client = *world.client;
    const auto deadline = client.deadline_in_ms(5'000);
    const NewTopic topic = new_topic("t", 1, 1), replicated = new_topic("u", 1, 3), none = new_topic("v", 0, 1),
                   badly_named = new_topic("a/b", 1, 1);
    co_await create_topic(client, topic, deadline);
    struct Row {
      const NewTopic* topic;
      ErrorCode code;
    };
    for (const Row& row :
         {Row{&topic, ErrorCode::topic_already_exists}, Row{&replicated, ErrorCode::invalid_replication_factor},
          Row{&none, ErrorCode::invalid_partitions}, Row{&badly_named, ErrorCode::invalid_topic_exception}}) {
      CAPTURE(row.topic->name);
      auto create = [&]() -> asio::awaitable<void> { co_await create_topic(client, *row.topic, deadline); };
      const auto failure = co_await failure_of(create);
      REQUIRE(failure);
      CHECK(failure->code() == row.code);
      CHECK(failure->stage() == Error::Stage::broker);
      CHECK(contains(failure->attempted(), row.topic->name));
      CHECK(contains(failure->what(), protocol::error_name(row.code)));
      CHECK(contains(failure->with(), "10.1.0.1:9092"));
    }
    const std::string nowhere = "nowhere";
    auto remove = [&]() -> asio::awaitable<void> { co_await delete_topic(client, nowhere, deadline); };
    const auto failure = co_await failure_of(remove);
    REQUIRE(failure);
    CHECK(failure->code() == ErrorCode::unknown_topic_or_partition);
    CHECK(contains(failure->attempted(), "nowhere"));
    const FaultTarget creations(ApiKey::create_topics);
    world.broker.faults().plan(creations, Fault::with_error(ErrorCode::topic_authorization_failed));
    auto create = [&]() -> asio::awaitable<void> { co_await create_topic(client, none, deadline); };
    const auto refused = co_await failure_of(create);
    REQUIRE(refused);
    CHECK(refused->code() == ErrorCode::topic_authorization_failed);
    CHECK_FALSE(refused->retriable());
  });
}
