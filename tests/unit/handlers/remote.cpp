// The remote handler against scripted endpoints, under virtual time.
#include "barnabas/handlers/remote/remote.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

#include "barnabas/client/runtime/clock.hpp"
#include "barnabas/protocol/base64.hpp"
#include "barnabas/tests/unit/handlers/support.hpp"

namespace {

using namespace barnabas;
using namespace barnabas::tests;
using namespace std::chrono_literals;
using client::EventKind;
using fixtures::sim::HttpFault;
using handlers::RemoteOptions;

constexpr auto url = "http://sink:8080/in";

RemoteOptions options_with(std::int32_t send_message_count, std::int32_t thread = 1) {
  RemoteOptions options;
  options.endpoint = url;
  options.send_message_count = send_message_count;
  options.thread = thread;
  return options;
}

std::string element(std::string_view topic, std::string_view value) {
  std::string text = "{\"topic\":\"" + std::string(topic) + "\",\"value\":\"";
  protocol::append_base64(text, value);
  return text + "\"}";
}

std::vector<Record> numbered(int from, int count) {
  std::vector<Record> records;
  for (int i = from; i < from + count; ++i) records.emplace_back("v" + std::to_string(i));
  return records;
}

/// One world with one remote handler; the endpoint keeps the bodies that it has taken.
struct World {
  explicit World(const RemoteOptions& options)
      : rig(sim),
        handler("backend", options, sim, rig.events),
        tasks(sim),
        endpoint(sim.http().endpoint("http://sink:8080")) {
    endpoint.respond([this](const runtime::HttpRequest& request) { return answer(request); });
  }

  runtime::HttpResponse answer(const runtime::HttpRequest& request) {
    arrived.push_back(request.body);
    runtime::HttpResponse response;
    response.status = 200;
    if (!statuses.empty()) {
      response.status = statuses.front();
      statuses.erase(statuses.begin());
    }
    if (!retry_after.empty()) response.headers.emplace_back("retry-after", retry_after);
    if (response.status / 100 == 2) taken.push_back(request.body);
    return response;
  }

  /// Starts the handler, runs `body`, then closes everything.
  template <class Body>
  void run(Body body) {
    const auto main = [&]() -> asio::awaitable<void> {
      co_await handler.start();
      co_await body();
      for (const auto& lane : lanes) lane->stop_handing_out();
      const auto deadline = sim.clock().now() + 60s;
      co_await handler.close(deadline);
      co_await tasks.join();
    };
    sim.run(main());
  }
  std::shared_ptr<group::Lane> add_lane(const std::string& topic, std::int32_t partition) {
    lanes.push_back(rig.lane(topic, partition));
    tasks.spawn(topic, serve(lanes.back(), handler));
    return lanes.back();
  }
  asio::awaitable<void> sleep(runtime::Duration duration) { co_await runtime::sleep_for(sim.clock(), duration); }
  std::int64_t seconds() { return std::chrono::duration_cast<std::chrono::seconds>(sim.clock().now() - began).count(); }

  fixtures::sim::SimRuntime sim;
  Rig rig;
  handlers::Remote handler;
  runtime::TaskGroup tasks;
  fixtures::sim::SimEndpoint& endpoint;
  std::vector<std::shared_ptr<group::Lane>> lanes;
  std::vector<std::string> arrived, taken;
  std::vector<int> statuses;
  std::string retry_after;
  runtime::TimePoint began = sim.clock().now();
};

/// The number in each value of all bodies, in order of arrival.
std::vector<int> numbers_in(const std::vector<std::string>& bodies, int count) {
  std::map<std::string, int> number_of;
  for (int i = 0; i < count; ++i) {
    std::string text;
    protocol::append_base64(text, "v" + std::to_string(i));
    number_of[text] = i;
  }
  std::vector<int> numbers;
  for (const auto& body : bodies) {
    for (std::size_t at = body.find("\"value\":\""); at != body.npos; at = body.find("\"value\":\"", at)) {
      at += 9;
      numbers.push_back(number_of.at(body.substr(at, body.find('"', at) - at)));
    }
  }
  return numbers;
}

}  // namespace

