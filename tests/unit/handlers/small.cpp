// null and stdout, and the factory.
#include <doctest/doctest.h>

#include "barnabas/client/runtime/clock.hpp"
#include "barnabas/client/runtime/tasks.hpp"
#include "barnabas/handlers/null.hpp"
#include "barnabas/handlers/options.hpp"
#include "barnabas/handlers/stdout.hpp"
#include "barnabas/tests/unit/handlers/support.hpp"

namespace {

using namespace barnabas;
using namespace barnabas::tests;
using namespace std::chrono_literals;
using handlers::OutputFormat;

std::string line(OutputFormat format, const records::RecordView& record) {
  std::string text;
  handlers::append_record_line(text, format, "t", 3, record);
  return text;
}

records::RecordView record_of(std::string_view value) {
  records::RecordView record;
  record.offset = 7;
  record.timestamp_ms = 1'000;
  record.value = value;
  record.has_value = true;
  return record;
}

template <class Body>
void run(fixtures::sim::SimRuntime& sim, handlers::Handler& handler, std::shared_ptr<group::Lane> lane, Body body) {
  runtime::TaskGroup tasks(sim);
  sim.run([&]() -> asio::awaitable<void> {
    co_await handler.start();
    tasks.spawn("serve", serve(lane, handler));
    co_await body();
    lane->stop_handing_out();
    const auto deadline = sim.clock().now() + 10s;
    co_await handler.close(deadline);
    co_await tasks.join();
  });
}

}  // namespace

TEST_CASE("null: counts and acknowledges") {
  fixtures::sim::SimRuntime sim;
  Rig rig(sim);
  handlers::Null handler("n");
  const auto lane = rig.lane("t", 0);
  run(sim, handler, lane, [&]() -> asio::awaitable<void> {
    feed(rig, *lane, 0, {"a", "bb", Record::tombstone()});
    feed(rig, *lane, 3, {"ccc"});
    co_await runtime::sleep_for(sim.clock(), 1s);
    CHECK(lane->window().position() == 4);
  });
  CHECK(handler.stats().records == 4);
  CHECK(handler.stats().delivered == 4);
  CHECK(handler.stats().bytes == 6);
}

TEST_CASE("stdout: a line is the value, or a JSON object with everything in it") {
  CHECK(line(OutputFormat::value, record_of("v")) == "v\n");
  CHECK(line(OutputFormat::json, record_of("v\n")) ==
        R"({"topic":"t","partition":3,"offset":7,"timestamp_ms":1000,"key":null,"value":"v\n","headers":[]})"
        "\n");
  auto record = record_of(std::string_view("\xff\x00", 2));
  record.key = std::string_view("k");
  record.has_key = true;
  CHECK(line(OutputFormat::json, record) ==
        R"({"topic":"t","partition":3,"offset":7,"timestamp_ms":1000,"key":"k","value_base64":"/wA=","headers":[]})"
        "\n");
}

TEST_CASE("stdout: headers, as many as there are, null among them") {
  records::BatchBuilder builder;
  const std::string bytes = "\xfe";
  builder.append(5, "k", "v",
                 {{"a", protocol::bytes(std::string_view("1")), true}, {"a", {}, false}, {"b", bytes, true}});
  const std::string batch = builder.finish(9);
  records::BatchWalker walker{protocol::bytes(batch)};
  records::BatchView view;
  REQUIRE(walker.next(view) == records::BatchWalker::Step::batch);
  records::RecordCursor cursor(view.header(), view.body());
  records::RecordView record;
  REQUIRE(cursor.next(record));
  CHECK(
      line(OutputFormat::json, record)
          .find(R"("headers":[{"key":"a","value":"1"},{"key":"a","value":null},{"key":"b","value_base64":"/g=="}]})") !=
      std::string::npos);
}

TEST_CASE("stdout: records are acknowledged once they are written") {
  fixtures::sim::SimRuntime sim;
  Rig rig(sim);
  std::string written;
  handlers::Stdout handler("out", {}, sim, rig.events, [&](std::string_view text) {
    written += text;
    return std::string();
  });
  const auto lane = rig.lane("t", 0);
  run(sim, handler, lane, [&]() -> asio::awaitable<void> {
    feed(rig, *lane, 0, {"a", "b"});
    co_await runtime::sleep_for(sim.clock(), 1s);
    CHECK(written == "a\nb\n");
    CHECK(lane->window().position() == 2);
  });
  CHECK(handler.stats().delivered == 2);
  CHECK(handler.stats().in_flight == 0);
}

TEST_CASE("stdout: large turns leave in pieces, each acknowledged") {
  fixtures::sim::SimRuntime sim;
  Rig rig(sim);
  std::vector<std::size_t> sizes;
  handlers::Stdout handler("out", {}, sim, rig.events, [&](std::string_view text) {
    sizes.push_back(text.size());
    return std::string();
  });
  const auto lane = rig.lane("t", 0);
  const std::string value(30'000, 'x');
  run(sim, handler, lane, [&]() -> asio::awaitable<void> {
    feed(rig, *lane, 0, {value, value, value, value});
    co_await runtime::sleep_for(sim.clock(), 1s);
    CHECK(lane->window().position() == 4);
  });
  CHECK(sizes == std::vector<std::size_t>{3 * 30'001, 30'001});
}

TEST_CASE("stdout: when writing fails nothing is acknowledged, it is told once, and close still returns") {
  fixtures::sim::SimRuntime sim;
  Rig rig(sim);
  handlers::Stdout handler("out", {}, sim, rig.events, [](std::string_view) { return std::string("Broken pipe"); });
  const auto lane = rig.lane("t", 0);
  run(sim, handler, lane, [&]() -> asio::awaitable<void> {
    feed(rig, *lane, 0, {"a"});
    co_await runtime::sleep_for(sim.clock(), 1s);
    CHECK(lane->window().position() == 0);
  });
  CHECK(rig.events.count(client::EventKind::delivery_failed) == 1);
  CHECK(rig.events.last(client::EventKind::delivery_failed)->text.find("Broken pipe") != std::string::npos);
}

TEST_CASE("handlers are made by their type") {
  fixtures::sim::SimRuntime sim;
  EventLog events;
  for (const auto type :
       {handlers::HandlerType::remote, handlers::HandlerType::null, handlers::HandlerType::standard_output}) {
    handlers::HandlerOptions options;
    options.name = "h";
    options.type = type;
    options.remote.endpoint = "http://h";
    const auto handler = handlers::make_handler(options, sim, events);
    REQUIRE(handler);
    CHECK(handler->name() == "h");
    CHECK(handlers::parse_handler_type(handlers::name(type)) == type);
  }
}
