// IncrementalAlterConfigs (key 44): settings, one at a time.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct IncrementalAlterConfigsResponse;

/// Changes the settings that it names and no others (KIP-339). Settings of a broker go to that broker, all others to
/// the controller (a broker with KRaft passes them on).
struct IncrementalAlterConfigsRequest {
  using Response = IncrementalAlterConfigsResponse;
  static constexpr Api api{.key = 44, .versions = "0-1", .flexible = "1+"};

  struct Config {
    Field<string> name;
    /// 0 set, 1 delete, 2 append to a list, 3 subtract from a list.
    Field<int8> config_operation;
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
struct IncrementalAlterConfigsResponse {
  static constexpr Api api{.key = 44, .versions = "0-1", .flexible = "1+"};

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
