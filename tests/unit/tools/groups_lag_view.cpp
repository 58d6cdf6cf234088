#include "barnabas/tools/groups_lag_view.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace barnabas;
using namespace barnabas::tools;
using client::PartitionLag;
using client::TopicPartition;
using std::chrono::seconds;

namespace {

const runtime::TimePoint begin{};

GroupLook look_at(const std::string& group, std::vector<std::int64_t> lags) {
  GroupLook look;
  look.id = group;
  look.group.state = "Stable";
  for (std::size_t i = 0; i < lags.size(); ++i) {
    PartitionLag& partition = look.partitions.emplace_back();
    partition.partition = TopicPartition("t", static_cast<std::int32_t>(i));
    partition.offset = 100;
    partition.log_end = lags[i] < 0 ? -1 : 100 + lags[i];
    if (lags[i] >= 0) partition.lag = lags[i];
    if (lags[i] < 0) partition.problem = "LEADER_NOT_AVAILABLE";
  }
  return look;
}

bool has_line(const std::vector<std::string>& lines, std::string_view part) {
  return std::ranges::any_of(lines, [part](const std::string& line) { return line.find(part) != line.npos; });
}

}  // namespace

TEST_CASE("groups lag: rates of what was read and written, and when it will be done") {
  LagRates rates;
  const TopicPartition partition("t", 0);
  CHECK_FALSE(rates.of("g", partition));
  rates.add("g", partition, begin, 0, 1'000);
  CHECK_FALSE(rates.of("g", partition));
  rates.add("g", partition, begin + seconds(10), 500, 1'100);
  const auto rate = rates.of("g", partition);
  REQUIRE(rate);
  CHECK(rate->read_s == doctest::Approx(50));
  CHECK(rate->written_s == doctest::Approx(10));
  REQUIRE(rate->catch_up_s);
  CHECK(*rate->catch_up_s == doctest::Approx(15));
  CHECK_FALSE(rates.of("h", partition));
}

TEST_CASE("groups lag: a group that is not faster than its producers never gets there") {
  CHECK_FALSE(catch_up_s(10, 5, 5));
  CHECK_FALSE(catch_up_s(10, 0, 0));
  CHECK_FALSE(catch_up_s(10, 5, 9));
  CHECK(catch_up_s(0, 0, 100) == 0);
  CHECK(catch_up_s(10, 5, 0) == 2);
}

TEST_CASE("groups lag: rates forget what is old, and what was before a reset") {
  LagRates rates;
  const TopicPartition partition("t", 0);
  rates.add("g", partition, begin, 0, 10'000);
  rates.add("g", partition, begin + seconds(60), 6'000, 10'000);
  rates.add("g", partition, begin + seconds(90), 6'030, 10'000);
  REQUIRE(rates.of("g", partition));
  CHECK(rates.of("g", partition)->read_s == doctest::Approx(1));
  rates.add("g", partition, begin + seconds(92), 5, 10'000);
  CHECK_FALSE(rates.of("g", partition));
  rates.add("g", partition, begin + seconds(94), 25, 10'000);
  CHECK(rates.of("g", partition)->read_s == doctest::Approx(10));
}

TEST_CASE("groups lag: sums leave out what nobody knows, and say so") {
  LagRates rates;
  const GroupLook look = look_at("g", {5, -1, 7});
  LagSum sum = sum_of(look, rates);
  CHECK(sum.lag == 12);
  CHECK(sum.partitions == 3);
  CHECK(sum.not_known == 1);
  CHECK_FALSE(sum.has_rate);
  rates.add("g", TopicPartition("t", 0), begin, 90, 105);
  rates.add("g", TopicPartition("t", 0), begin + seconds(1), 100, 105);
  rates.add("g", TopicPartition("t", 2), begin, 99, 107);
  rates.add("g", TopicPartition("t", 2), begin + seconds(1), 100, 107);
  sum = sum_of(look, rates);
  CHECK(sum.has_rate);
  CHECK(sum.read_s == doctest::Approx(11));
  REQUIRE(sum.catch_up_s);
  CHECK(*sum.catch_up_s == doctest::Approx(7));  // the slowest partition
}

TEST_CASE("groups lag: rows say ? where it is not known, and - where there is nothing") {
  LagRates rates;
  std::vector<GroupLook> looks = {look_at("g", {5, -1})};
  looks[0].partitions.push_back({});
  looks[0].partitions[2].partition = TopicPartition("t", 2);
  looks[0].partitions[2].log_end = 9;
  CHECK(table_text(lag_table(looks, rates, 0)) ==
        "GROUP  TOPIC  PARTITION  OFFSET  LOG-END  LAG  RATE/S  CATCH-UP  ERROR\n"
        "g      t              0     100      105    5       -         -  -\n"
        "g      t              1     100        ?    ?       -         -  LEADER_NOT_AVAILABLE\n"
        "g      t              2       -        9    -       -         -  -\n");
  CHECK(table_text(lag_table(looks, rates, 1'700'000'000'000)).find("2023-11-14T22:13:20Z  g") != std::string::npos);
}

TEST_CASE("groups lag: a screen that is too small keeps the largest lags") {
  LagRates rates;
  LagMoment moment;
  std::vector<std::int64_t> lags;
  for (std::int64_t i = 0; i < 40; ++i) lags.push_back(i * 10);
  lags[3] = -1;
  moment.looks = {look_at("g", lags)};
  moment.troubles = {"broker 2 is\naway"};
  ScreenSize size;
  for (size.rows = 1; size.rows < 60; ++size.rows) {
    CAPTURE(size.rows);
    const auto lines = lag_screen(moment, rates, "title", size);
    if (size.rows >= 8) CHECK(lines.size() <= size.rows);
    CHECK(has_line(lines, "! broker 2 is away"));
    if (size.rows < 9) continue;
    CHECK(has_line(lines, "LEADER_NOT_AVAILABLE"));
    const std::size_t rows = static_cast<std::size_t>(
        std::ranges::count_if(lines, [](const std::string& line) { return line.starts_with("g      t"); }));
    CHECK(has_line(lines, "… and " + std::to_string(40 - rows) + " more") == (rows < 40));
    if (rows > 1) CHECK(has_line(lines, " 390 "));
  }
}

TEST_CASE("groups lag: what is drawn stays on the screen") {
  ScreenSize size;
  size.rows = 2;
  size.columns = 5;
  CHECK(draw({"ab", "abcdefg", "x"}, size) == "\x1b[Hab\x1b[K\r\nabcde\x1b[J");
  CHECK(draw({"abcde"}, size) == "\x1b[Habcde\x1b[J");
  CHECK(draw({"abcd"}, size) == "\x1b[Habcd\x1b[K\x1b[J");
  CHECK(draw({}, size) == "\x1b[H\x1b[J");
}
