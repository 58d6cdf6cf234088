// What an answer of the endpoint, or the lack of one, means for the records of a request.
#pragma once

#include <cstdint>
#include <string>

#include "barnabas/client/runtime/http.hpp"

namespace barnabas::handlers {

struct Verdict {
  enum class Kind : std::uint8_t {
    delivered,  ///< any 2xx
    retry,      ///< no answer, 408, 429 or 5xx: waiting may help
    rejected,   ///< any other status: the request itself is wrong
  };
  Kind kind = Kind::retry;
  std::string why;                                            ///< "HTTP 503: body", or what libcurl says
  runtime::Duration retry_after = runtime::Duration::zero();  ///< what the endpoint asked for
};

/// `unix_ms` is now, for Retry-After dates.
Verdict judge(const runtime::HttpResponse& response, std::int64_t unix_ms);

}  // namespace barnabas::handlers
