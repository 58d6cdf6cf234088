// Metrics for the broker (KIP-714): what is asked, pushed, refused and asked again, and that nothing else suffers.
#include <bit>
#include <deque>
#include <map>

#include "barnabas/client/statistics/otlp.hpp"
#include "barnabas/client/statistics/telemetry.hpp"
#include "barnabas/protocol/messages/get_telemetry_subscriptions.hpp"
#include "barnabas/protocol/messages/metadata.hpp"
#include "barnabas/protocol/messages/push_telemetry.hpp"
#include "barnabas/protocol/records/compression.hpp"
#include "world.hpp"

using namespace barnabas;
using namespace barnabas::client;
using namespace barnabas::client::testing;

namespace {

// ---- protobuf, read by field number ----

struct Proto {
  std::multimap<int, std::uint64_t> numbers;  ///< varints and fixed64
  std::multimap<int, std::string> bytes;
  const std::string& only(int field) const {
    if (bytes.count(field) != 1) throw std::runtime_error("field " + std::to_string(field) + " is not there once");
    return bytes.find(field)->second;
  }
  std::uint64_t number(int field) const {
    if (numbers.count(field) != 1) throw std::runtime_error("field " + std::to_string(field) + " is not there once");
    return numbers.find(field)->second;
  }
};

std::uint64_t varint(std::string_view& in) {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const auto byte = static_cast<unsigned char>(in.at(0));
    in.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  throw std::runtime_error("a varint without end");
}

Proto parse(std::string_view in) {
  Proto message;
  while (!in.empty()) {
    const std::uint64_t tag = varint(in);
    const int field = static_cast<int>(tag >> 3);
    switch (tag & 7) {
      case 0: message.numbers.emplace(field, varint(in)); break;
      case 1: {
        std::uint64_t value = 0;
        for (int i = 7; i >= 0; --i)
          value = value << 8 | static_cast<unsigned char>(in.at(static_cast<std::size_t>(i)));
        in.remove_prefix(8);
        message.numbers.emplace(field, value);
        break;
      }
      case 2: {
        const std::uint64_t size = varint(in);
        if (size > in.size()) throw std::runtime_error("cut");
        message.bytes.emplace(field, in.substr(0, size));
        in.remove_prefix(size);
        break;
      }
      default: throw std::runtime_error("a wire type that nobody wrote");
    }
  }
  return message;
}

struct Point {
  double value = 0;
  bool sum = false;
  std::uint64_t temporality = 0, start_ns = 0, time_ns = 0;
};

/// Points by "name" or "name{key=value}".
std::map<std::string, Point> read_otlp(const std::string& data) {
  std::map<std::string, Point> points;
  const Proto resource_metrics = parse(parse(data).only(1));
  const Proto scope_metrics = parse(resource_metrics.only(2));
  CHECK(parse(scope_metrics.only(1)).only(1) == "barnabas");
  const auto [first, end] = scope_metrics.bytes.equal_range(2);
  for (auto at = first; at != end; ++at) {
    const Proto metric = parse(at->second);
    const bool sum = metric.bytes.contains(7);
    const Proto body = parse(metric.only(sum ? 7 : 5));
    const auto [first_point, end_point] = body.bytes.equal_range(1);
    for (auto p = first_point; p != end_point; ++p) {
      const Proto raw = parse(p->second);
      Point point;
      point.sum = sum;
      if (sum) CHECK(body.number(3) == 1);
      if (sum) point.temporality = body.number(2);
      if (sum) point.start_ns = raw.number(2);
      point.time_ns = raw.number(3);
      point.value = std::bit_cast<double>(raw.number(4));
      std::string name = metric.only(1);
      if (raw.bytes.contains(7)) {
        const Proto label = parse(raw.only(7));
        name += "{" + label.only(1) + "=" + parse(label.only(2)).only(1) + "}";
      }
      CHECK(points.emplace(name, point).second);
    }
  }
  return points;
}

// ---- a broker with a receiver of metrics ----

struct Pushed {
  std::int32_t subscription_id;
  bool terminating;
  std::int8_t codec;
  runtime::TimePoint at;
  std::map<std::string, Point> points;
};

struct Receiver {
  Receiver(World& w) : world(w) {
    w.options.bootstrap_servers = {runtime::Endpoint("10.5.0.1", 9092)};
    w.options.metrics_push = true;
    w.options.request_timeout_ms = 2'000;
    server = std::make_unique<ScriptedServer>(
        w, runtime::Address("10.5.0.1", 9092),
        [this](runtime::Stream& stream, int) -> asio::awaitable<void> { co_await serve(stream); });
  }

