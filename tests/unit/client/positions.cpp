#include "barnabas/client/positions.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "barnabas/client/fetch/offset_search.hpp"

namespace barnabas::client {
namespace {

/// What is asked, when the answers are these.
std::vector<std::int64_t> questions(OffsetSearch& search, std::vector<std::int64_t> answers) {
  std::vector<std::int64_t> asked;
  for (const std::int64_t answer : answers) {
    const auto question = search.question();
    if (!question) break;
    asked.push_back(*question);
    CHECK(search.answer(answer));
  }
  CHECK(!search.question());
  return asked;
}

constexpr std::int64_t now_ms = 1'700'000'000'000;
using Asked = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("durations are Java's") {
  CHECK(parse_iso_duration_ms("PT1H") == 3'600'000);
  CHECK(parse_iso_duration_ms("P1DT2H3M4.5S") == 93'784'500);
  CHECK(parse_iso_duration_ms("pt0.001s") == 1);
  CHECK(parse_iso_duration_ms("PT0S") == 0);
  CHECK(parse_iso_duration_ms("P7D") == 604'800'000);
  CHECK(parse_iso_duration_ms("PT90M") == 5'400'000);
  for (const char* wrong : {"", "P", "PT", "1H", "PT1", "PTH", "PT-1H", "P1H", "PT1D", "PT1S1H", "PT1H1H", "PT1.5H",
                            "P1DT", "PT1Hx", "PT99999999999999999999S", "PT9000000000000000000S"}) {
    CAPTURE(wrong);
    CHECK(parse_iso_duration_ms(wrong) == -1);
  }
  for (const std::int64_t ms : {0LL, 1LL, 999LL, 1'500LL, 60'000LL, 3'600'000LL, 93'784'500LL, 604'800'000LL}) {
    CAPTURE(iso_duration(ms));
    CHECK(parse_iso_duration_ms(iso_duration(ms)) == ms);
  }
}

TEST_CASE("reset and start policies: texts there and back, and what is refused") {
  for (const char* text : {"earliest", "latest", "none", "by_duration:PT1H"}) {
    OffsetReset reset;
    CHECK(reset.set_text(text).empty());
    CHECK(reset.text() == text);
  }
  for (const char* text :
       {"", "none", "earliest", "latest", "by_duration:P7D", "timestamp:1700000000000", "last:100"}) {
    StartPolicy policy;
    CHECK(policy.set_text(text).empty());
    CHECK(policy.text() == text);
  }
  OffsetReset reset;
  CHECK(!reset.set_text("by_duration:1h").empty());
  CHECK(!reset.set_text("first").empty());
  CHECK(reset == OffsetReset::latest);
  StartPolicy policy;
  for (const char* wrong : {"first", "last:", "last:-1", "last:x", "timestamp:", "by_duration:", "17"}) {
    CAPTURE(wrong);
    CHECK(!policy.set_text(wrong).empty());
  }
  CHECK(OffsetReset(OffsetReset::by_duration, 5).start() == StartPosition::before_now(5));
}

TEST_CASE("searching for offsets: what is asked, and what comes of it") {
  OffsetSearch search;
  SUBCASE("an offset is not asked about") {
    search.begin(StartPosition::offset(7, 3), EndPosition::before_offset(9), now_ms);
    CHECK(questions(search, {}).empty());
    CHECK(search.start() == 7);
    CHECK(search.leader_epoch() == 3);
    CHECK(search.end() == 9);
  }
  SUBCASE("the beginning, and the end as it is") {
    search.begin(StartPosition::earliest(), EndPosition::at_end(), now_ms);
    CHECK(questions(search, {5, 20}) == Asked{-2, -1});
    CHECK(search.start() == 5);
    CHECK(search.end() == 20);
  }
  SUBCASE("a time behind all records is the end") {
    search.begin(StartPosition::timestamp(now_ms), EndPosition::before_timestamp(now_ms + 1), now_ms);
    CHECK(questions(search, {-1, 30, -1, 31}) == Asked{now_ms, -1, now_ms + 1, -1});
    CHECK(search.start() == 30);
    CHECK(search.end() == 31);
  }
  SUBCASE("back from now") {
    search.begin(StartPosition::before_now(1'000), EndPosition::never(), now_ms);
    CHECK(questions(search, {12}) == Asked{now_ms - 1'000});
    CHECK(search.end() == -1);
    search.begin(StartPosition::before_now(now_ms * 2), EndPosition::never(), now_ms);
    CHECK(questions(search, {0}) == Asked{0});
  }
  SUBCASE("before the end, but never before the beginning") {
    search.begin(StartPosition::before_end(5), EndPosition::never(), now_ms);
    CHECK(questions(search, {100, 3}) == Asked{-1, -2});
    CHECK(search.start() == 95);
    search.begin(StartPosition::before_end(500), EndPosition::never(), now_ms);
    CHECK(questions(search, {100, 3}) == Asked{-1, -2});
    CHECK(search.start() == 3);
  }
  SUBCASE("a reset keeps the end") {
    search.begin(StartPosition::offset(50), EndPosition::at_end(), now_ms);
    CHECK(questions(search, {90}) == Asked{-1});
    search.begin_again(StartPosition::earliest(), now_ms);
    CHECK(questions(search, {60}) == Asked{-2});
    CHECK(search.start() == 60);
    CHECK(search.end() == 90);
  }
  SUBCASE("a log without an end does not exist") {
    search.begin(StartPosition::latest(), EndPosition::never(), now_ms);
    CHECK(!search.answer(-1));
    CHECK(search.question() == -1);
  }
}

}  // namespace barnabas::client
