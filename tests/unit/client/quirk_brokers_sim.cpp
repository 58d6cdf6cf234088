// Services that speak Kafka's protocol in ways of their own. Each quirk was met in the field by users of other clients;
// here it has a name and a scripted broker, and this client reads on, or says clearly why it cannot.
#include <map>
#include <set>

#include "barnabas/protocol/messages/fetch.hpp"
#include "barnabas/protocol/messages/list_offsets.hpp"
#include "barnabas/protocol/messages/metadata.hpp"
#include "barnabas/protocol/messages/offset_for_leader_epoch.hpp"
#include "world.hpp"

using namespace barnabas;
using namespace barnabas::client;
using namespace barnabas::client::testing;

namespace {

using protocol::Arena;

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

constexpr int record_count = 20;

/// What a broker does that others do not.
struct Quirks {
  std::int16_t resets_above = 99;  ///< hangs up at ApiVersions requests of a higher version
  std::map<ApiKey, std::int16_t> versions_max = {{ApiKey::fetch, std::int16_t{11}},
                                                 {ApiKey::list_offsets, std::int16_t{6}},
                                                 {ApiKey::metadata, std::int16_t{9}},
                                                 {ApiKey::offset_for_leader_epoch, std::int16_t{3}}};
  std::map<ApiKey, std::int16_t> versions_min;
  std::int32_t leader_epoch = 0;  ///< in all answers
  int controller_id = 1;          ///< -1: not known
  int passing_errors = 0;         ///< so many answers of each API say UNKNOWN_SERVER_ERROR first
  int bytes_behind = 0;           ///< appended to each answer, inside of its frame
  std::set<int> forgotten;        ///< connections that are no longer answered, as behind a balancer that dropped them
  std::int64_t epoch_end_offset = 0;  ///< OffsetForLeaderEpoch says this, with epoch 0
};

/// Two brokers, at 10.9.0.1 and 10.9.0.2, with topic t of one partition.
class QuirkCluster {
 public:
  explicit QuirkCluster(Quirks has) : quirks(std::move(has)) {
    world.options.bootstrap_servers = parse_endpoints("10.9.0.1:9092");
    world.options.metadata_max_age_ms = 3'000;
    world.options.request_timeout_ms = 2'000;
    records::BatchBuilder builder{records::BatchOptions()};
    for (int i = 0; i < record_count; ++i) {
      const std::string value = std::to_string(i);
      builder.append(1'700'000'000'000 + i, std::nullopt, protocol::string(value), {});
    }
    batch_ = builder.finish();
  }

