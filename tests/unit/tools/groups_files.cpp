// What people and other programs write for the commands below groups: topics, times, files of offsets.
#include <doctest/doctest.h>

#include "barnabas/client/error.hpp"
#include "barnabas/tools/groups_file.hpp"
#include "barnabas/tools/groups_flags.hpp"
#include "barnabas/tools/groups_time.hpp"

using namespace barnabas;
using namespace barnabas::tools;
using client::GroupOffset;
using client::TopicPartition;

TEST_CASE("groups files: a topic and its partitions") {
  CHECK(parse_topic_choice("orders").topic == "orders");
  CHECK(parse_topic_choice("orders").partitions.empty());
  CHECK(parse_topic_choice("orders:0").partitions == std::vector<int>{0});
  CHECK(parse_topic_choice("orders:3,1").partitions == std::vector<int>{3, 1});
  for (const char* wrong :
       {"", ":1", "orders:", "orders:1,", "orders:,1", "orders:x", "orders:-1", "orders:1:2", "orders:99999999999"}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(parse_topic_choice(wrong), Error);
  }
}

TEST_CASE("groups files: times of ISO 8601") {
  CHECK(parse_iso_datetime_ms("1970-01-01") == 0);
  CHECK(parse_iso_datetime_ms("2023-11-14T22:13:20Z") == 1'700'000'000'000);
  CHECK(parse_iso_datetime_ms("2023-11-14T22:13:20") == 1'700'000'000'000);
  CHECK(parse_iso_datetime_ms("2023-11-14T22:13:20.007") == 1'700'000'000'007);
  CHECK(parse_iso_datetime_ms("2023-11-14T22:13:20.25Z") == 1'700'000'000'250);
  CHECK(parse_iso_datetime_ms("2023-11-14T22:13:20.1234567Z") == 1'700'000'000'123);
  CHECK(parse_iso_datetime_ms("2023-11-15T00:13:20+02:00") == 1'700'000'000'000);
  CHECK(parse_iso_datetime_ms("2023-11-14T16:43:20-0530") == 1'700'000'000'000);
  CHECK(parse_iso_datetime_ms("2023-11-14T22:13+00") == 1'699'999'980'000);
  CHECK(parse_iso_datetime_ms("2024-02-29") == 1'709'164'800'000);
  for (const char* wrong : {"", "now", "2023", "2023-11", "2023-02-29", "2023-13-01", "2023-11-14T", "2023-11-14T24:00",
                            "2023-11-14T22", "2023-11-14T22:60", "2023-11-14T22:13:20.", "2023-11-14T22:13:20X",
                            "2023-11-14T22:13:20+2", "2023-11-14T22:13:20Z ", "2023-11-14 22:13:20", "1700000000000"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_iso_datetime_ms(wrong));
  }
  CHECK(iso_datetime(1'700'000'000'999) == "2023-11-14T22:13:20Z");
}

TEST_CASE("groups files: what export writes, import reads, in both forms") {
  std::vector<GroupOffset> offsets = {{TopicPartition("orders", 0), 42}, {TopicPartition("orders", 1), 0}};
  offsets[0].metadata = "\"x\"";
  const std::string json = offsets_json("g,\"1\"", client::GroupType::classic, offsets), csv = offsets_csv(offsets);
  CHECK(csv == "orders,0,42\norders,1,0\n");
  CHECK(json.starts_with(R"({"group":"g,\"1\"","type":"classic","offsets":[{"topic":"orders","partition":0,)"));
  for (const std::string& text :
       std::vector<std::string>{json, csv, "  \n" + csv, "topic,partition,offset\r\norders,0,42\r\norders,1,0"}) {
    CAPTURE(text);
    const auto read = read_offsets_file(text, "g", "f");
    REQUIRE(read.size() == 2);
    CHECK(read.at(TopicPartition("orders", 0)) == 42);
    CHECK(read.at(TopicPartition("orders", 1)) == 0);
  }
}

TEST_CASE("groups files: lines of several groups") {
  const char lines[] = "g,orders,0,1\n\"h,1\",orders,0,2\n\"h,1\",orders,1,3\n";
  const auto read = read_offsets_file(lines, "h,1", "f");
  REQUIRE(read.size() == 2);
  CHECK(read.at(TopicPartition("orders", 0)) == 2);
  CHECK_THROWS_AS(read_offsets_file(lines, "nobody", "f"), Error);
}

TEST_CASE("groups files: what is wrong is named with its place") {
  struct Row {
    const char *text, *told;
  };
  for (const Row& row : {
           Row{"", "names no partition"},
           Row{"orders,0\n", "f:1"},
           Row{"orders,0,1\norders,x,1\n", "f:2"},
           Row{"orders,0,-1\n", "f:1"},
           Row{"orders,0,1.5\n", "no offset"},
           Row{",0,1\n", "no topic"},
           Row{"orders,-1,1\n", "no partition"},
           Row{"orders,0,1\norders,0,2\n", "twice"},
           Row{"\"orders,0,1\n", "not closed"},
           Row{"{\"a\":1}", "\"offsets\""},
           Row{"{\"offsets\":[{\"topic\":\"t\",\"partition\":0}]}", "item 1"},
           Row{"{\"offsets\":[{\"topic\":\"t\",\"partition\":0,\"offset\":99999999999999999999}]}", "no JSON"},
           Row{"{\"offsets\":[7]}", "item 1"},
           Row{"{\"offsets\":[]}", "names no partition"},
           Row{"{", "no JSON"},
       }) {
    CAPTURE(row.text);
    try {
      read_offsets_file(row.text, "g", "f");
      FAIL("taken");
    } catch (const Error& error) {
      CHECK(error.stage() == Error::Stage::config);
      CHECK_MESSAGE(std::string(error.what()).find(row.told) != std::string::npos, error.what());
    }
  }
}
