#include "barnabas/group/ack_window.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <set>

using barnabas::group::AckWindow;

namespace {

/// The same, offset by offset.
struct NaiveWindow {
  std::int64_t position = 0, handed_out = 0;
  std::set<std::int64_t> finished;

  bool done(std::int64_t first, std::int64_t next) {
    if (first > next || next > handed_out) return false;
    for (auto offset = std::max(first, position); offset < next; ++offset) finished.insert(offset);
    settle();
    return true;
  }
  void rewind(std::int64_t to) {
    if (to <= position) {
      position = handed_out = to;
      finished.clear();
    } else if (to < handed_out) {
      handed_out = to;
      finished.erase(finished.lower_bound(to), finished.end());
    }
  }
  void settle() {
    while (finished.erase(position) > 0) ++position;
  }
  std::size_t gaps() const {
    std::size_t runs = 0;
    for (const auto offset : finished) runs += !finished.contains(offset - 1);
    return runs;
  }
};

}  // namespace

TEST_CASE("ack window: what is committed is the lowest unfinished offset") {
  AckWindow window;
  window.reset(100);
  CHECK(window.position() == 100);
  CHECK(window.all_done());
  window.opened(110);
  CHECK_FALSE(window.all_done());
  CHECK(window.done(105, 110));
  CHECK(window.position() == 100);
  CHECK(window.gaps() == 1);
  CHECK(window.done(100, 105));
  CHECK(window.position() == 110);
  CHECK(window.gaps() == 0);
  CHECK(window.all_done());
}

TEST_CASE("ack window: a range that was never handed out is refused and changes nothing") {
  AckWindow window;
  window.reset(0);
  window.opened(10);
  CHECK_FALSE(window.done(5, 11));
  CHECK_FALSE(window.done(7, 6));
  CHECK(window.position() == 0);
  CHECK(window.gaps() == 0);
  CHECK(window.done(0, 0));
  CHECK(window.done(-5, 3));
  CHECK(window.position() == 3);
  CHECK(window.done(1, 2));
  CHECK(window.position() == 3);
}

TEST_CASE("ack window: a rewind keeps what is under way below it") {
  AckWindow window;
  window.reset(10);
  window.opened(30);
  window.done(12, 25);
  window.rewind(20);
  CHECK(window.handed_out() == 20);
  CHECK(window.position() == 10);
  CHECK_FALSE(window.all_done());
  window.done(10, 12);
  CHECK(window.position() == 20);
  window.rewind(5);
  CHECK(window.position() == 5);
  CHECK(window.handed_out() == 5);
}

TEST_CASE("ack window: agrees with a model that keeps every offset") {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    const auto below = [&](std::int64_t bound) {
      return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(bound));
    };
    AckWindow window;
    NaiveWindow model;
    for (int step = 0; step < 200; ++step) {
      switch (below(20)) {
        case 0: {
          const auto to = std::max<std::int64_t>(0, model.position - 5 + below(40));
          window.rewind(to);
          model.rewind(to);
          break;
        }
        case 1:
        case 2:
        case 3:
        case 4: {
          const auto next = model.handed_out - 2 + below(12);
          window.opened(next);
          model.handed_out = std::max(model.handed_out, next);
          break;
        }
        default: {
          const auto first = model.position - 3 + below(20);
          const auto next = first - 1 + below(8);
          REQUIRE(window.done(first, next) == model.done(first, next));
        }
      }
      REQUIRE(window.position() == model.position);
      REQUIRE(window.handed_out() == model.handed_out);
      REQUIRE(window.gaps() == model.gaps());
      REQUIRE(window.all_done() == (model.position == model.handed_out));
    }
  }
}