  asio::awaitable<void> serve(runtime::Stream& stream) {
    while (true) {
      const std::string request = co_await read_request(stream);
      if (request.empty()) co_return;
      std::string response = answer(request);
      if (response.empty()) {
        co_await wait_for_end(stream);
        co_return;
      }
      co_await write_bytes(stream, std::move(response));
    }
  }

  std::string answer(const std::string& request) {
    protocol::Arena arena;
    const auto header = protocol::decode_request_header(protocol::bytes(request));
    const protocol::bytes body = protocol::bytes(request).subspan(header->body_at);
    switch (static_cast<ApiKey>(header->header.api_key)) {
      case ApiKey::api_versions: return versions(request);
      case ApiKey::metadata: return metadata(request);
      case ApiKey::get_telemetry_subscriptions: {
        const auto asked = protocol::decode<protocol::GetTelemetrySubscriptionsRequest>(body, 0, arena);
        return subscription(request, *asked);
      }
      case ApiKey::push_telemetry: {
        const auto pushed = protocol::decode<protocol::PushTelemetryRequest>(body, 0, arena);
        return take(request, *pushed);
      }
      default: throw std::runtime_error("nobody asks that here");
    }
  }

  std::string versions(const std::string& request) const {
    protocol::Arena arena;
    protocol::ApiVersionsResponse response;
    auto apis = arena.make_list<protocol::ApiVersionsResponse::ApiVersion>(has_receiver ? 4 : 2);
    const std::int16_t keys[] = {3, 18, 71, 72};
    for (std::uint32_t i = 0; i < apis.size(); ++i) {
      apis[i].api_key = keys[i];
      apis[i].max_version = std::int16_t{4};
    }
    response.api_keys = apis;
    return *protocol::encode_response(response, 4, correlation_id(request));
  }

  std::string metadata(const std::string& request) {
    ++metadata_answers;
    protocol::Arena arena;
    protocol::MetadataResponse response;
    auto brokers = arena.make_list<protocol::MetadataResponse::Broker>(1);
    brokers[0].node_id = 1;
    brokers[0].host = protocol::string("10.5.0.1");
    brokers[0].port = 9092;
    response.brokers = brokers;
    return *protocol::encode_response(response, api_version(request), correlation_id(request));
  }

  std::string subscription(const std::string& request, const protocol::GetTelemetrySubscriptionsRequest& asked) {
    ++subscriptions;
    asked_as.push_back(*asked.client_instance_id);
    if (hangs) return {};
    protocol::Arena arena;
    protocol::GetTelemetrySubscriptionsResponse response;
    protocol::Uuid id{};
    id.octets[0] = 7;
    response.client_instance_id = id;
    response.subscription_id = subscription_id;
    response.error_code = static_cast<std::int16_t>(next(subscription_errors));
    auto list = arena.make_list<std::int8_t>(codecs.size());
    std::copy(codecs.begin(), codecs.end(), list.begin());
    response.accepted_compression_types = list;
    response.push_interval_ms = 10'000;
    response.telemetry_max_bytes = bytes_max;
    response.delta_temporality = delta;
    auto names = arena.make_list<protocol::string>(prefixes.size());
    for (std::size_t i = 0; i < prefixes.size(); ++i) names[i] = protocol::string(prefixes[i]);
    response.requested_metrics = names;
    return *protocol::encode_response(response, 0, correlation_id(request));
  }

