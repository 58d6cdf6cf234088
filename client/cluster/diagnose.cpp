#include "barnabas/client/cluster/diagnose.hpp"

namespace barnabas::client {
namespace {

constexpr std::uint32_t http_letters = 0x48545450;  // "HTTP"
constexpr std::uint32_t tls_alert = 0x15030000;     // record type 21, major version 3

}  // namespace

Error diagnose_length(std::int32_t length, std::int64_t frame_bytes_max, std::string attempted, std::string with) {
  const auto bits = static_cast<std::uint32_t>(length);
  if (bits == http_letters) {
    Error error(Error::Stage::protocol, std::move(attempted), std::move(with), "the other side answered in HTTP");
    error.hint("this port belongs to an HTTP server; use the broker's Kafka listener port");
    return error;
  }
  if ((bits & 0xffff0000u) == tls_alert) {
    Error error(Error::Stage::tls, std::move(attempted), std::move(with), "the other side answered with a TLS alert");
    error.hint("this listener expects TLS; use the broker's PLAINTEXT listener port");
    return error;
  }
  if (length < 4) {
    Error error(Error::Stage::protocol, std::move(attempted), std::move(with),
                "the response length " + std::to_string(length) + " cannot hold a response header");
    error.hint("the other side does not speak Kafka's protocol, or something between changes bytes; check the port");
    return error;
  }
  Error error(
      Error::Stage::protocol, std::move(attempted), std::move(with),
      "the response claims " + std::to_string(length) + " bytes, over the limit of " + std::to_string(frame_bytes_max));
  error.hint("if the other side is a Kafka broker, raise receive.message.max.bytes");
  return error;
}

Error diagnose_early_end(std::string with, const std::string& cause) {
  Error error(Error::Stage::protocol, "negotiate API versions", std::move(with),
              cause.empty() ? "the connection was closed before any answer" : cause);
  error.hint(
      "the listener may expect TLS or SASL, the port may belong to another service, or the broker is older than 0.10");
  error.retriable(true);
  return error;
}

Error diagnose_dial(const runtime::DialError& dial, const runtime::Endpoint& endpoint, std::string with,
                    bool advertised) {
  using Reason = runtime::DialError::Reason;
  const bool resolving = dial.stage == runtime::DialError::Stage::resolve;
  Error error(resolving ? Error::Stage::resolve : Error::Stage::connect,
              resolving ? "resolve the host name " + endpoint.host : "connect", std::move(with), dial.text);
  if (advertised) {
    error.hint("the cluster advertises this address (advertised.listeners); make " + endpoint.text() +
               " reachable from here or correct it on the broker");
  } else if (resolving) {
    error.hint("check the spelling and this machine's DNS");
  } else if (dial.reason == Reason::refused) {
    error.hint("nothing listens on that port; is the broker running, is the port right?");
  } else {
    error.hint("check the address, the route and firewalls");
  }
  return error;
}

Error diagnose_silence(ConnectStep step, const runtime::Endpoint& endpoint, std::string with) {
  const auto error = [&](const char* attempted, const char* cause, std::string hint) {
    Error silence(Error::Stage::timeout, attempted, std::move(with), cause);
    silence.hint(std::move(hint));
    silence.retriable(true);
    return silence;
  };
  switch (step) {
    case ConnectStep::name:
      return error("resolve the host name", "the name server gave no answer in time", "check this machine's DNS");
    case ConnectStep::tcp:
      return error("connect", "TCP got no answer in time",
                   "is " + endpoint.text() + " right? a firewall may drop what is sent there");
    case ConnectStep::answer:
      return error("negotiate API versions", "TCP connected, then no answer to ApiVersions came in time",
                   "the port may belong to another service or a TLS listener, or the broker may hang");
    case ConnectStep::pause: break;
  }
  return error("connect", "no attempt succeeded in time", "the broker may be down; a longer time limit may help");
}

}  // namespace barnabas::client
