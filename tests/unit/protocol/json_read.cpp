#include <array>
#include <bit>
#include <limits>
#include <random>

#include "barnabas/protocol/json.hpp"
#include "barnabas/protocol/messages/heartbeat.hpp"
#include "barnabas/protocol/messages/metadata.hpp"
#include "barnabas/protocol/random.hpp"
#include "samples.hpp"
#include "support.hpp"

namespace barnabas::protocol::test {

namespace {

/// The error of reading `json`, or "read".
template <class M = Everything>
std::string refusal(string json, int16 version = 3) {
  Arena arena;
  const auto message = from_json<M>(json, version, arena);
  return message ? "read" : message.error().text();
}

bool says(const std::string& text, string words) { return text.find(words) != std::string::npos; }

/// One field of Everything, after it came from JSON.
template <class T>
T value_of(string json, T (*get)(const Everything&)) {
  Arena arena;
  const auto message = from_json<Everything>(json, 3, arena);
  REQUIRE_MESSAGE(message.has_value(), message.error().text());
  return get(*message);
}

std::string text_of(string json_string) {
  return value_of<std::string>(std::string(R"({"text":)") + std::string(json_string) + "}",
                               [](const Everything& e) { return std::string(*e.text); });
}

double f64_of(string json) {
  return value_of<double>(std::string(R"({"f64":)") + std::string(json) + "}",
                          [](const Everything& e) { return *e.f64; });
}

}  // namespace

TEST_CASE("JSON is read into the fields that it names; the others keep their defaults") {
  Arena arena;
  const auto request = from_json<HeartbeatRequest>(
      R"( {"member_id":"m", "generation_id" : -5,"group_instance_id":null,"group_id":"g\"\u00e9"} )", 3, arena);
  REQUIRE(request.has_value());
  CHECK(request->group_id == "g\"\xc3\xa9");
  CHECK(request->generation_id == -5);
  CHECK(request->member_id == "m");
  CHECK_FALSE(request->group_instance_id);
  const auto empty = from_json<Everything>("{}", 3, arena);
  REQUIRE(empty.has_value());
  CHECK(equal(*empty, Everything{}));
}

TEST_CASE("every version of every message comes back from its JSON") {
  std::mt19937_64 chance(48);
  const auto check = [&](const MessageInfo& info, int version) {
    CAPTURE(std::string(info.name));
    CAPTURE(version);
    for (int round = 0; round < 10; ++round) {
      Arena arena;
      void* const message = new_message(info, arena);
      fill_random(info, message, chance, version, arena);
      const std::string json = to_json(info, message, version, nullptr, Secrets::reveal);
      void* const back = new_message(info, arena);
      const auto read = from_json(info, back, json, version, arena);
      REQUIRE_MESSAGE(read.has_value(), json << read.error().text());
      REQUIRE(equal(info, back, message));
      REQUIRE(to_json(info, back, version, nullptr, Secrets::reveal) == json);
    }
  };
  for_each_version(check);
  for (int version = 0; version <= 3; ++version) check(message_info<Everything>(), version);
}

TEST_CASE("JSON cut short anywhere is refused") {
  Arena arena;
  Everything sample;
  std::array<Everything::Inner, 2> inners;
  sample.inners = inners;
  sample.text = "a\"\xff";
  sample.data = bytes(string("bytes"));
  const std::string json = to_json(sample, 3);
  for (std::size_t size = 0; size < json.size(); ++size) {
    CAPTURE(size);
    CHECK(refusal(string(json).substr(0, size)) != "read");
  }
  CHECK(refusal(json) == "read");
}

TEST_CASE("JSON with any byte changed never does harm") {
  Arena arena;
  std::mt19937_64 chance(49);
  for (int round = 0; round < 3; ++round) {
    const auto sample = random_message<Everything>(chance, 3, arena);
    const std::string json = to_json(sample, 3);
    for (std::size_t at = 0; at < std::min<std::size_t>(json.size(), 1500); ++at) {
      for (const char c : string("\"\\{}[],:0-en \x80\0\n", 17)) {
        std::string changed = json;
        changed[at] = c;
        Arena scratch;
        const auto message = from_json<Everything>(changed, 3, scratch);
        if (!message) REQUIRE_FALSE(message.error().what.empty());
      }
    }
  }
}

