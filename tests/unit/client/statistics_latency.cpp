// Durations in buckets: what can be told of them later, and how exactly.
#include <doctest/doctest.h>

#include "barnabas/client/statistics/latency.hpp"

using namespace barnabas;
using client::Latency;
using std::chrono::microseconds;

namespace {

Latency of(std::initializer_list<std::int64_t> durations_us) {
  Latency latency;
  for (const std::int64_t us : durations_us) latency.add(microseconds(us));
  return latency;
}

}  // namespace

TEST_CASE("latency: nothing was added") {
  const Latency none;
  CHECK(none.count() == 0);
  CHECK(none.average_us() == 0);
  CHECK(none.smallest_us() == 0);
  CHECK(none.largest_us() == 0);
  CHECK(none.quantile_us(0.99) == 0);
  CHECK(none.deviation_us() == 0);
}

TEST_CASE("latency: sums, averages and extremes are exact") {
  const Latency latency = of({100, 300, 1'000'000});
  CHECK(latency.count() == 3);
  CHECK(latency.sum_us() == 1'000'400);
  CHECK(latency.average_us() == 333'466);
  CHECK(latency.smallest_us() == 100);
  CHECK(latency.largest_us() == 1'000'000);
}

TEST_CASE("latency: a quantile is right within an eighth, from a microsecond to a minute") {
  for (std::int64_t us = 1; us < 60'000'000; us = us * 5 / 4 + 1) {
    CAPTURE(us);
    Latency latency;
    for (int i = 0; i < 99; ++i) latency.add(microseconds(us));
    latency.add(std::chrono::seconds(66));
    latency.add(microseconds(0));
    const double told = static_cast<double>(latency.quantile_us(0.5));
    CHECK(told <= static_cast<double>(us) * 1.125 + 1);
    CHECK(told >= static_cast<double>(us) * 0.875 - 1);
  }
  Latency ranks;
  for (int ms = 1; ms <= 1000; ++ms) ranks.add(std::chrono::milliseconds(ms));
  CHECK(ranks.quantile_us(0.5) / 1000 == doctest::Approx(500).epsilon(0.07));
  CHECK(ranks.quantile_us(0.99) / 1000 == doctest::Approx(990).epsilon(0.07));
  CHECK(ranks.quantile_us(1) <= ranks.largest_us());
  CHECK(ranks.deviation_us() / 1000 == doctest::Approx(289).epsilon(0.05));
}

TEST_CASE("latency: bounds of powers of two count what took exactly so long") {
  const Latency latency = of({1, 2, 3, 4, 5, 1024, 1025, 67'108'864, 900'000'000});
  CHECK(latency.count_within(0) == 1);
  CHECK(latency.count_within(1) == 2);
  CHECK(latency.count_within(2) == 4);
  CHECK(latency.count_within(10) == 6);
  CHECK(latency.count_within(11) == 7);
  std::uint64_t before = 0;
  for (int doubling = 0; doubling < Latency::bounds; ++doubling) {
    CHECK(latency.count_within(doubling) >= before);
    before = latency.count_within(doubling);
  }
  CHECK(before <= latency.count());
}

TEST_CASE("latency: less than a microsecond is a microsecond, a clock that went back is none") {
  Latency latency;
  latency.add(runtime::Duration(1));
  latency.add(runtime::Duration(-5'000));
  CHECK(latency.largest_us() == 1);
  CHECK(latency.smallest_us() == 0);
  CHECK(latency.sum_us() == 1);
}

TEST_CASE("latency: the difference of two copies is the time between them") {
  Latency latency = of({50, 60'000'000});
  const Latency earlier = latency;
  CHECK(latency.since(earlier).count() == 0);
  CHECK(latency.since(earlier).largest_us() == 0);
  latency.add(microseconds(1000));
  latency.add(microseconds(3000));
  const Latency between = latency.since(earlier);
  CHECK(between.count() == 2);
  CHECK(between.sum_us() == 4000);
  CHECK(between.largest_us() >= 3000);
  CHECK(between.largest_us() <= 3000 * 9 / 8);
  CHECK(between.smallest_us() <= 1000);
  CHECK(between.smallest_us() >= 1000 * 7 / 8);
}

TEST_CASE("latency: two of them together") {
  Latency latency = of({100, 200});
  latency += of({50, 4000});
  latency += Latency();
  CHECK(latency.count() == 4);
  CHECK(latency.sum_us() == 4350);
  CHECK(latency.smallest_us() == 50);
  CHECK(latency.largest_us() == 4000);
  Latency fresh;
  fresh += of({7});
  CHECK(fresh.smallest_us() == 7);
}
