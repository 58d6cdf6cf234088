// AlterConfigs (key 33): settings, all at once.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct AlterConfigsResponse;

/// Replaces all settings of a resource: those that are not named fall back to their default. IncrementalAlterConfigs
/// does not.
struct AlterConfigsRequest {
  using Response = AlterConfigsResponse;
  static constexpr Api api{.key = 33, .versions = "0-2", .flexible = "2+"};

  struct Config {
    Field<string> name;
    /// Null = back to the default.
    Field<nullable<string>> value{string{}};
  };
  struct Resource {
    /// As in DescribeConfigs.
    Field<int8> resource_type;
    Field<string> resource_name;
    Field<list<Config>> configs;
  };

  Field<list<Resource>> resources;
  Field<bool> validate_only;
};

/// One result a resource.
struct AlterConfigsResponse {
  static constexpr Api api{.key = 33, .versions = "0-2", .flexible = "2+"};

  struct Resource {
    Field<int16> error_code;
    Field<nullable<string>> error_message{string{}};
    Field<int8> resource_type;
    Field<string> resource_name;
  };

  Field<Millis> throttle_time_ms;
  Field<list<Resource>> responses;
};

}  // namespace barnabas::protocol
