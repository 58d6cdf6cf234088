// What people write into bootstrap.servers.
#include <doctest/doctest.h>

#include <string>

#include "barnabas/client/error.hpp"
#include "barnabas/client/options.hpp"

using namespace barnabas;
using client::parse_endpoints;

namespace {

std::string read(const char* text) {
  std::string all;
  for (const auto& endpoint : parse_endpoints(text)) all += (all.empty() ? "" : " ") + endpoint.text();
  return all;
}

std::string refusal(const char* text) {
  try {
    parse_endpoints(text);
  } catch (const Error& error) {
    CHECK(error.stage() == Error::Stage::config);
    CHECK_FALSE(error.retriable());
    return error.what();
  }
  return "taken";
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("bootstrap.servers: hosts, ports, spaces and IPv6") {
  CHECK(read("kafka1:9093") == "kafka1:9093");
  CHECK(read("kafka1") == "kafka1:9092");
  CHECK(read(" a:1 ,, b:2 ") == "a:1 b:2");
  CHECK(read("[::1]:9093") == "[::1]:9093");
  CHECK(read("[2001:db8::7]") == "[2001:db8::7]:9092");
  CHECK(read("2001:db8::7") == "[2001:db8::7]:9092");
  CHECK(parse_endpoints("[fe80::1%eth0]:9093")[0].host == "fe80::1%eth0");
}

TEST_CASE("bootstrap.servers: a security protocol or a listener's name may stand in front") {
  CHECK(read("PLAINTEXT://kafka1:9093,plaintext://kafka2") == "kafka1:9093 kafka2:9092");
  CHECK(read("CLIENT://kafka1:9093") == "kafka1:9093");
  CHECK(read("PLAINTEXT_HOST://[::1]:9093/") == "[::1]:9093");
}

TEST_CASE("bootstrap.servers: protocols that are not there yet are refused by name") {
  for (const char* text : {"SSL://kafka1:9093", "ssl://kafka1:9093", "SASL_SSL://kafka1:9093",
                           "SASL_PLAINTEXT://kafka1:9093", "EXTERNAL_TLS://kafka1:9093"}) {
    CAPTURE(text);
    const std::string says = refusal(text);
    CHECK(contains(says, text));
    CHECK(contains(says, "neither TLS nor SASL"));
    CHECK(contains(says, "PLAINTEXT"));
  }
  CHECK(contains(refusal("http://kafka1:9093"), "HTTP"));
}

TEST_CASE("bootstrap.servers: what cannot be a server is refused") {
  CHECK(contains(refusal(""), "no bootstrap server"));
  CHECK(contains(refusal("kafka1:0"), "1 to 65535"));
  CHECK(contains(refusal("kafka1:65536"), "1 to 65535"));
  CHECK(contains(refusal("kafka1:9092x"), "1 to 65535"));
  CHECK(contains(refusal(":9092"), "host name is missing"));
  CHECK(contains(refusal("PLAINTEXT://"), "host name is missing"));
  CHECK(contains(refusal("://kafka1:9092"), "before ://"));
  CHECK(contains(refusal("[::1:9092"), "not closed"));
  CHECK(contains(refusal("[::1]9092"), "expected :port"));
}
