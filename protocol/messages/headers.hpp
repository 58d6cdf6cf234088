// The headers of requests and responses, declared like messages: the specification of what frame.hpp reads and writes
// faster. Which version of a header goes with which message: request_header_version() and response_header_version().
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol::headers {

/// Version 2 has a tag section, yet a client id whose length is not compact, so that a broker can read who is there
/// before it knows the version.
struct RequestHeader {
  static constexpr Api api{.versions = "0-2", .flexible = "2+"};

  Field<int16> request_api_key;
  Field<int16> request_api_version;
  /// Comes back with the response.
  Field<int32> correlation_id;
  Field<nullable<string>, "1+ inflexible"> client_id{string{}};
};

/// Responses on a connection come in the order of the requests.
struct ResponseHeader {
  static constexpr Api api{.versions = "0-1", .flexible = "1+"};

  Field<int32> correlation_id;
};

}  // namespace barnabas::protocol::headers