TEST_CASE("remote: a full batch leaves at once, the rest after the flush interval") {
  World world(options_with(2));
  world.run([&]() -> asio::awaitable<void> {
    const auto lane = world.add_lane("spans", 0);
    feed(world.rig, *lane, 0, {"a", "b", "c"});
    co_await world.sleep(1s);
    REQUIRE(world.taken.size() == 1);
    CHECK(world.taken[0] == "[" + element("spans", "a") + "," + element("spans", "b") + "]");
    CHECK(lane->window().position() == 2);
    co_await world.sleep(5s);
    REQUIRE(world.taken.size() == 2);
    CHECK(world.taken[1] == "[" + element("spans", "c") + "]");
    CHECK(lane->window().position() == 3);
  });
  const auto& stats = world.handler.stats();
  CHECK(stats.records == 3);
  CHECK(stats.delivered == 3);
  CHECK(stats.bytes == 3);
  CHECK(stats.requests == 2);
  CHECK(stats.in_flight == 0);
}

TEST_CASE("remote: topics are mixed in the order of arrival, null stays null") {
  World world(options_with(3));
  world.run([&]() -> asio::awaitable<void> {
    const auto spans = world.add_lane("spans", 0);
    const auto logs = world.add_lane("logs", 1);
    feed(world.rig, *spans, 0, {"a", Record::tombstone()});
    co_await world.sleep(1s);
    feed(world.rig, *logs, 0, {"b"});
    co_await world.sleep(1s);
    REQUIRE(world.taken.size() == 1);
    CHECK(world.taken[0] ==
          "[" + element("spans", "a") + R"(,{"topic":"spans","value":null},)" + element("logs", "b") + "]");
    CHECK(spans->window().position() == 2);
    CHECK(logs->window().position() == 1);
  });
}

TEST_CASE("remote: debug sends each raw value alone") {
  RemoteOptions options = options_with(100);
  options.debug = true;
  World world(options);
  std::string content_type;
  world.endpoint.respond([&](const runtime::HttpRequest& request) {
    for (const auto& [name, value] : request.headers) {
      if (name == "Content-Type") content_type = value;
    }
    return world.answer(request);
  });
  world.run([&]() -> asio::awaitable<void> {
    const auto lane = world.add_lane("t", 0);
    feed(world.rig, *lane, 0, {"one", "", "two"});
    co_await world.sleep(1s);
    CHECK(world.taken == std::vector<std::string>{"one", "", "two"});
    CHECK(lane->window().position() == 3);
  });
  CHECK(content_type == "application/json");
}

TEST_CASE("remote: header_check drops, counts, tells and acknowledges") {
  RemoteOptions options = options_with(1);
  options.header_check = true;
  World world(options);
  const std::string good = std::string("\xEF\x01\x02\x28", 4) + "rest";
  world.run([&]() -> asio::awaitable<void> {
    const auto lane = world.add_lane("t", 0);
    feed(world.rig, *lane, 0, {"x", good, "bad", "bad"});
    co_await world.sleep(1s);
    CHECK(world.taken.size() == 1);
    CHECK(lane->window().position() == 4);
  });
  CHECK(world.handler.stats().dropped == 3);
  CHECK(world.handler.stats().delivered == 1);
  REQUIRE(world.rig.events.count(EventKind::record_dropped) == 1);
  const auto* event = world.rig.events.last(EventKind::record_dropped);
  CHECK(event->count == 3);
  CHECK(event->offset == 0);
  CHECK(event->topic == "t");
}

