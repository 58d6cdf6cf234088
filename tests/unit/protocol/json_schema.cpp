#include "barnabas/protocol/json_schema.hpp"

#include <doctest/doctest.h>

#include <simdjson.h>

#include "samples.hpp"
#include "support.hpp"

namespace barnabas::protocol::test {

TEST_CASE("version ranges as text") {
  CHECK(versions_text("0-18") == "0-18");
  CHECK(versions_text("12+") == "12+");
  CHECK(versions_text("3") == "3");
  CHECK(versions_text("none") == "none");
}

TEST_CASE("a table as JSON") {
  const std::string json = schema_json(message_info<Everything>());
  const auto has = [&](std::string_view part) { return json.find(part) != std::string::npos; };
  CHECK(json.starts_with(
      R"({"name":"Everything","kind":"data","versions":"0-3","flexible":"2+","fields":[{"name":"flag",)"
      R"("type":"bool","versions":"0+","default":false},)"));
  CHECK(has(R"({"name":"maybe_text","type":"string","versions":"0+","default":"","nullable_versions":"1+"})"));
  CHECK(has(R"({"name":"names","type":"[]string","versions":"1-2","default":null,"nullable_versions":"0+"})"));
  CHECK(has(R"({"name":"ignorable_number","type":"int32","versions":"1+","default":-1,"ignorable":true})"));
  CHECK(has(R"({"name":"tag_zero","type":"int32","versions":"2+","tag":0,"default":0})"));
  CHECK(has(
      R"({"name":"inner","type":"Inner","versions":"0+","fields":[{"name":"number","type":"int32","versions":"0+","default":7})"));
  CHECK(has(R"("type":"[]Inner","versions":"3+","tag":200,"default":[],"fields":[{"name":"number")"));
  CHECK(has(R"("secret":true)"));
}

TEST_CASE("the table of every message is JSON, and those that contain themselves end") {
  simdjson::dom::parser parser;
  const auto is_json = [&](const std::string& text) { return parser.parse(text).error() == simdjson::SUCCESS; };
  for (const MessageInfo* info : all_messages()) CHECK(is_json(schema_json(*info)));
  CHECK(is_json(schema_json(message_info<Node>())));
}

}  // namespace barnabas::protocol::test
