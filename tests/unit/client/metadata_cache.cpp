// What is believed of the news about a cluster.
#include "barnabas/client/cluster/metadata.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "barnabas/protocol/arena.hpp"

using namespace barnabas;
using client::EventKind;
using protocol::ErrorCode;
using Response = protocol::MetadataResponse;

namespace {

struct News final : client::EventSink {
  void on_event(const client::Event& event) noexcept override { events.push_back(event); }

  /// One topic with one partition.
  void tell(std::int32_t leader, std::int32_t epoch, ErrorCode error = ErrorCode::none, unsigned char id = 0) {
    protocol::Arena arena;
    auto topics = arena.make_list<Response::Topic>(1);
    auto partitions = arena.make_list<Response::Partition>(1);
    partitions[0].leader_id = leader;
    partitions[0].leader_epoch = epoch;
    partitions[0].error_code = static_cast<std::int16_t>(error);
    topics[0].name = protocol::string("t");
    protocol::Uuid uuid{};
    uuid.octets[0] = id;
    topics[0].topic_id = uuid;
    topics[0].partitions = partitions;
    Response response;
    response.topics = topics;
    metadata.apply(response, false);
  }
  void tell_error(ErrorCode error) {
    protocol::Arena arena;
    auto topics = arena.make_list<Response::Topic>(1);
    topics[0].name = protocol::string("t");
    topics[0].error_code = static_cast<std::int16_t>(error);
    Response response;
    response.topics = topics;
    metadata.apply(response, false);
  }
  int count(EventKind kind) const {
    int n = 0;
    for (const auto& event : events) n += event.kind == kind;
    return n;
  }
  std::int32_t leader() const { return metadata.partition("t", 0)->leader_id; }
  std::int32_t epoch() const { return metadata.partition("t", 0)->leader_epoch; }

  std::vector<client::Event> events;
  client::Metadata metadata{*this};
};

}  // namespace

TEST_CASE("metadata: older news of a partition is ignored, equal and newer is taken") {
  News news;
  news.tell(1, 5);
  news.tell(2, 4);
  CHECK(news.leader() == 1);
  CHECK(news.epoch() == 5);
  news.tell(3, 5);
  CHECK(news.leader() == 3);
  news.tell(2, 6);
  CHECK(news.leader() == 2);
  CHECK(news.epoch() == 6);
}

TEST_CASE("metadata: news without an epoch is taken") {
  News news;
  news.tell(1, 5);
  news.tell(2, -1);
  CHECK(news.leader() == 2);
  CHECK(news.epoch() == -1);
  news.tell(3, 0);
  CHECK(news.leader() == 3);
}

TEST_CASE("metadata: a topic with another id is a new topic, whatever its epoch") {
  News news;
  news.tell(1, 5, ErrorCode::none, 7);
  CHECK(news.count(EventKind::topic_recreated) == 0);
  protocol::Uuid old_id{};
  old_id.octets[0] = 7;
  REQUIRE(news.metadata.topic_name(old_id) != nullptr);
  CHECK(*news.metadata.topic_name(old_id) == "t");
  news.tell(2, 0, ErrorCode::none, 8);
  CHECK(news.count(EventKind::topic_recreated) == 1);
  CHECK(news.leader() == 2);
  CHECK(news.epoch() == 0);
  CHECK(news.metadata.topic_name(old_id) == nullptr);
  news.tell(2, 0, ErrorCode::none, 8);
  CHECK(news.count(EventKind::topic_recreated) == 1);
}

