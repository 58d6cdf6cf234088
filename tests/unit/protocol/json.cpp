#include "barnabas/protocol/json.hpp"

#include <doctest/doctest.h>

#include <array>
#include <bit>
#include <limits>

#include "barnabas/protocol/messages/heartbeat.hpp"
#include "barnabas/protocol/messages/metadata.hpp"
#include "barnabas/protocol/messages/registry.hpp"
#include "samples.hpp"

namespace barnabas::protocol::test {

namespace {

std::string quoted(string text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

}  // namespace

TEST_CASE("JSON has the fields of the version under Kafka's names") {
  HeartbeatRequest request;
  request.group_id = "g";
  request.generation_id = -5;
  request.member_id = "m\"";
  CHECK(to_json(request, 0) == R"({"group_id":"g","generation_id":-5,"member_id":"m\""})");
  CHECK(to_json(request, 3) == R"({"group_id":"g","generation_id":-5,"member_id":"m\"","group_instance_id":null})");
}

TEST_CASE("JSON of lists, ids and truth") {
  std::array<MetadataRequest::Topic, 2> topics;
  topics[0].name = "t";
  topics[1].name = std::nullopt;
  MetadataRequest request;
  request.topics = topics;
  CHECK(
      to_json(request, 12) ==
      R"({"topics":[{"topic_id":"AAAAAAAAAAAAAAAAAAAAAA","name":"t"},{"topic_id":"AAAAAAAAAAAAAAAAAAAAAA","name":null}],)"
      R"("allow_auto_topic_creation":true,"include_topic_authorized_operations":false})");
}

TEST_CASE("JSON of bytes is base64") {
  const auto printed = [](string data) {
    Everything sample;
    sample.data = bytes(data.data(), data.size());
    const std::string json = to_json(sample, 0);
    const std::size_t at = json.find("\"data\":\"") + 8;
    return json.substr(at, json.find('"', at) - at);
  };
  CHECK(printed("") == "");
  CHECK(printed("f") == "Zg==");
  CHECK(printed("fo") == "Zm8=");
  CHECK(printed("foo") == "Zm9v");
  CHECK(printed("foobar") == "Zm9vYmFy");
  CHECK(printed(string("\xff\xfe\x00", 3)) == "//4A");
}

TEST_CASE("secrets do not print unless they have to") {
  Everything sample;
  sample.password = Secret<string>("hunter2");
  const std::string json = to_json(sample, 3);
  CHECK(json.find("hunter2") == std::string::npos);
  CHECK(json.find(R"x("password":"(secret)")x") != std::string::npos);
  CHECK(to_json(sample, 3, Secrets::reveal).find(R"("password":"hunter2")") != std::string::npos);
}

TEST_CASE("numbers that JSON lacks become strings") {
  Everything sample;
  const auto printed = [&](double value) {
    sample.f64 = value;
    const std::string json = to_json(sample, 0);
    const std::size_t at = json.find("\"f64\":") + 6;
    return json.substr(at, json.find(',', at) - at);
  };
  CHECK(printed(0.1) == "0.1");
  CHECK(printed(3) == "3.0");
  CHECK(printed(-1e300) == "-1e+300");
  CHECK(printed(std::numeric_limits<double>::quiet_NaN()) == "\"NaN\"");
  CHECK(printed(std::numeric_limits<double>::infinity()) == "\"Infinity\"");
  CHECK(printed(-std::numeric_limits<double>::infinity()) == "\"-Infinity\"");
  CHECK(printed(std::bit_cast<double>(0xfff8000000000123)) == "\"NaN:fff8000000000123\"");
  CHECK(printed(-0.0) == "-0.0");
}

TEST_CASE("strings are escaped") {
  CHECK(quoted("a\"b\\c/d") == R"("a\"b\\c/d")");
  CHECK(quoted("\n\r\t") == R"("\n\r\t")");
  CHECK(quoted(string("\0\x01\x1f\x7f", 4)) == R"("\u0000\u0001\u001f\u007f")");
  CHECK(quoted("") == "\"\"");
}

TEST_CASE("a byte that is not UTF-8 becomes a lone surrogate") {
  CHECK(quoted("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80") ==
        "\"gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80\"");
  CHECK(quoted("\x80") == R"("\udc80")");
  CHECK(quoted("a\xff z") == R"("a\udcff z")");
  CHECK(quoted("\xc0\x80") == R"("\udcc0\udc80")");                      // overlong
  CHECK(quoted("\xe0\x80\x80") == R"("\udce0\udc80\udc80")");            // overlong
  CHECK(quoted("\xed\xa0\x80") == R"("\udced\udca0\udc80")");            // a surrogate
  CHECK(quoted("\xf4\x90\x80\x80") == R"("\udcf4\udc90\udc80\udc80")");  // above U+10FFFF
  CHECK(quoted("\xf0\x8f\xbf\xbf") == R"("\udcf0\udc8f\udcbf\udcbf")");  // overlong
  CHECK(quoted("\xe2\x82") == R"("\udce2\udc82")");                      // cut short
  CHECK(quoted("\xf0\x9f\x98\xc3\xbc") == "\"\\udcf0\\udc9f\\udc98\xc3\xbc\"");
}

TEST_CASE("unknown tags stand at the end of their structure") {
  Everything sample;
  std::array<Everything::Inner, 2> inners;
  sample.inners = inners;
  const string a = "\x01", b;
  UnknownTags unknown;
  unknown.add(&sample, 300, bytes(a));
  unknown.add(&sample, 9, bytes(b));
  unknown.add(&inners[1], 4, bytes(a));
  const std::string json = to_json(message_info<Everything>(), &sample, 2, &unknown);
  CHECK(json.find(R"("inners":[{"number":7,"text":"","late":0},)"
                  R"({"number":7,"text":"","late":0,"_unknown_tags":[{"tag":4,"data":"AQ=="}]}])") !=
        std::string::npos);
  CHECK(json.ends_with(R"(,"_unknown_tags":[{"tag":9,"data":""},{"tag":300,"data":"AQ=="}]})"));
  CHECK(to_json(message_info<Everything>(), &sample, 2).find("_unknown") == std::string::npos);
}

}  // namespace barnabas::protocol::test