  std::string take(const std::string& request, const protocol::PushTelemetryRequest& push) {
    const protocol::bytes metrics = *push.metrics;
    records::Buffer buffer;
    const auto codec = static_cast<records::Codec>(static_cast<std::int8_t>(push.compression_type));
    const auto plain = records::decompress(codec, metrics, buffer);
    REQUIRE(plain);
    last_bytes = std::string(plain->begin(), plain->end());
    CHECK(push.client_instance_id->octets[0] == 7);
    pushes.push_back(
        {push.subscription_id, push.terminating, push.compression_type, world.client->now(), read_otlp(last_bytes)});
    protocol::PushTelemetryResponse response;
    const ErrorCode error = next(push_errors);
    if (error == ErrorCode::unknown_subscription_id) ++subscription_id;
    response.error_code = static_cast<std::int16_t>(error);
    return *protocol::encode_response(response, 0, correlation_id(request));
  }

  static ErrorCode next(std::deque<ErrorCode>& errors) {
    if (errors.empty()) return ErrorCode::none;
    const ErrorCode error = errors.front();
    errors.pop_front();
    return error;
  }

  asio::awaitable<void> wait_pushes(std::size_t count) {
    co_await world.until([&] { return pushes.size() >= count; }, "the push");
  }

  World& world;
  bool has_receiver = true, hangs = false, delta = false;
  std::int32_t subscription_id = 5, bytes_max = 1 << 20;
  std::vector<std::int8_t> codecs;
  std::vector<std::string> prefixes = {""};
  std::deque<ErrorCode> subscription_errors, push_errors;
  int subscriptions = 0, metadata_answers = 0;
  std::vector<protocol::Uuid> asked_as;
  std::vector<Pushed> pushes;
  std::string last_bytes;
  std::unique_ptr<ScriptedServer> server;
};

const std::string prefix = "org.apache.kafka.consumer.";

struct Source final : MetricsSource {
  void collect(std::vector<Metric>& into) override {
    into.emplace_back(prefix + "made.up.total", Metric::Kind::sum, total);
    into.emplace_back("other.gauge", Metric::Kind::gauge, 3.5);
  }
  double total = 10;
};

// The same message as opentelemetry-proto 1.45 reads it: field by field what is encoded below.
constexpr std::string_view otlp_golden =
    "0a9d010a150a130a0b636c69656e745f7261636b12040a0272311283010a0a0a086261726e61626173124d0a01612a480a22"
    "1900cac471fe9c971721000000000000f83f3a0e0a076e6f64655f696412030a01310a221900cac471fe9c97172100000000"
    "000000c03a0e0a076e6f64655f696412030a013212260a01623a210a1b1100002a36fe9c97171900cac471fe9c9717210000"
    "000000c0724010021801";

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    text += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
    text += "0123456789abcdef"[c & 15];
  }
  return text;
}

}  // namespace

TEST_CASE("otlp: gauges and sums of one name together, with their times") {
  std::vector<Metric> metrics;
  metrics.emplace_back("a", Metric::Kind::gauge, 1.5).labels.emplace_back("node_id", "1");
  metrics.emplace_back("a", Metric::Kind::gauge, -2).labels.emplace_back("node_id", "2");
  metrics.emplace_back("b", Metric::Kind::sum, 300);
  OtlpOptions options;
  options.start_unix_ms = 1'700'000'000'000;
  options.now_unix_ms = 1'700'000'001'000;
  options.resource = {{"client_rack", "r1"}};
  const std::string data = encode_otlp(metrics, options);
  CHECK(hex(data) == otlp_golden);
  const auto points = read_otlp(data);
  CHECK(points.size() == 3);
  CHECK(points.at("a{node_id=1}").value == 1.5);
  CHECK(points.at("a{node_id=2}").value == -2);
  CHECK(!points.at("a{node_id=1}").sum);
  CHECK(points.at("b").sum);
  CHECK(points.at("b").temporality == 2);
  CHECK(points.at("b").start_ns == 1'700'000'000'000'000'000u);
  CHECK(points.at("b").time_ns == 1'700'000'001'000'000'000u);
  options.delta = true;
  CHECK(read_otlp(encode_otlp(metrics, options)).at("b").temporality == 1);
  const Proto resource = parse(parse(parse(data).only(1)).only(1));
  CHECK(parse(resource.only(1)).only(1) == "client_rack");
  CHECK(read_otlp(encode_otlp({}, options)).empty());
}