TEST_CASE("metadata: leader hints count when they are newer, and only for what is known") {
  News news;
  CHECK_FALSE(news.metadata.apply_leader_hint("t", 0, 2, 9));
  news.tell(1, 5);
  const auto generation = news.metadata.generation();
  CHECK_FALSE(news.metadata.apply_leader_hint("t", 0, 2, 5));
  CHECK_FALSE(news.metadata.apply_leader_hint("t", 0, -1, 9));
  CHECK_FALSE(news.metadata.apply_leader_hint("t", 1, 2, 9));
  CHECK_FALSE(news.metadata.apply_leader_hint("t", -1, 2, 9));
  CHECK_FALSE(news.metadata.apply_leader_hint("other", 0, 2, 9));
  CHECK(news.metadata.generation() == generation);
  CHECK(news.metadata.apply_leader_hint("t", 0, 2, 6));
  CHECK(news.leader() == 2);
  CHECK(news.metadata.generation() == generation + 1);
  news.tell(1, 5);  // still the answer of a broker that is behind
  CHECK(news.leader() == 2);
}

TEST_CASE("metadata: a topic that is gone has no leaders; one that is only unavailable keeps them") {
  News news;
  news.tell(1, 5);
  news.tell_error(ErrorCode::leader_not_available);
  CHECK(news.leader() == 1);
  CHECK(news.count(EventKind::topic_missing) == 1);
  news.tell_error(ErrorCode::leader_not_available);
  CHECK(news.count(EventKind::topic_missing) == 1);  // said once
  news.tell_error(ErrorCode::unknown_topic_or_partition);
  CHECK(news.metadata.partition("t", 0) == nullptr);
  CHECK(news.count(EventKind::topic_missing) == 2);
  news.tell(2, 0);  // created again at a broker without topic ids
  CHECK(news.leader() == 2);
  CHECK(news.metadata.topic("t")->error == ErrorCode::none);
}

TEST_CASE("metadata: a list of all topics takes away those that it leaves out") {
  News news;
  news.tell(1, 5);
  Response empty;
  news.metadata.apply(empty, false);
  CHECK(news.metadata.topic("t") != nullptr);
  news.metadata.apply(empty, true);
  CHECK(news.metadata.topic("t") == nullptr);
}

TEST_CASE("metadata: brokers are replaced as a whole, but never by none") {
  News news;
  protocol::Arena arena;
  auto brokers = arena.make_list<Response::Broker>(2);
  brokers[0].node_id = 1;
  brokers[0].host = "a";
  brokers[0].port = 9092;
  brokers[1].node_id = 2;
  brokers[1].host = "b";
  brokers[1].port = 70'000;  // no port
  Response response;
  response.brokers = brokers;
  response.controller_id = 2;
  news.metadata.apply(response, false);
  CHECK(news.metadata.brokers().size() == 2);
  CHECK(news.metadata.brokers().at(1).endpoint.text() == "a:9092");
  CHECK(news.metadata.brokers().at(2).endpoint.port == 0);
  CHECK(news.metadata.controller_id() == 2);
  Response none;
  news.metadata.apply(none, false);
  CHECK(news.metadata.brokers().size() == 2);
  auto other = arena.make_list<Response::Broker>(1);
  other[0].node_id = 3;
  other[0].host = "c";
  other[0].port = 9092;
  response.brokers = other;
  news.metadata.apply(response, false);
  CHECK(news.metadata.brokers().size() == 1);
  CHECK(news.metadata.brokers().contains(3));
}

TEST_CASE("metadata: partition numbers that make no sense take no memory") {
  News news;
  protocol::Arena arena;
  auto topics = arena.make_list<Response::Topic>(1);
  auto partitions = arena.make_list<Response::Partition>(3);
  partitions[0].partition_index = 2'000'000'000;
  partitions[1].partition_index = -5;
  partitions[2].partition_index = 2;
  partitions[2].leader_id = 1;
  topics[0].name = protocol::string("t");
  topics[0].partitions = partitions;
  Response response;
  response.topics = topics;
  news.metadata.apply(response, false);
  REQUIRE(news.metadata.topic("t") != nullptr);
  CHECK(news.metadata.topic("t")->partitions.size() == 3);
  CHECK(news.metadata.partition("t", 2)->leader_id == 1);
  CHECK(news.metadata.partition("t", 0)->error == ErrorCode::unknown_topic_or_partition);
  CHECK(news.metadata.partition("t", -5) == nullptr);
}

