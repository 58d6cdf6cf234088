// Offsets in a file: its text, and reading without a group that goes on where it stopped.
#include <doctest/doctest.h>

#include "barnabas/fixtures/sim/sim_files.hpp"
#include "barnabas/group/offset_file.hpp"
#include "world.hpp"

using namespace barnabas;
using namespace barnabas::group;
using namespace barnabas::group::testing;

namespace {

const char* const path = "/var/lib/offsets";

ConsumerOptions with_file() {
  auto options = consumer_options();
  options.group.group_id.clear();
  options.group.offset_store_path = path;
  return options;
}

asio::awaitable<void> follow(Member& member) {
  co_await member.connect();
  member.consumer->follow({"t"}, client::StartPosition::earliest());
  member.world.tasks.spawn(member.name, member.serve());
}

fixtures::sim::SimFiles& files(World& world) { return world.sim.host("10.0.0.11").files(); }

StoredOffset stored(World& world, std::int32_t partition) {
  const auto text = files(world).read(path);
  if (!text) return {};
  const auto offsets = read_offsets(*text);
  REQUIRE_MESSAGE(offsets.has_value(), (offsets ? "" : offsets.error()));
  const auto found = offsets->find(TopicPartition("t", partition));
  return found == offsets->end() ? StoredOffset() : found->second;
}

}  // namespace

TEST_CASE("offset file: what is written is what is read") {
  StoredOffsets offsets;
  offsets[{"a.b-c_d", 0}] = {42, 7, {}};
  offsets[{"t", 11}].offset = 9'000'000'000'000;
  offsets[{"t", 11}].topic_id.octets = {1, 2, 3};
  const auto read = read_offsets(write_offsets(offsets));
  REQUIRE(read.has_value());
  CHECK(*read == offsets);
  CHECK(read_offsets(write_offsets({}))->empty());
}

TEST_CASE("offset file: a text that was cut or changed is refused, at every byte") {
  StoredOffsets offsets;
  offsets[{"t", 0}] = {42, 7, {}};
  offsets[{"t", 1}] = {43, 7, {}};
  const std::string whole = write_offsets(offsets);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(read_offsets(whole.substr(0, size)).has_value());
  }
  const std::string head = "barnabas-offsets 1\n1\n", id = " 7 AAAAAAAAAAAAAAAAAAAAAA\n";
  CHECK(read_offsets(head + "t 0 42" + id).has_value());
  for (const char* entry : {"t 0 -2", "t -1 42", "t 0 4x", " 0 42", "t  0 42", "t 0 99999999999999999999"}) {
    CAPTURE(entry);
    CHECK_FALSE(read_offsets(head + entry + id).has_value());
  }
  CHECK_FALSE(read_offsets("barnabas-offsets 1\n2\nt 0 1" + id + "t 0 2" + id).has_value());
  CHECK(read_offsets(head + "t 0 42 7 x\n").error().find("line 3") != std::string::npos);
}

TEST_CASE("offset file: a second run goes on where the first one ended, and nothing is lost or repeated") {
  World world;
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 2);
    for (int p = 0; p < 2; ++p) world.produce("t", p, 50);
    for (int run = 0; run < 3; ++run) {
      Member member(world, "a", "10.0.0.11", with_file());
      co_await follow(member);
      const std::uint64_t expected = run == 0 ? 100 : 20;
      co_await world.until([&] { return member.records == expected; }, "the records");
      co_await member.stop();
      for (int p = 0; p < 2; ++p) {
        CHECK(stored(world, p).offset == 50 + run * 10);
        world.produce("t", p, 10);
      }
      CHECK(member.records == expected);
    }
  });
  CHECK(world.invariants.records_repeated() == 0);
}

TEST_CASE("offset file: a topic that was deleted and created again starts at its beginning") {
  World world;
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    world.produce("t", 0, 50);
    {
      Member first(world, "a", "10.0.0.11", with_file());
      co_await follow(first);
      co_await world.until([&] { return stored(world, 0).offset == 50; }, "the file");
      co_await first.stop();
    }
    world.broker.delete_topic("t");
    world.broker.create_topic("t", 1);
    for (int i = 0; i < 60; ++i) world.broker.append("t", 0, one_record());
    for (const bool by_hand : {false, true}) {
      CAPTURE(by_hand);
      Member second(world, "a", "10.0.0.11", with_file());
      co_await second.connect();
      if (by_hand) second.consumer->assign(TopicPartition("t", 0), client::StartPosition::earliest());
      if (!by_hand) second.consumer->follow({"t"}, client::StartPosition::earliest());
      Turn turn;
      const bool more = co_await second.consumer->next(turn);
      REQUIRE(more);
      CHECK(turn.first_offset() == 0);
      turn.end();
      co_await second.stop();
    }
  });
}

TEST_CASE("offset file: a file that makes no sense stops the consumer and says what to do") {
  World world;
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    world.produce("t", 0, 5);
    files(world).put(path, "something else\n");
    Member member(world, "a", "10.0.0.11", with_file());
    co_await follow(member);
    co_await member.consumer->stopped();
    REQUIRE(member.consumer->error());
    const std::string why = member.consumer->error()->what();
    CHECK(why.find(path) != std::string::npos);
    CHECK(why.find("line 1") != std::string::npos);
    CHECK(why.find("offset.store.path") != std::string::npos);
    CHECK(member.records == 0);
    CHECK(*files(world).read(path) == "something else\n");
    co_await member.stop();
    world.invariants = fixtures::sim::Invariants(fixtures::sim::Invariants::On::collect);
  });
}

TEST_CASE("offset file: a disk that is full is told, and written to when it has room again") {
  World world;
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", 1);
    world.produce("t", 0, 5);
    Member member(world, "a", "10.0.0.11", with_file());
    co_await follow(member);
    co_await world.until([&] { return stored(world, 0).offset == 5; }, "the file");
    files(world).fail(path, "No space left on device");
    world.produce("t", 0, 5);
    co_await world.until([&] { return member.count(EventKind::commit_failed) >= 2; }, "the failures");
    CHECK(member.last(EventKind::commit_failed).find("No space left on device") != std::string::npos);
    files(world).fail(path, "");
    co_await world.until([&] { return stored(world, 0).offset == 10; }, "the file again");
    co_await member.stop();
  });
}

TEST_CASE("offset file: it is for reading without a group") {
  World world;
  world.run([&]() -> asio::awaitable<void> {
    auto options = consumer_options();
    options.group.offset_store_path = path;
    Member member(world, "a", "10.0.0.11", options);
    co_await member.connect();
    CHECK_THROWS_WITH_AS(member.consumer->subscribe({"t"}), doctest::Contains("without a group"), Error);
    co_await member.stop();
  });
}
