// ListConfigResources (key 74): which resources have settings of their own.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct ListConfigResourcesResponse;

/// Version 0 lists client metrics resources alone (KIP-714), 1 and later any kind (KIP-1142).
struct ListConfigResourcesRequest {
  using Response = ListConfigResourcesResponse;
  static constexpr Api api{.key = 74, .versions = "0-1", .flexible = "0+"};

  /// As in DescribeConfigs; empty = all.
  Field<list<int8>, "1+"> resource_types;
};

/// The resources, without their settings.
struct ListConfigResourcesResponse {
  static constexpr Api api{.key = 74, .versions = "0-1", .flexible = "0+"};

  struct ConfigResource {
    Field<string> resource_name;
    Field<int8, "1+ ignorable"> resource_type{16};
  };

  Field<Millis> throttle_time_ms;
  Field<int16> error_code;
  Field<list<ConfigResource>> config_resources;
};

}  // namespace barnabas::protocol
