// HTTP as a client: libcurl in production, a scripted endpoint in the simulator.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "barnabas/client/runtime/clock.hpp"

namespace barnabas::runtime {

struct HttpRequest {
  HttpRequest() = default;
  std::string method = "POST";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  Duration connect_timeout = std::chrono::seconds(5);
  Duration timeout = std::chrono::seconds(30);  ///< the whole exchange
  std::size_t response_bytes_max = 16u << 20;   ///< headers and body together
  const void* owner = nullptr;                  ///< whose it is, for cancel(); never followed
};

struct HttpResponse {
  enum class Failure : std::uint8_t {
    none,
    bad_url,
    resolve,
    connect,
    tls,
    timed_out,
    send,
    receive,
    too_large,
    cancelled
  };
  Failure failure = Failure::none;
  std::string failure_text;  ///< what libcurl says, with the address; empty when an answer came
  int status = 0;            ///< 0 when no answer came
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
  std::string body;
};

/// HTTP/1.1 that keeps connections alive between requests. Proxies are taken from the environment as libcurl does
/// (http_proxy, https_proxy, no_proxy). Loop thread only.
class Http {
 public:
  virtual ~Http() = default;
  /// One exchange, no redirects followed, no retries but one: when a kept connection turns out dead before any byte of
  /// the answer came, a fresh one is tried. Headers that are no headers (line breaks) are refused with Failure::send.
  /// `request` stays with the caller, unchanged until this ends, and may be sent again. Any number at a time.
  virtual asio::awaitable<HttpResponse> send(HttpRequest& request) = 0;
  /// Ends every exchange under way of one owner with Failure::cancelled.
  virtual void cancel(const void* owner) noexcept = 0;
};

}  // namespace barnabas::runtime
