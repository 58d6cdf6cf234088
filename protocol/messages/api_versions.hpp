// ApiVersions (key 18): what a broker can speak.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct ApiVersionsResponse;

/// The first request on a connection. A broker that lacks the version asked for answers with error UNSUPPORTED_VERSION
/// and a body of version 0 (see decode_api_versions in frame.hpp); brokers older than 0.10 close the connection.
struct ApiVersionsRequest {
  using Response = ApiVersionsResponse;
  static constexpr Api api{.key = 18, .versions = "0-4", .flexible = "3+"};

  /// Both must match [a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?, or the broker answers INVALID_REQUEST (KIP-511).
  Field<string, "3+ ignorable"> client_software_name;
  Field<string, "3+ ignorable"> client_software_version;
};

/// Its header is always of version 0, so that a client which does not know the broker yet can read it.
struct ApiVersionsResponse {
  static constexpr Api api{.key = 18, .versions = "0-4", .flexible = "3+"};

  struct ApiVersion {
    Field<int16> api_key;
    Field<int16> min_version;
    Field<int16> max_version;
  };
  struct SupportedFeature {
    Field<string> name;
    Field<int16> min_version;  // 0 only from version 4 on (KIP-1043)
    Field<int16> max_version;
  };
  struct FinalizedFeature {
    Field<string> name;
    Field<int16> max_version_level;
    Field<int16> min_version_level;
  };

  Field<int16> error_code;
  Field<list<ApiVersion>> api_keys;
  Field<Millis, "1+ ignorable"> throttle_time_ms;
  Field<list<SupportedFeature>, "3+ tag 0 ignorable"> supported_features;
  Field<int64, "3+ tag 1 ignorable"> finalized_features_epoch{-1};  // -1 = unknown
  Field<list<FinalizedFeature>, "3+ tag 2 ignorable"> finalized_features;
  Field<bool, "3+ tag 3 ignorable"> zk_migration_ready;
};

}  // namespace barnabas::protocol
