#include "barnabas/tools/groups_table.hpp"

#include <doctest/doctest.h>
#include <simdjson.h>

using namespace barnabas::tools;

namespace {

Table small_table() {
  Table table({Column("group"), Column("log_end"), Column("error", true), titled("catch_up_s", "CATCH-UP")});
  table.rows.push_back({words("größer"), number(7), Cell(), with_json("2 s", "2.0")});
  table.rows.push_back({words("g"), number(12'345), Cell(), not_known()});
  return table;
}

}  // namespace

TEST_CASE("groups table: aligned by what is seen, numbers on the right, empty optional columns left out") {
  CHECK(table_text(small_table()) ==
        "GROUP   LOG-END  CATCH-UP\n"
        "größer        7  2 s\n"
        "g         12345         ?\n");
  Table table = small_table();
  table.rows[1][2] = words("X");
  CHECK(table_text(table).starts_with("GROUP   LOG-END  ERROR  CATCH-UP\n"));
  CHECK(table_text(Table({Column("group")})).empty());
}

TEST_CASE("groups table: lines are cut to the width, between characters") {
  CHECK(cut_to_width("größer", 3) == "grö");
  CHECK(cut_to_width("größer", 6) == "größer");
  CHECK(cut_to_width("größer", 60) == "größer");
  CHECK(cut_to_width("x", 0).empty());
  CHECK(table_text(small_table(), 4) == "GROU\ngröß\ng   \n");
}

TEST_CASE("groups table: names of other people steer no terminal, and stay what they are in the other forms") {
  Table table({Column("member")});
  table.rows.push_back({words("a\x1b[2J\nb")});
  CHECK(table_text(table) == "MEMBER\na?[2J b\n");
  CHECK(table_json(table) == "[{\"member\":\"a\\u001b[2J\\nb\"}]");
}

TEST_CASE("groups table: CSV as RFC 4180 has it") {
  Table table({Column("a"), Column("b", true)});
  table.rows.push_back({words("x,\"y\""), Cell()});
  table.rows.push_back({words("line\nend"), natural(-1)});
  CHECK(table_csv(table) == "a,b\r\n\"x,\"\"y\"\"\",\r\n\"line\nend\",\r\n");
  CHECK(csv_line({"t", "0", "5"}) == "t,0,5");
}

TEST_CASE("groups table: JSON is JSON, whatever is in it") {
  Table table({Column("text"), Column("number"), Column("list"), Column("flag"), Column("nothing"), Column("unknown")});
  table.rows.push_back(
      {words("\xff\"\\"), number(INT64_MIN), list_of({"a", "b\""}), yes_or_no(true), natural(-1), not_known()});
  simdjson::dom::parser parser;
  simdjson::dom::array rows;
  REQUIRE_FALSE(parser.parse(simdjson::padded_string(table_json(table))).get(rows));
  REQUIRE(rows.size() == 1);
  const simdjson::dom::object row = rows.at(0);
  CHECK(std::int64_t(row["number"]) == INT64_MIN);
  CHECK(std::string_view(row["list"].at(1)) == "b\"");
  CHECK(bool(row["flag"]));
  CHECK(row["nothing"].is_null());
  CHECK(row["unknown"].is_null());
  CHECK(table_json(Table({Column("a")})) == "[]");
}
