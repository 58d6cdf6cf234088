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
  std::size_t response_bytes_max = 16u << 20;
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

/// Keeps connections alive between requests. Loop thread only.
class Http {
 public:
  virtual ~Http() = default;
  /// One exchange, no redirects followed, no retries. `request` stays with the caller and may be sent again.
  virtual asio::awaitable<HttpResponse> send(HttpRequest& request) = 0;
  /// Ends every exchange under way with Failure::cancelled.
  virtual void cancel_all() noexcept = 0;
};

}  // namespace barnabas::runtime