TEST_CASE("strings of JSON: escapes, pairs of surrogates, and bytes that are not UTF-8") {
  CHECK(text_of(R"("")").empty());
  CHECK(text_of(R"("\"\\\/\b\f\n\r\t")") == "\"\\/\b\f\n\r\t");
  CHECK(text_of(R"("\u0041\u00fc\u20ac\ud83d\ude00")") == "A\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80");
  CHECK(text_of(R"("\u0000")") == string("\0", 1));
  CHECK(text_of(R"("\udc80\udcff\uDCE2")") == "\x80\xff\xe2");
  CHECK(text_of(R"("\ud83d\udc80")") == "\xf0\x9f\x92\x80");
  for (const string wrong : {R"("\ud83d")", R"("\ud83dx")", R"("\ude00")", R"("\udc7f")", R"("\udd00")", R"("\u12g4")",
                             R"("\u123")", R"("\x41")", R"("\ud83d\u0041")"}) {
    CAPTURE(std::string(wrong));
    CHECK(refusal(std::string(R"({"text":)") + std::string(wrong) + "}").starts_with("text: has "));
  }
  CHECK(refusal("{\"text\":\"\xff\"}") != "read");
  CHECK(refusal("{\"text\":\"\n\"}") != "read");
}

TEST_CASE("any bytes in a string survive JSON") {
  std::mt19937_64 chance(50);
  for (int round = 0; round < 2000; ++round) {
    std::string noise(chance() % 12, '\0');
    for (char& c : noise) c = "\xf0\x9f\x98\x80\xc3\xbc\xed\xa0\xe2\x82\"\\x\n\xff"[chance() % 15];
    std::string json;
    append_json_string(json, noise);
    CAPTURE(json);
    REQUIRE(text_of(json) == noise);
  }
}

TEST_CASE("floats survive JSON to the last bit") {
  std::mt19937_64 chance(51);
  for (int round = 0; round < 2000; ++round) {
    const std::uint64_t bits = round == 0 ? 0x8000000000000000 : round == 1 ? 1 : chance();
    Everything sample;
    sample.f64 = std::bit_cast<double>(bits);
    Arena arena;
    const auto back = from_json<Everything>(to_json(sample, 0), 0, arena);
    REQUIRE(back.has_value());
    REQUIRE(std::bit_cast<std::uint64_t>(*back->f64) == bits);
  }
  CHECK(f64_of("3") == 3.0);
  CHECK(f64_of("\"-Infinity\"") == -std::numeric_limits<double>::infinity());
  CHECK(says(refusal(R"({"f64":"1.5"})"), R"(f64: "1.5" is not a number)"));
  CHECK(says(refusal(R"({"f64":"NaN:3ff0000000000000"})"), "is not a number"));
}

TEST_CASE("integers keep to their range") {
  CHECK(refusal(R"({"i8":127,"i16":-32768,"u16":65535,"i32":-2147483648,"i64":-9223372036854775808})") == "read");
  CHECK(refusal(R"({"i8":128})") == "i8: 128 is not an integer from -128 to 127 (at byte 6)");
  CHECK(says(refusal(R"({"i16":-32769})"), "from -32768 to 32767"));
  CHECK(says(refusal(R"({"u16":-1})"), "from 0 to 65535"));
  CHECK(says(refusal(R"({"i32":2147483648})"), "i32: 2147483648 is not"));
  CHECK(says(refusal(R"({"i64":9223372036854775808})"), "i64: 9223372036854775808 is not"));
  for (const string wrong : {"1.0", "1e2", "\"1\"", "true", "[1]", "{}", "01", "1x", "+1", "--1"}) {
    CAPTURE(std::string(wrong));
    CHECK(refusal(std::string(R"({"i32":)") + std::string(wrong) + "}") != "read");
  }
}

