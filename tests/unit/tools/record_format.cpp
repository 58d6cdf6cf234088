#include "barnabas/tools/record_format.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "barnabas/client/error.hpp"

using namespace barnabas;
using namespace barnabas::tools;

namespace {

/// A record with key "k", value "välue" and the headers a=1 and b=null.
records::RecordView sample() {
  static constexpr std::string_view key = "k", value = "välue", headers("\2a\0021\2b\1", 7);
  records::RecordView record;
  record.offset = 42;
  record.timestamp_ms = 1'700'000'000'123;
  record.key = protocol::bytes(key);
  record.value = protocol::bytes(value);
  record.has_key = record.has_value = true;
  record.unparsed_headers = protocol::bytes(headers);
  record.header_count = 2;
  return record;
}

records::RecordView with_value(std::string_view value) {
  records::RecordView record;
  record.value = protocol::bytes(value);
  record.has_value = true;
  return record;
}

constexpr RecordOrigin origin{"orders", 3, 9};

std::string formatted(const RecordFormat& format, const records::RecordView& record, bool show_null = false) {
  std::string out;
  format.append(out, origin, record, show_null);
  return out;
}
std::string formatted(std::string_view format, const records::RecordView& record = sample(), bool show_null = false) {
  return formatted(RecordFormat(format), record, show_null);
}
std::string json(const records::RecordView& record) {
  std::string out;
  append_json(out, origin, record);
  return out;
}

}  // namespace

TEST_CASE("format: each letter") {
  CHECK(formatted("%t/%p/%o") == "orders/3/42");
  CHECK(formatted("%k:%K %s:%S") == "k:1 välue:6");
  CHECK(formatted("%R") == std::string("\0\0\0\6", 4));
  CHECK(formatted("%T") == "1700000000123");
  CHECK(formatted("%h") == "a=1,b=NULL");
  CHECK(formatted("%e") == "9");
  CHECK(formatted("100%%") == "100%");
  CHECK(formatted("%s\\n\\x41\\t") == "välue\nA\t");
  CHECK(formatted("") == "");
}

TEST_CASE("format: null is not empty") {
  const records::RecordView nothing;
  CHECK(formatted("%k|%K|%s|%S|%h|", nothing) == "|-1||-1||");
  CHECK(formatted("%k|%s", nothing, true) == "NULL|NULL");
  CHECK(formatted("%R", nothing) == "\xff\xff\xff\xff");
  CHECK(formatted("%s|%S", with_value(""), true) == "|0");
}

TEST_CASE("format: letters that are not known are refused") {
  for (const char* text : {"%q", "%", "abc%", "%s%!"}) {
    CAPTURE(text);
    try {
      RecordFormat format(text);
      FAIL("it was taken");
    } catch (const Error& error) {
      CHECK(error.stage() == Error::Stage::config);
      CHECK(!error.hint().empty());
    }
  }
}

TEST_CASE("format: delimiter and key separator mean themselves, percent signs included") {
  CHECK(formatted(RecordFormat::plain("", "\\n"), sample()) == "välue\n");
  CHECK(formatted(RecordFormat::plain("%s", "%"), sample()) == "k%svälue%");
  CHECK(formatted(RecordFormat::plain("\\t", ""), sample()) == "k\tvälue");
}

TEST_CASE("JSON: one record") {
  CHECK(json(sample()) ==
        "{\"topic\":\"orders\",\"partition\":3,\"offset\":42,\"ts\":1700000000123,\"leader_epoch\":9,"
        "\"headers\":[{\"k\":\"a\",\"v\":\"1\"},{\"k\":\"b\",\"v\":null}],\"key\":\"k\",\"payload\":\"välue\"}\n");
}

TEST_CASE("JSON: null, empty, control characters, and bytes that are no text") {
  const auto payload = [](std::string_view value) {
    const std::string line = json(with_value(value));
    return line.substr(line.find("\"payload"));
  };
  CHECK(json({}).ends_with("\"headers\":[],\"key\":null,\"payload\":null}\n"));
  CHECK(payload("") == "\"payload\":\"\"}\n");
  CHECK(payload(std::string_view("\0\"\\\n\x1f", 5)) == "\"payload\":\"\\u0000\\\"\\\\\\n\\u001f\"}\n");
  CHECK(payload("\xff\xfe") == "\"payload\":null,\"payload_b64\":\"//4=\"}\n");
  CHECK(payload("\xed\xa0\x80") == "\"payload\":null,\"payload_b64\":\"7aCA\"}\n");
}