TEST_CASE("telemetry: off unless it is asked for") {
  World world;
  Receiver receiver(world);
  world.options.metrics_push = false;
  world.run([&]() -> asio::awaitable<void> {
    co_await world.connect();
    co_await world.sleep(seconds(60));
  });
  CHECK(receiver.subscriptions == 0);
}

TEST_CASE("telemetry: pushes at the interval, the first with jitter, the last when closing") {
  World world;
  Receiver receiver(world);
  Source source;
  runtime::TimePoint connected{};
  world.run([&]() -> asio::awaitable<void> {
    co_await world.connect();
    protocol::MetadataRequest request;
    const Target target = Target::node(1);
    const auto deadline = world.client->deadline_in_ms(500);
    co_await world.client->call(request, target, deadline);
    connected = world.client->now();
    world.client->add_metrics_source(source);
    co_await receiver.wait_pushes(3);
    source.total = 25;
    co_await receiver.wait_pushes(4);
    const ClientStatistics statistics = world.client->statistics();
    CHECK(statistics.broker(1)->connections == 2);  // telemetry has one of its own
  });
  CHECK(receiver.subscriptions == 1);
  CHECK(receiver.asked_as[0].is_zero());
  REQUIRE(receiver.pushes.size() == 5);
  const auto first_after = receiver.pushes[0].at - connected;
  CHECK(first_after >= seconds(5));
  CHECK(first_after <= seconds(16));
  for (std::size_t i = 1; i < 4; ++i) {
    const auto gap = receiver.pushes[i].at - receiver.pushes[i - 1].at;
    CHECK(gap >= seconds(10));
    CHECK(gap <= seconds(11));
  }
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(receiver.pushes[i].terminating == (i == 4));
    CHECK(receiver.pushes[i].subscription_id == 5);
    CHECK(receiver.pushes[i].codec == 0);
  }
  const auto& points = receiver.pushes[3].points;
  CHECK(points.at(prefix + "connection.creation.total").value >= 2);
  CHECK(points.at(prefix + "connection.creation.total").temporality == 2);
  CHECK(points.at(prefix + "made.up.total").value == 25);
  CHECK(points.at("other.gauge").value == 3.5);
  CHECK(points.at(prefix + "connection.creation.rate").value == 0);
  CHECK(points.at(prefix + "node.request.latency.avg{node_id=1}").value > 0);
  CHECK(points.at(prefix + "node.request.latency.max{node_id=1}").value >=
        points.at(prefix + "node.request.latency.avg{node_id=1}").value);
  CHECK(world.count(EventKind::metrics_pushed) == 5);
}

TEST_CASE("telemetry: differences where they are wanted, and the names that are wanted") {
  World world;
  Receiver receiver(world);
  receiver.delta = true;
  receiver.prefixes = {prefix + "made.", prefix + "connection.creation.total"};
  receiver.push_errors = {ErrorCode::none, ErrorCode::none, ErrorCode::throttling_quota_exceeded};
  Source source;
  world.run([&]() -> asio::awaitable<void> {
    co_await world.connect();
    world.client->add_metrics_source(source);
    for (std::size_t n = 1; n <= 4; ++n) {
      co_await receiver.wait_pushes(n);
      source.total += 5;
    }
  });
  const std::string made_up = prefix + "made.up.total";
  REQUIRE(receiver.pushes.size() == 5);
  CHECK(receiver.pushes[0].points.size() == 2);
  CHECK(receiver.pushes[0].points.at(made_up).value == 10);
  CHECK(receiver.pushes[0].points.at(made_up).temporality == 1);
  CHECK(receiver.pushes[1].points.at(made_up).value == 5);
  CHECK(receiver.pushes[1].points.at(made_up).start_ns == receiver.pushes[0].points.at(made_up).time_ns);
  CHECK(receiver.pushes[2].points.at(made_up).value == 5);   // refused …
  CHECK(receiver.pushes[3].points.at(made_up).value == 10);  // … so it counts the next time
  CHECK(receiver.pushes[3].points.at(made_up).start_ns == receiver.pushes[2].points.at(made_up).start_ns);
}

