#include "barnabas/client/options.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "barnabas/client/error.hpp"

namespace barnabas::client {
namespace {

[[noreturn]] void refuse_protocol(std::string_view whole, std::string_view protocol) {
  Error error(Error::Stage::config, "read the bootstrap server \"" + std::string(whole) + "\"", "",
              std::string(protocol) + " is not supported: this client speaks neither TLS nor SASL yet");
  error.hint("use a PLAINTEXT listener of the broker");
  throw error;
}

[[noreturn]] void bad_endpoint(std::string_view text, const char* why) {
  Error error(Error::Stage::config, "read the bootstrap server \"" + std::string(text) + "\"", "", why);
  error.hint("write host:port, for example kafka1:9092 or [::1]:9092");
  throw error;
}

std::uint16_t parse_port(std::string_view text, std::string_view whole) {
  unsigned port = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (ec != std::errc() || end != text.data() + text.size() || port == 0 || port > 65535) {
    bad_endpoint(whole, "the port is not a number from 1 to 65535");
  }
  return static_cast<std::uint16_t>(port);
}

constexpr std::uint16_t default_port = 9092;

/// What stands before "://" is a security protocol or a listener's name, as brokers' listeners are written. Names say
/// nothing about the protocol, so those pass that do not speak of one that is not there.
void check_listener(std::string_view listener, std::string_view whole) {
  std::string upper(listener);
  std::transform(upper.begin(), upper.end(), upper.begin(), [](unsigned char c) { return std::toupper(c); });
  if (upper.empty()) bad_endpoint(whole, "there is nothing before ://");
  for (const char* unsupported : {"SSL", "TLS", "SASL"}) {
    if (upper.find(unsupported) != upper.npos) refuse_protocol(whole, listener);
  }
  if (upper.starts_with("HTTP")) bad_endpoint(whole, "a Kafka broker does not speak HTTP");
}

runtime::Endpoint parse_endpoint(std::string_view text) {
  const std::string_view whole = text;
  if (const auto scheme = text.find("://"); scheme != text.npos) {
    check_listener(text.substr(0, scheme), whole);
    text.remove_prefix(scheme + 3);
    text = text.substr(0, text.find('/'));
    if (text.empty()) bad_endpoint(whole, "the host name is missing");
  }
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == text.npos) bad_endpoint(whole, "the bracket of an IPv6 address is not closed");
    const std::string host(text.substr(1, close - 1));
    const auto rest = text.substr(close + 1);
    if (rest.empty()) return {host, default_port};
    if (!rest.starts_with(':')) bad_endpoint(whole, "expected :port behind the bracket");
    return {host, parse_port(rest.substr(1), whole)};
  }
  const auto colon = text.rfind(':');
  if (colon == text.npos) return {std::string(text), default_port};
  if (text.find(':') != colon) return {std::string(text), default_port};  // a bare IPv6 address
  if (colon == 0) bad_endpoint(whole, "the host name is missing");
  return {std::string(text.substr(0, colon)), parse_port(text.substr(colon + 1), whole)};
}

}  // namespace

std::vector<runtime::Endpoint> parse_endpoints(std::string_view text) {
  std::vector<runtime::Endpoint> endpoints;
  while (true) {
    const auto comma = text.find(',');
    auto part = text.substr(0, comma);
    while (!part.empty() && part.front() == ' ') part.remove_prefix(1);
    while (!part.empty() && part.back() == ' ') part.remove_suffix(1);
    if (!part.empty()) endpoints.push_back(parse_endpoint(part));
    if (comma == text.npos) break;
    text.remove_prefix(comma + 1);
  }
  if (endpoints.empty()) bad_endpoint("", "no bootstrap server was given");
  return endpoints;
}

}  // namespace barnabas::client