  /// Reads t[0] from its begin while `body` runs.
  void read(std::function<asio::awaitable<void>()> body) {
    world.run([this, body = std::move(body)]() -> asio::awaitable<void> {
      std::vector<std::unique_ptr<ScriptedServer>> servers;
      for (int node = 1; node <= 2; ++node) {
        const runtime::Address at("10.9.0." + std::to_string(node), 9092);
        ScriptedServer::Script script = [this, node](runtime::Stream& stream, int) { return serve(stream, node); };
        servers.push_back(std::make_unique<ScriptedServer>(world, at, std::move(script)));
      }
      co_await world.connect();
      const FetchOptions fetch = world.fetch_options();
      Fetcher& fetcher = world.make_fetcher(fetch);
      fetcher.add(TopicPartition("t", 0), StartPosition::earliest(), sink);
      co_await body();
      const auto deadline = world.client->deadline_in_ms(1'000);
      co_await fetcher.close(deadline);
      for (auto& server : servers) server->close();
      co_await world.sleep(milliseconds(100));
    });
  }
  asio::awaitable<void> all_records() {
    co_await world.until([this] { return sink.offsets.size() == log_copies_ * record_count; }, "all records");
  }
  void append_again() { ++log_copies_; }

  World world;
  Quirks quirks;
  Sink sink;
  std::int32_t leader = 1;
  std::map<ApiKey, std::set<std::int16_t>> seen;  ///< versions of the requests that came
  std::set<std::int32_t> epochs_seen;             ///< current_leader_epoch of Fetch requests
  std::map<ApiKey, int> answered;
  int connections = 0;

 private:
  asio::awaitable<void> serve(runtime::Stream& stream, int node) {
    const int number = ++connections;
    while (true) {
      const std::string request = co_await read_request(stream);
      if (request.empty()) co_return;
      const auto api = static_cast<ApiKey>(request[1]);
      if (api == ApiKey::api_versions && api_version(request) > quirks.resets_above) co_return;
      if (quirks.forgotten.contains(number)) break;
      seen[api].insert(api_version(request));
      std::string answer = answer_to(api, request, node);
      if (answer.empty()) co_return;
      if (waits_) co_await world.sleep(milliseconds(100));
      co_await write_bytes(stream, std::move(answer));
    }
    co_await wait_for_end(stream);
  }

  std::string answer_to(ApiKey api, const std::string& request, int node) {
    waits_ = false;
    Arena arena;
    const auto header = protocol::decode_request_header(protocol::bytes(request));
    REQUIRE(header);
    const auto body = protocol::bytes(request).subspan(header->body_at);
    const bool errs = answered[api]++ < quirks.passing_errors;
    const std::int16_t code = errs ? static_cast<std::int16_t>(ErrorCode::unknown_server_error) : std::int16_t{0};
    switch (api) {
      case ApiKey::api_versions: return versions(request);
      case ApiKey::metadata: return metadata(request, code, arena);
      case ApiKey::list_offsets: return offsets(request, code, arena);
      case ApiKey::fetch: return records(request, body, code, node, arena);
      case ApiKey::offset_for_leader_epoch: return epoch_end(request, arena);
      default: return {};  // hangs up at what it did not offer
    }
  }

  template <class Response>
  std::string framed(const Response& response, const std::string& request) {
    std::string frame = *protocol::encode_response(response, api_version(request), correlation_id(request));
    frame.append(static_cast<std::size_t>(quirks.bytes_behind), '\x7f');
    const auto size = static_cast<std::uint32_t>(frame.size() - 4);
    for (int i = 0; i < 4; ++i) frame[static_cast<std::size_t>(i)] = static_cast<char>(size >> (24 - 8 * i));
    return frame;
  }

  std::string versions(const std::string& request) {
    Arena arena;
    protocol::ApiVersionsResponse response;
    auto apis = arena.make_list<protocol::ApiVersionsResponse::ApiVersion>(quirks.versions_max.size());
    std::size_t i = 0;
    for (const auto& [api, max] : quirks.versions_max) {
      apis[i].api_key = static_cast<std::int16_t>(api);
      apis[i].min_version = quirks.versions_min.contains(api) ? quirks.versions_min[api] : std::int16_t{0};
      apis[i++].max_version = max;
    }
    response.api_keys = apis;
    return framed(response, request);
  }

  std::string metadata(const std::string& request, std::int16_t code, Arena& arena) {
    protocol::MetadataResponse response;
    auto brokers = arena.make_list<protocol::MetadataResponse::Broker>(2);
    for (int i = 0; i < 2; ++i) {
      brokers[static_cast<std::size_t>(i)].node_id = i + 1;
      brokers[static_cast<std::size_t>(i)].host = i == 0 ? "10.9.0.1" : "10.9.0.2";
      brokers[static_cast<std::size_t>(i)].port = 9092;
    }
    auto topics = arena.make_list<protocol::MetadataResponse::Topic>(1);
    auto partitions = arena.make_list<protocol::MetadataResponse::Partition>(1);
    partitions[0].leader_id = leader;
    partitions[0].leader_epoch = quirks.leader_epoch;
    topics[0].name = protocol::string("t");
    topics[0].error_code = code;
    if (code == 0) topics[0].partitions = partitions;
    response.brokers = brokers;
    response.controller_id = quirks.controller_id;
    response.topics = topics;
    return framed(response, request);
  }

  std::string offsets(const std::string& request, std::int16_t code, Arena& arena) {
    protocol::ListOffsetsResponse response;
    auto topics = arena.make_list<protocol::ListOffsetsResponse::Topic>(1);
    auto partitions = arena.make_list<protocol::ListOffsetsResponse::Partition>(1);
    partitions[0].error_code = code;
    partitions[0].offset = code == 0 ? 0 : -1;
    partitions[0].leader_epoch = quirks.leader_epoch;
    topics[0].name = "t";
    topics[0].partitions = partitions;
    response.topics = topics;
    return framed(response, request);
  }

  std::string records(const std::string& request, protocol::bytes body, std::int16_t code, int node, Arena& arena) {
    const auto asked = protocol::decode<protocol::FetchRequest>(body, api_version(request), arena);
    REQUIRE(asked);
    protocol::FetchResponse response;
    auto topics = arena.make_list<protocol::FetchResponse::Topic>(1);
    auto partitions = arena.make_list<protocol::FetchResponse::Partition>(1);
    auto& partition = partitions[0];
    topics[0].topic = "t";
    const auto end = static_cast<std::int64_t>(log_copies_) * record_count;
    std::int64_t position = end;
    if (!asked->topics.empty()) {
      const auto& wanted = asked->topics[0].partitions[0];
      position = wanted.fetch_offset;
      epochs_seen.insert(wanted.current_leader_epoch);
    }
    partition.error_code = node == leader ? code : static_cast<std::int16_t>(ErrorCode::not_leader_or_follower);
    partition.high_watermark = end;
    partition.last_stable_offset = end;
    partition.log_start_offset = 0;
    waits_ = position >= end || code != 0;
    if (node == leader && code == 0 && position < end) {
      const std::int64_t base = position - position % record_count;
      std::string copy = batch_;
      for (int i = 0; i < 8; ++i) copy[static_cast<std::size_t>(i)] = static_cast<char>(base >> (56 - 8 * i));
      partition.records = protocol::Records(arena.copy(protocol::bytes(copy)));
    }
    topics[0].partitions = partitions;
    response.responses = topics;
    return framed(response, request);
  }

  std::string epoch_end(const std::string& request, Arena& arena) {
    protocol::OffsetForLeaderEpochResponse response;
    auto topics = arena.make_list<protocol::OffsetForLeaderEpochResponse::Topic>(1);
    auto partitions = arena.make_list<protocol::OffsetForLeaderEpochResponse::EpochEndOffset>(1);
    partitions[0].leader_epoch = quirks.epoch_end_offset < 0 ? -1 : 0;
    partitions[0].end_offset = quirks.epoch_end_offset;
    topics[0].topic = "t";
    topics[0].partitions = partitions;
    response.topics = topics;
    return framed(response, request);
  }

  std::string batch_;
  std::size_t log_copies_ = 1;
  bool waits_ = false;
};

std::set<std::int16_t> only(std::int16_t version) { return {version}; }

}  // namespace

TEST_CASE("Azure Event Hubs: resets the connection at ApiVersions 4, and offers Fetch 16 without topic ids") {
  Quirks quirks;
  quirks.resets_above = 3;
  quirks.versions_max[ApiKey::fetch] = 16;
  QuirkCluster azure(quirks);
  azure.read([&]() -> asio::awaitable<void> { co_await azure.all_records(); });
  CHECK(azure.sink.offsets == range(0, record_count));
  CHECK(azure.seen[ApiKey::fetch] == only(12));  // the last version with names
  CHECK(azure.world.count(EventKind::connect_failed) == 0);
}

TEST_CASE("Azure Event Hubs: its balancer forgets connections that were idle for four minutes, without a word") {
  QuirkCluster azure{Quirks()};
  azure.world.options.metadata_max_age_ms = 3'600'000;
  azure.read([&]() -> asio::awaitable<void> {
    co_await azure.all_records();
    co_await azure.world.sleep(seconds(240));
    for (int number = 1; number <= azure.connections; ++number) azure.quirks.forgotten.insert(number);
    azure.append_again();
    const auto begin = azure.world.client->now();
    azure.world.client->request_metadata("test");
    co_await azure.all_records();
    CHECK(azure.world.client->now() - begin < seconds(10));
  });
  CHECK(azure.sink.offsets == range(0, 2 * record_count));
}

TEST_CASE("Tencent CKafka: leader epochs are -1 everywhere, although all versions that know them are offered") {
  Quirks quirks;
  quirks.leader_epoch = -1;
  QuirkCluster tencent(quirks);
  tencent.read([&]() -> asio::awaitable<void> {
    co_await tencent.all_records();
    tencent.leader = 2;
    tencent.append_again();
    co_await tencent.all_records();
  });
  CHECK(tencent.sink.offsets == range(0, 2 * record_count));
  CHECK(tencent.epochs_seen == std::set<std::int32_t>{-1});
  CHECK_FALSE(tencent.seen.contains(ApiKey::offset_for_leader_epoch));
}

TEST_CASE("MSK: UNKNOWN_SERVER_ERROR passes") {
  Quirks quirks;
  quirks.passing_errors = 3;
  QuirkCluster msk(quirks);
  msk.read([&]() -> asio::awaitable<void> { co_await msk.all_records(); });
  CHECK(msk.sink.offsets == range(0, record_count));
  CHECK(msk.sink.stopped == nullptr);
}

TEST_CASE("Redpanda: a leader moves and its epoch stays the same, and there is no controller") {
  Quirks quirks;
  quirks.controller_id = -1;
  QuirkCluster redpanda(quirks);
  redpanda.read([&]() -> asio::awaitable<void> {
    co_await redpanda.all_records();
    for (const std::int32_t leader : {2, 1}) {
      redpanda.leader = leader;
      redpanda.append_again();
      co_await redpanda.all_records();
    }
  });
  CHECK(redpanda.sink.offsets == range(0, 3 * record_count));
  CHECK(redpanda.world.count(EventKind::leader_moved) == 2);
  CHECK(redpanda.world.count(EventKind::truncated) == 0);
}

TEST_CASE("a service that offers OffsetForLeaderEpoch and knows no epochs: reading goes on where it was") {
  Quirks quirks;
  quirks.epoch_end_offset = -1;
  QuirkCluster service(quirks);
  service.read([&]() -> asio::awaitable<void> {
    co_await service.all_records();
    service.leader = 2;
    service.quirks.leader_epoch = 1;
    service.append_again();
    co_await service.all_records();
  });
  CHECK(service.sink.offsets == range(0, 2 * record_count));
}

TEST_CASE("a proxy that appends bytes to its answers is understood") {
  Quirks quirks;
  quirks.bytes_behind = 3;
  QuirkCluster proxy(quirks);
  proxy.read([&]() -> asio::awaitable<void> { co_await proxy.all_records(); });
  CHECK(proxy.sink.offsets == range(0, record_count));
}

TEST_CASE("a service without Fetch, or with none that this client speaks, is named with what it lacks") {
  for (const bool offers_newer : {false, true}) {
    CAPTURE(offers_newer);
    Quirks quirks;
    if (offers_newer) {
      quirks.versions_min[ApiKey::fetch] = 40;
      quirks.versions_max[ApiKey::fetch] = 50;
    } else {
      quirks.versions_max.erase(ApiKey::fetch);
    }
    QuirkCluster service(quirks);
    service.read([&]() -> asio::awaitable<void> {
      co_await service.world.until([&] { return service.world.count(EventKind::fetch_failed) > 0; }, "the failure");
    });
    const std::string says = service.world.first(EventKind::fetch_failed);
    CHECK(contains(says, "Fetch"));
    CHECK(contains(says, "10.9.0.1:9092"));
    CHECK(contains(says, offers_newer ? "versions 40 to 50" : "does not offer it"));
  }
}