TEST_CASE("metadata: a leader that moves is told of, its first sight and its absence are not") {
  News news;
  news.tell(1, 4);
  news.tell(1, 5);
  news.tell(-1, 6, ErrorCode::leader_not_available);
  CHECK(news.count(EventKind::leader_moved) == 0);
  news.tell(2, 7);
  REQUIRE(news.count(EventKind::leader_moved) == 1);
  CHECK(news.events.back().text == "t[0]: leader moved from broker 1 to broker 2 (leader epoch 6 to 7)");
  CHECK(news.events.back().topic == "t");
  CHECK(news.events.back().partition == 0);
  CHECK(news.events.back().node_id == 2);
  news.tell(1, 4);  // old news
  CHECK(news.count(EventKind::leader_moved) == 1);
  CHECK(news.metadata.apply_leader_hint("t", 0, 3, 8));
  REQUIRE(news.count(EventKind::leader_moved) == 2);
  CHECK(news.events.back().text == "t[0]: leader moved from broker 2 to broker 3 (leader epoch 7 to 8)");
  news.tell(1, -1);
  CHECK(news.events.back().text == "t[0]: leader moved from broker 3 to broker 1");
  news.tell(2, 0, ErrorCode::none, 9);
  const auto moves = news.count(EventKind::leader_moved);
  news.tell(3, 0, ErrorCode::none, 8);  // another topic of the same name
  CHECK(news.count(EventKind::leader_moved) == moves);
}

namespace {

void tell_partitions(News& news, std::uint32_t count) {
  protocol::Arena arena;
  auto topics = arena.make_list<Response::Topic>(1);
  auto partitions = arena.make_list<Response::Partition>(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    partitions[i].partition_index = static_cast<std::int32_t>(i);
    partitions[i].leader_id = 1;
  }
  topics[0].name = protocol::string("t");
  topics[0].partitions = partitions;
  Response response;
  response.topics = topics;
  news.metadata.apply(response, false);
}

void tell_cluster(News& news, const char* id) {
  Response response;
  response.cluster_id = protocol::string(id);
  news.metadata.apply(response, false);
}

}  // namespace

TEST_CASE("metadata: partitions that are added are told of, those of a new topic are not") {
  News news;
  tell_partitions(news, 2);
  CHECK(news.count(EventKind::partitions_added) == 0);
  tell_partitions(news, 5);
  REQUIRE(news.count(EventKind::partitions_added) == 1);
  CHECK(news.events.back().text == "topic t has 5 partitions, 2 before");
  CHECK(news.events.back().count == 3);
  tell_partitions(news, 5);
  tell_partitions(news, 4);
  CHECK(news.count(EventKind::partitions_added) == 1);
}

TEST_CASE("metadata: another cluster is told of, and its leader epochs are taken although they are lower") {
  News news;
  tell_cluster(news, "first");
  news.tell(1, 50);
  tell_cluster(news, "first");
  news.tell(2, 3);
  CHECK(news.leader() == 1);
  const auto events_before = news.events.size();
  tell_cluster(news, "second");
  REQUIRE(news.events.size() == events_before + 1);
  CHECK(news.events.back().severity == client::Severity::warning);
  CHECK(news.events.back().text.find("second instead of first") != std::string::npos);
  news.tell(2, 3);
  CHECK(news.leader() == 2);
}

TEST_CASE("metadata: forgotten brokers are gone, topics stay") {
  News news;
  const runtime::Endpoint at("10.0.0.1", 9092);
  news.metadata.apply_node_endpoint(1, at);
  news.tell(1, 5);
  news.metadata.forget_brokers();
  CHECK(news.metadata.brokers().empty());
  CHECK(news.metadata.controller_id() == -1);
  CHECK(news.leader() == 1);
}