TEST_CASE("remote: 503 is tried again for ever, visibly, with nothing acknowledged meanwhile") {
  World world(options_with(1));
  world.statuses.assign(50, 503);
  world.run([&]() -> asio::awaitable<void> {
    const auto lane = world.add_lane("t", 0);
    feed(world.rig, *lane, 0, {"a"});
    co_await world.sleep(60s);
    CHECK(lane->window().position() == 0);
    CHECK(world.handler.stats().in_flight == 1);
    CHECK(world.rig.events.count(EventKind::delivery_failed) == 1);
    CHECK(world.rig.events.count(EventKind::delivery_retrying) > 8);
    CHECK(world.rig.events.last(EventKind::delivery_retrying)->text.find("HTTP 503") != std::string::npos);
    co_await world.sleep(600s);
    CHECK(lane->window().position() == 1);
  });
  CHECK(world.arrived.size() == 51);
  CHECK(std::ranges::all_of(world.arrived, [&](const auto& body) { return body == world.arrived[0]; }));
  CHECK(world.handler.stats().retries == 50);
  CHECK(world.rig.events.count(EventKind::delivery_recovered) == 1);
}

TEST_CASE("remote: while failing, warnings come every ten seconds and not with each attempt") {
  World world(options_with(1));
  world.statuses.assign(1'000, 500);
  world.run([&]() -> asio::awaitable<void> {
    const auto lane = world.add_lane("t", 0);
    feed(world.rig, *lane, 0, {"a"});
    co_await world.sleep(100s);
    std::size_t warnings = 0;
    for (const auto& event : world.rig.events.events) warnings += event.severity >= client::Severity::warning;
    CHECK(warnings >= 7);
    CHECK(warnings <= 12);
    world.statuses.clear();
    co_await world.sleep(10s);
  });
}

TEST_CASE("remote: Retry-After is honoured") {
  World world(options_with(1));
  world.statuses = {429};
  world.retry_after = "120";
  world.run([&]() -> asio::awaitable<void> {
    const auto lane = world.add_lane("t", 0);
    feed(world.rig, *lane, 0, {"a"});
    co_await world.sleep(119s);
    CHECK(world.arrived.size() == 1);
    co_await world.sleep(2s);
    CHECK(world.arrived.size() == 2);
    CHECK(lane->window().position() == 1);
  });
}

TEST_CASE("remote: an endpoint that hangs is given up after the timeout and asked again") {
  World world(options_with(1));
  world.endpoint.fail(HttpFault::hang, 1);
  world.run([&]() -> asio::awaitable<void> {
    const auto lane = world.add_lane("t", 0);
    feed(world.rig, *lane, 0, {"a"});
    co_await world.sleep(29s);
    CHECK(world.endpoint.requests() == 1);
    CHECK(lane->window().position() == 0);
    co_await world.sleep(2s);
    CHECK(lane->window().position() == 1);
  });
}

TEST_CASE("remote: each transport fault is got over, with the whole body sent again") {
  for (const auto fault : {HttpFault::refused, HttpFault::no_such_host, HttpFault::silent_connect,
                           HttpFault::reset_before, HttpFault::reset_after}) {
    World world(options_with(2));
    world.endpoint.fail(fault, 3);
    world.run([&]() -> asio::awaitable<void> {
      const auto lane = world.add_lane("t", 0);
      feed(world.rig, *lane, 0, {"a", "b"});
      co_await world.sleep(60s);
      CHECK(lane->window().position() == 2);
    });
    REQUIRE_FALSE(world.taken.empty());
    for (const auto& body : world.taken) CHECK(body == "[" + element("t", "a") + "," + element("t", "b") + "]");
    CHECK(world.handler.stats().requests == 4);
  }
}

TEST_CASE("remote: any 2xx is a success") {
  World world(options_with(1));
  world.statuses = {204, 299, 201};
  world.run([&]() -> asio::awaitable<void> {
    const auto lane = world.add_lane("t", 0);
    feed(world.rig, *lane, 0, {"a", "b", "c"});
    co_await world.sleep(1s);
    CHECK(lane->window().position() == 3);
  });
  CHECK(world.handler.stats().retries == 0);
}

TEST_CASE("remote: a refused request is kept by default, slowly") {
  World world(options_with(1));
  world.statuses.assign(6, 400);
  world.run([&]() -> asio::awaitable<void> {
    const auto lane = world.add_lane("t", 0);
    feed(world.rig, *lane, 0, {"a"});
    co_await world.sleep(3s);
    CHECK(world.arrived.size() == 1);
    CHECK(lane->window().position() == 0);
    co_await world.sleep(60s);
    CHECK(lane->window().position() == 1);
  });
}

TEST_CASE("remote: a refused request is dropped, counted and told where that is asked for") {
  for (const int status : {301, 400, 404, 413}) {
    RemoteOptions options = options_with(2);
    options.on_rejected = handlers::OnRejected::drop;
    World world(options);
    world.statuses = {status};
    world.run([&]() -> asio::awaitable<void> {
      const auto lane = world.add_lane("t", 0);
      feed(world.rig, *lane, 0, {"a", "b", "c", "d"});
      co_await world.sleep(1s);
      CHECK(lane->window().position() == 4);
    });
    CHECK(world.handler.stats().dropped == 2);
    CHECK(world.handler.stats().delivered == 2);
    CHECK(world.rig.events.count(EventKind::record_dropped) == 1);
  }
}

TEST_CASE("remote: while the endpoint fails, memory is bounded and the partitions stop") {
  World world(options_with(10));
  world.endpoint.fail(HttpFault::refused);
  world.run([&]() -> asio::awaitable<void> {
    std::vector<std::shared_ptr<group::Lane>> lanes;
    for (int i = 0; i < 5; ++i) {
      lanes.push_back(world.add_lane("t", i));
      for (int j = 0; j < 20; ++j) feed_all(world.rig, *lanes.back(), j * 50, numbered(j * 50, 50));
    }
    co_await world.sleep(300s);
    // One batch in flight, one waiting, and what each lane had taken when it was stopped.
    CHECK(world.handler.stats().in_flight <= 20 + 5);
    for (const auto& lane : lanes) CHECK(lane->window().position() == 0);
    world.endpoint.fail(HttpFault::none);
    co_await world.sleep(60s);
    for (const auto& lane : lanes) CHECK(lane->window().position() == 1'000);
  });
  CHECK(world.handler.stats().delivered == 5'000);
}

TEST_CASE("remote: a batch is bounded in bytes, and a record that is larger goes alone") {
  RemoteOptions options = options_with(1'000);
  options.batch_bytes_max = 1'024;
  World world(options);
  world.run([&]() -> asio::awaitable<void> {
    const auto lane = world.add_lane("t", 0);
    const std::string large(5'000, 'x'), small(300, 'y');
    feed(world.rig, *lane, 0, {small, small, large, small, small, small});
    co_await world.sleep(10s);
    CHECK(lane->window().position() == 6);
  });
  for (const auto& body : world.taken) {
    CHECK((body.size() <= 1'024 || std::ranges::count(body, '{') == 1));
  }
  CHECK(world.taken.size() == 4);
}

TEST_CASE("remote: with threads, requests overlap and each partition keeps its order") {
  for (const auto ordering : {handlers::Ordering::partition, handlers::Ordering::none}) {
    RemoteOptions options = options_with(5, 4);
    options.ordering = ordering;
    World world(options);
    world.endpoint.set_latency(1ms, 500ms);
    std::size_t most = 0;
    world.sim.after_each_step([&] { most = std::max(most, world.sim.http().under_way()); });
    world.run([&]() -> asio::awaitable<void> {
      for (int i = 0; i < 4; ++i) feed_all(world.rig, *world.add_lane("t", i), 0, numbered(i * 100, 100));
      co_await world.sleep(300s);
      for (const auto& lane : world.lanes) CHECK(lane->window().position() == 100);
    });
    CHECK(most == 4);
    const auto numbers = numbers_in(world.taken, 400);
    CHECK(numbers.size() == 400);
    bool in_order = true;
    std::map<int, int> last;
    for (const int number : numbers) {
      const auto [at, is_first] = last.emplace(number / 100, number);
      in_order = in_order && (is_first || at->second < number);
      at->second = number;
    }
    CHECK(in_order == (ordering == handlers::Ordering::partition));
  }
}

TEST_CASE("remote: ordering by key keeps each key's order within one partition while requests overlap") {
  RemoteOptions options = options_with(3, 4);
  options.ordering = handlers::Ordering::key;
  World world(options);
  world.endpoint.set_latency(1ms, 500ms);
  std::size_t most = 0;
  world.sim.after_each_step([&] { most = std::max(most, world.sim.http().under_way()); });
  world.run([&]() -> asio::awaitable<void> {
    std::vector<Record> records;
    for (int i = 0; i < 300; ++i) records.emplace_back("key" + std::to_string(i % 10), "v" + std::to_string(i));
    const auto lane = world.add_lane("t", 0);
    feed_all(world.rig, *lane, 0, records);
    co_await world.sleep(300s);
    CHECK(lane->window().position() == 300);
  });
  CHECK(most > 1);
  std::map<int, int> last;
  for (const int number : numbers_in(world.taken, 300)) {
    const auto [at, is_first] = last.emplace(number % 10, number);
    CHECK((is_first || at->second < number));
    at->second = number;
  }
}

TEST_CASE("remote: close in the middle of a retry returns by its deadline and acknowledges nothing undelivered") {
  World world(options_with(1));
  world.endpoint.fail(HttpFault::refused);
  world.run([&]() -> asio::awaitable<void> {
    const auto lane = world.add_lane("t", 0);
    feed(world.rig, *lane, 0, {"a", "b", "c"});
    co_await world.sleep(100s);
    const auto before = world.sim.clock().now();
    co_await world.handler.close(before + 3s);
    CHECK(world.sim.clock().now() - before <= 3s + 100ms);
    CHECK(lane->window().position() == 0);
    CHECK(world.rig.events.last(EventKind::delivery_failed)->text.find("before the stop") != std::string::npos);
  });
}

TEST_CASE("remote: close while the endpoint hangs returns by its deadline") {
  World world(options_with(1, 3));
  world.endpoint.fail(HttpFault::hang);
  world.run([&]() -> asio::awaitable<void> {
    const auto lane = world.add_lane("t", 0);
    feed(world.rig, *lane, 0, {"a", "b", "c"});
    co_await world.sleep(1s);
    const auto before = world.sim.clock().now();
    co_await world.handler.close(before + 2s);
    CHECK(world.sim.clock().now() - before <= 2s + 100ms);
    CHECK(lane->window().position() == 0);
  });
}

TEST_CASE("remote: close delivers what is gathered when the endpoint takes it") {
  World world(options_with(100));
  world.run([&]() -> asio::awaitable<void> {
    const auto lane = world.add_lane("t", 0);
    feed(world.rig, *lane, 0, {"a", "b"});
    co_await world.sleep(1s);
    CHECK(world.taken.empty());
    const auto before = world.sim.clock().now();
    co_await world.handler.close(before + 10s);
    CHECK(world.sim.clock().now() - before < 1s);
    CHECK(world.taken.size() == 1);
    CHECK(lane->window().position() == 2);
  });
}

TEST_CASE("remote: a partition that leaves stops waiting for room, and can drain once the endpoint is back") {
  World world(options_with(1));
  world.endpoint.fail(HttpFault::refused);
  world.run([&]() -> asio::awaitable<void> {
    const auto lane = world.add_lane("t", 0);
    feed_all(world.rig, *lane, 0, numbered(0, 50));
    co_await world.sleep(10s);
    lane->stop_handing_out();
    world.handler.flush();
    co_await world.sleep(1s);
    CHECK(world.tasks.running() == 0);
    CHECK(lane->window().handed_out() < 50);
    CHECK_FALSE(lane->drained());
    world.endpoint.fail(HttpFault::none);
    co_await world.sleep(10s);
    CHECK(lane->drained());
    CHECK(lane->window().position() == lane->window().handed_out());
  });
  CHECK(world.taken.size() < 50);
}

TEST_CASE("remote: is_response_point is accepted with a warning") {
  RemoteOptions options = options_with(1);
  options.is_response_point = true;
  World world(options);
  world.run([&]() -> asio::awaitable<void> { co_return; });
  CHECK(world.rig.events.count(EventKind::config_warning) == 1);
}
