// base64, JSON strings and the body of remote requests: exact bytes.
#include <doctest/doctest.h>

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include "barnabas/handlers/json_text.hpp"
#include "barnabas/handlers/remote/payload.hpp"
#include "barnabas/protocol/base64.hpp"

namespace {

using namespace barnabas::handlers;

std::string encoded(std::string_view text) {
  std::string out;
  barnabas::protocol::append_base64(out, text);
  return out;
}

/// One character at a time, as RFC 4648 words it.
std::string slow_base64(std::string_view text) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    std::uint32_t bits = 0;
    const std::size_t here = std::min<std::size_t>(3, text.size() - i);
    for (std::size_t j = 0; j < 3; ++j) bits = bits << 8 | (j < here ? static_cast<unsigned char>(text[i + j]) : 0u);
    for (std::size_t j = 0; j < 4; ++j) out += j <= here ? alphabet[bits >> (18 - 6 * j) & 63] : '=';
  }
  return out;
}

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

}  // namespace

TEST_CASE("base64: the vectors of RFC 4648") {
  CHECK(encoded("") == "");
  CHECK(encoded("f") == "Zg==");
  CHECK(encoded("fo") == "Zm8=");
  CHECK(encoded("foo") == "Zm9v");
  CHECK(encoded("foob") == "Zm9vYg==");
  CHECK(encoded("fooba") == "Zm9vYmE=");
  CHECK(encoded("foobar") == "Zm9vYmFy");
}

TEST_CASE("base64: random bytes of every length to 200 as the plain algorithm has them") {
  std::mt19937 random(7);
  for (std::size_t size = 0; size <= 200; ++size) {
    std::string text(size, '\0');
    for (char& c : text) c = static_cast<char>(random());
    std::string out = "before";
    barnabas::protocol::append_base64(out, text);
    REQUIRE(out == "before" + slow_base64(text));
  }
}

TEST_CASE("JSON strings: escapes, control characters, UTF-8 kept, anything else replaced") {
  CHECK(quoted("") == "\"\"");
  CHECK(quoted("a\"b\\c") == R"("a\"b\\c")");
  CHECK(quoted("\n\r\t") == R"("\n\r\t")");
  CHECK(quoted(std::string_view("\0\x1f", 2)) == R"("\u0000\u001f")");
  CHECK(quoted("zürich €") == "\"zürich €\"");
  CHECK(quoted("a\xff"
               "b") ==
        "\"a\xEF\xBF\xBD"
        "b\"");
}

TEST_CASE("UTF-8: overlong forms, surrogates, cut characters and what is beyond Unicode are refused") {
  CHECK(is_utf8("plain, ü, €, \xF0\x9F\x98\x80"));
  CHECK(is_utf8("\xF4\x8F\xBF\xBF"));
  CHECK_FALSE(is_utf8("\xC0\x80"));
  CHECK_FALSE(is_utf8("\xE0\x9F\xBF"));
  CHECK_FALSE(is_utf8("\xED\xA0\x80"));
  CHECK_FALSE(is_utf8("\xF0\x8F\xBF\xBF"));
  CHECK_FALSE(is_utf8("\xF4\x90\x80\x80"));
  CHECK_FALSE(is_utf8("\xE2\x82"));
  CHECK_FALSE(is_utf8("\x80"));
}

TEST_CASE("payload: the exact bytes of an array of topic and value") {
  const PayloadTopic spans("bfySpan"), odd("a\"b");
  std::string body;
  payload_append(body, spans, std::string_view("value1"), true);
  payload_append(body, odd, std::string_view(""), true);
  payload_append(body, spans, {}, false);
  payload_finish(body);
  CHECK(body ==
        R"([{"topic":"bfySpan","value":"dmFsdWUx"},{"topic":"a\"b","value":""},{"topic":"bfySpan","value":null}])");
}

TEST_CASE("payload: no element makes an empty array") {
  std::string body;
  payload_finish(body);
  CHECK(body == "[]");
}

TEST_CASE("payload: the bound of an element is never below its size") {
  const PayloadTopic topic("t");
  for (std::size_t size = 0; size < 10; ++size) {
    std::string body;
    payload_append(body, topic, std::string(size, 'x'), true);
    CHECK(body.size() <= payload_element_size(topic, size));
  }
}

TEST_CASE("header_check: each rule on its own") {
  const auto keeps = [](int a, int b, int c, int d) {
    const char bytes[] = {static_cast<char>(a), static_cast<char>(b), static_cast<char>(c), static_cast<char>(d), 'x'};
    return header_check_keeps(bytes);
  };
  CHECK(keeps(0xEF, 1, 9, 40));
  CHECK(keeps(0xEF, 1, 9, 70));
  CHECK(keeps(0x01, 1, 0, 40));
  CHECK_FALSE(keeps(0x01, 1, 9, 40));
  CHECK_FALSE(keeps(0xEF, 1, 0, 41));
  CHECK_FALSE(header_check_keeps(std::string_view("\xEF\x01\x00", 3)));
  CHECK_FALSE(header_check_keeps({}));
}
