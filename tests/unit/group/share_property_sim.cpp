// Whatever members do and whatever befalls them: each record of a share group is accepted, rejected or given up at the
// delivery limit, once, and none is lost.
#include <doctest/doctest.h>

#include <algorithm>

#include "share_world.hpp"

using namespace barnabas;
using namespace barnabas::group;
using namespace barnabas::group::testing;

namespace {

using Word = ShareMember::Word;

struct Chance {
  explicit Chance(std::uint64_t seed) : state(seed * 0x9e3779b97f4a7c15 + 1) {}
  std::uint64_t below(std::uint64_t bound) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state % bound;
  }
  std::uint64_t state;
};

void play(std::uint64_t seed) {
  CAPTURE(seed);
  Chance chance(seed);
  auto brokers = share_brokers();
  brokers.share.record_lock_duration = milliseconds(1'000 + chance.below(4'000));
  brokers.share.delivery_count_limit = static_cast<std::int16_t>(5 + chance.below(3) * 50);
  const int nodes = 1 + static_cast<int>(chance.below(2));
  // Without renewals, who needs longer than the lock for what it has in hand never finishes anything.
  std::uint64_t work_ms_max = 3'000;
  if (chance.below(2) == 0) {
    const auto lock = std::chrono::duration_cast<milliseconds>(brokers.share.record_lock_duration);
    work_ms_max = static_cast<std::uint64_t>(lock.count() / 3);
    brokers.versions[ApiKey::share_fetch] = {1, 1};
    brokers.versions[ApiKey::share_acknowledge] = {1, 1};
  }
  World world(seed, nodes, brokers);
  const int partitions = 1 + static_cast<int>(chance.below(3));
  const int records = 60 + static_cast<int>(chance.below(200));
  const std::uint64_t faults = chance.below(6);
  std::vector<std::unique_ptr<ShareMember>> members;
  int number = 0;
  const auto add = [&] {
    ConsumerOptions options = consumer_options();
    options.group.max_poll_records = static_cast<std::int32_t>(1 + chance.below(40));
    if (chance.below(2) == 0) options.group.share_acquire_mode = ShareAcquireMode::record_limit;
    ++number;
    const std::string name = "m" + std::to_string(number), ip = "10.0.0." + std::to_string(10 + number);
    auto member = std::make_unique<ShareMember>(world, name, ip, options);
    member->work = milliseconds(chance.below(4) == 0 ? chance.below(work_ms_max) : chance.below(30));
    member->decide = [&chance](std::int64_t, std::int16_t) {
      const auto draw = chance.below(40);
      return draw == 0 ? Word::reject : draw < 4 ? Word::release : Word::accept;
    };
    members.push_back(std::move(member));
    return members.back().get();
  };
  world.run([&]() -> asio::awaitable<void> {
    world.broker.create_topic("t", partitions, nodes);
    for (int i = 0; i < 1 + static_cast<int>(chance.below(3)); ++i) {
      ShareMember* member = add();
      co_await member->start("t");
    }
    std::vector<ShareMember*> gone;
    for (std::uint64_t step = 0; step < 4 + faults; ++step) {
      for (int p = 0; p < partitions; ++p) world.produce("t", p, records / 5, 1 + static_cast<int>(chance.below(20)));
      co_await world.sleep(milliseconds(chance.below(1'500)));
      ShareMember* victim = members[chance.below(members.size())].get();
      const std::int32_t node = 1 + static_cast<std::int32_t>(chance.below(static_cast<std::uint64_t>(nodes)));
      const auto is_gone = [&](ShareMember* member) { return std::ranges::find(gone, member) != gone.end(); };
      switch (chance.below(faults == 0 ? 2 : 8)) {
        case 0: {
          ShareMember* member = add();
          co_await member->start("t");
          break;
        }
        case 1:
          if (is_gone(victim)) break;
          gone.push_back(victim);
          co_await victim->stop(milliseconds(200 + chance.below(3'000)));
          break;
        case 2:
          if (is_gone(victim)) break;
          gone.push_back(victim);
          victim->kill();
          break;
        case 3: world.broker.cut_connections(node); break;
        case 4: world.broker.move_leader("t", 0, node); break;
        case 5: world.broker.forget_share_sessions(node); break;
        case 6: world.broker.move_coordinator("g", node); break;
        case 7: {
          const ApiKey apis[] = {ApiKey::share_fetch, ApiKey::share_acknowledge, ApiKey::share_group_heartbeat};
          FaultTarget target(apis[chance.below(3)]);
          target.times = 1 + static_cast<int>(chance.below(3));
          world.broker.faults().plan(target, Fault::cutting_after(chance.below(40)));
          break;
        }
      }
    }
    ShareMember* last = add();
    co_await last->start("t");
    for (const auto& member : members) member->work = {};
    const auto finished = [&] {
      for (int p = 0; p < partitions; ++p) {
        const auto* state = world.broker.share_partition("g", "t", p);
        if (!state || state->start_offset() < world.broker.log("t", p).end_offset()) return false;
      }
      return true;
    };
    co_await world.until(finished, "the end of every partition");
    for (int p = 0; p < partitions; ++p) {
      const auto* state = world.broker.share_partition("g", "t", p);
      const std::int64_t end = world.broker.log("t", p).end_offset();
      CHECK(state->accepted() + state->rejected() + state->given_up() == end);
      CHECK(state->gaps() == 0);
      if (brokers.share.delivery_count_limit > 50) CHECK(state->given_up() == 0);
      for (std::int64_t offset = 0; offset < end; ++offset) {
        int times = 0;
        for (const auto& member : members) times += member->times(offset, p);
        // Given back unseen again and again, a record may reach the limit without having been handed out.
        if (state->given_up() == 0) CHECK(times >= 1);
      }
    }
    world.broker.faults().clear();
    for (const auto& member : members) {
      if (member->killed || std::ranges::find(gone, member.get()) == gone.end()) {
        co_await member->stop(seconds(member->killed ? 0 : 10));
      }
    }
  });
}

}  // namespace

TEST_CASE("share: a random group finishes each record exactly once, and loses none") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    CHECK_NOTHROW(play(seed));
  }
}