TEST_CASE("errors name the field and the place") {
  CHECK(refusal(R"({"inners":[{"number":1},{"number":"x"}]})") ==
        R"(inners[1].number: "x" is not an integer from -2147483648 to 2147483647 (at byte 34))");
  CHECK(says(refusal(R"({"nummbers":[]})"), R"(nummbers: is no field; did you mean "numbers"?)"));
  CHECK(says(refusal(R"({"whatever":[]})"), "whatever: is no field (at"));
  CHECK(says(refusal(R"({"tag_zero":1})", 1), "tag_zero: is not in version 1, only in 2+"));
  CHECK(says(refusal(R"({"i8":1,"i8":1})"), "i8: is given twice"));
  CHECK(says(refusal(R"({"i8":null})"), "i8: null is not allowed in version 3"));
  CHECK(refusal(R"({"maybe_text":null})", 1) == "read");
  CHECK(says(refusal(R"({"maybe_text":null})", 0), "maybe_text: null is not allowed in version 0"));
  CHECK(says(refusal(R"({"maybe_inner":null})", 1), "null is not allowed in version 1"));
  CHECK(says(refusal(R"({"flag":1})"), "flag: 1 is not true or false"));
  CHECK(says(refusal(R"({"uuid":"AAAA"})"), "uuid: \"AAAA\" is not a UUID"));
  CHECK(says(refusal(R"({"data":"Zh=="})"), "data: \"Zh==\" is not base64"));
  CHECK(says(refusal(R"({"numbers":{}})"), "numbers: { is not an array"));
  CHECK(says(refusal(R"({"inner":[]})"), "inner: [ is not an object"));
  CHECK(says(refusal(R"({"password":["hunter2"]})"), "password: is not a string"));
  CHECK(refusal(R"({"i8":1} x)") != "read");
  CHECK(refusal(R"({"i8":1}{})") != "read");
  CHECK(refusal(R"({"i8":1,})") != "read");
  CHECK(refusal(R"({"i8":1 "i16":2})") != "read");
  CHECK(refusal(R"({"numbers":[1 2]})") != "read");
  CHECK(refusal(R"({"numbers":[1,]})") != "read");
  CHECK(refusal(R"({"numbers":[1})") != "read");
  CHECK(refusal(R"({"maybe_text":nulx})") != "read");
  for (const string wrong : {"", " ", "[]", "1", "null", "\"\"", "{", "}", "nul"}) CHECK(refusal(wrong) != "read");
  CHECK(says(refusal("{}", 4), "version 4 of Everything is not known here, only 0-3"));
}

TEST_CASE("nesting ends at sixteen") {
  const auto nested = [](int depth) {
    std::string json;
    for (int i = 0; i < depth; ++i) json += R"({"children":[)";
    for (int i = 0; i < depth; ++i) json += "]}";
    return json;
  };
  CHECK(refusal<Node>(nested(16), 0) == "read");
  CHECK(says(refusal<Node>(nested(17), 0), "nested more than 16 deep"));
  CHECK(refusal<Node>(nested(100'000), 0) != "read");
  CHECK(refusal<Node>(std::string(100'000, '['), 0) != "read");
}

TEST_CASE("unknown tags come back") {
  const string json =
      R"({"inners":[{"number":1,"_unknown_tags":[{"data":"Zg==","tag":4294967295}]}],"_unknown_tags":[{"tag":5,"data":""}]})";
  Arena arena;
  Everything message;
  UnknownTags unknown;
  const auto& info = message_info<Everything>();
  REQUIRE(from_json(info, &message, json, 3, arena, &unknown).has_value());
  REQUIRE(unknown.of(&message).size() == 1);
  CHECK(unknown.of(&message)[0].tag == 5);
  CHECK(unknown.of(&message)[0].data.empty());
  REQUIRE(unknown.of(&message.inners[0]).size() == 1);
  CHECK(unknown.of(&message.inners[0])[0].tag == 4294967295);
  const std::string again = to_json(info, &message, 3, &unknown);
  CHECK(says(again, R"("_unknown_tags":[{"tag":4294967295,"data":"Zg=="}])"));
  CHECK(says(again, R"("_unknown_tags":[{"tag":5,"data":""}]})"));
}

TEST_CASE("unknown tags that cannot be are refused") {
  const auto tags = [](string list, int16 version = 3) {
    Arena arena;
    Everything message;
    UnknownTags unknown;
    const std::string json = std::string(R"({"_unknown_tags":)") + std::string(list) + "}";
    const auto read = from_json(message_info<Everything>(), &message, json, version, arena, &unknown);
    return read ? "read" : read.error().text();
  };
  CHECK(tags(R"([{"tag":5,"data":""}])") == "read");
  CHECK(says(tags(R"([{"tag":5,"data":""}])", 1), "version 1 has no place for tagged fields"));
  CHECK(says(tags(R"([{"tag":0,"data":""}])"), "_unknown_tags[0]: tag 0 is the field tag_zero"));
  CHECK(tags(R"([{"tag":200,"data":""}])", 2) == "read");  // from version 3 on
  CHECK(says(tags(R"([{"tag":5,"data":""},{"tag":5,"data":""}])"), "_unknown_tags[1]: tag 5 is given twice"));
  CHECK(says(tags(R"([{"tag":5}])"), "lacks"));
  CHECK(says(tags(R"([{"tag":5,"data":"","more":1}])"), "other names"));
  CHECK(says(tags(R"([{"tag":-1,"data":""}])"), "no uint32"));
  CHECK(says(tags(R"([{"tag":4294967296,"data":""}])"), "no uint32"));
  CHECK(says(tags(R"([{"tag":5,"data":null}])"), "is not a string of base64"));
  CHECK(says(tags("{}"), "not an array"));
  CHECK(says(tags("[1]"), "not an object"));
}

}  // namespace barnabas::protocol::test