TEST_CASE("telemetry: compressed by the broker's first choice, by another one when that is refused") {
  for (const std::int8_t codec : {1, 2, 3, 4}) {
    CAPTURE(static_cast<int>(codec));
    World world;
    Receiver receiver(world);
    receiver.codecs = {9, codec, 0};
    receiver.push_errors = {ErrorCode::unsupported_compression_type};
    world.run([&]() -> asio::awaitable<void> {
      co_await world.connect();
      co_await receiver.wait_pushes(2);
    });
    CHECK(receiver.pushes[0].codec == codec);
    CHECK(receiver.pushes[0].points.size() >= 2);
    CHECK(receiver.pushes[1].codec == 0);
    CHECK(receiver.subscriptions == 2);
    CHECK(receiver.asked_as[1].octets[0] == 7);  // it stays who it is
  }
}

TEST_CASE("telemetry: another subscription is asked for when the broker does not know this one") {
  World world;
  Receiver receiver(world);
  receiver.push_errors = {ErrorCode::unknown_subscription_id};
  world.run([&]() -> asio::awaitable<void> {
    co_await world.connect();
    co_await receiver.wait_pushes(2);
  });
  CHECK(receiver.pushes[0].subscription_id == 5);
  CHECK(receiver.pushes[1].subscription_id == 6);
}

TEST_CASE("telemetry: what a broker cannot read is not sent again, not even when closing") {
  for (const ErrorCode code : {ErrorCode::invalid_record, ErrorCode::invalid_request, ErrorCode::unsupported_version}) {
    CAPTURE(static_cast<int>(code));
    World world;
    Receiver receiver(world);
    receiver.push_errors = {code};
    world.run([&]() -> asio::awaitable<void> {
      co_await world.connect();
      co_await receiver.wait_pushes(1);
      co_await world.sleep(seconds(100));
    });
    CHECK(receiver.pushes.size() == 1);
    CHECK(receiver.subscriptions == 1);
  }
}

TEST_CASE("telemetry: no more than the broker takes, and nothing when it wants nothing") {
  World large;
  Receiver small_receiver(large);
  small_receiver.bytes_max = 10;
  large.run([&]() -> asio::awaitable<void> {
    co_await large.connect();
    co_await large.sleep(seconds(60));
  });
  CHECK(small_receiver.pushes.empty());
  CHECK(small_receiver.subscriptions >= 3);
  CHECK(small_receiver.subscriptions <= 12);

  World world;
  Receiver receiver(world);
  receiver.prefixes.clear();
  world.run([&]() -> asio::awaitable<void> {
    co_await world.connect();
    co_await world.sleep(seconds(60));
    receiver.prefixes = {""};
    co_await receiver.wait_pushes(1);
  });
  CHECK(receiver.subscriptions >= 4);
  CHECK(receiver.subscriptions <= 16);
}

TEST_CASE("telemetry: a broker without a receiver, or one that hangs, disturbs nothing") {
  World without;
  Receiver no_receiver(without);
  no_receiver.has_receiver = false;
  without.run([&]() -> asio::awaitable<void> {
    co_await without.connect();
    co_await without.sleep(seconds(60));
  });
  CHECK(no_receiver.subscriptions == 0);
  CHECK(without.count(EventKind::disconnected) == 0);
  CHECK(without.first(EventKind::metrics_pushed).find("does not offer it") != std::string::npos);

  World world;
  Receiver receiver(world);
  receiver.hangs = true;
  world.run([&]() -> asio::awaitable<void> {
    co_await world.connect();
    co_await world.sleep(seconds(1));
    protocol::MetadataRequest request;
    const Target target = Target::node(1);
    const auto deadline = world.client->deadline_in_ms(500);
    co_await world.client->call(request, target, deadline);
    co_await world.sleep(seconds(30));
  });
  CHECK(receiver.subscriptions == 1);
  CHECK(receiver.pushes.empty());
}
