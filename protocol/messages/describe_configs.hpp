// DescribeConfigs (key 32): the settings of topics, brokers and groups.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct DescribeConfigsResponse;

/// Settings of a broker are asked of that broker, all others of any.
struct DescribeConfigsRequest {
  using Response = DescribeConfigsResponse;
  static constexpr Api api{.key = 32, .versions = "0-4", .flexible = "4+"};

  struct Resource {
    /// ConfigResource type: 2 topic, 4 broker, 8 broker logger, 16 client metrics, 32 group.
    Field<int8> resource_type;
    Field<string> resource_name;
    /// Null = all.
    Field<nullable<list<string>>> configuration_keys{list<string>{}};
  };

  Field<list<Resource>> resources;
  /// Where the value would come from if it were removed here (KIP-226).
  Field<bool, "1+"> include_synonyms;
  Field<bool, "3+"> include_documentation;
};

/// One result a resource.
struct DescribeConfigsResponse {
  static constexpr Api api{.key = 32, .versions = "0-4", .flexible = "4+"};

  struct Synonym {
    Field<string> name;
    Field<nullable<string>> value{string{}};
    Field<int8> source;
  };
  struct Config {
    Field<string> name;
    /// Null for sensitive settings.
    Field<nullable<string>> value{string{}};
    Field<bool> read_only;
    Field<bool, "0"> is_default;
    /// 1 the topic, 2 this broker, 3 all brokers, 4 the broker's file, 5 default, 6 logger, 7 client metrics, 8 group.
    Field<int8, "1+ ignorable"> config_source{-1};
    Field<bool> is_sensitive;
    Field<list<Synonym>, "1+ ignorable"> synonyms;
    /// 1 boolean, 2 string, 3 int, 4 short, 5 long, 6 double, 7 list, 8 class, 9 password; 0 = unknown.
    Field<int8, "3+ ignorable"> config_type;
    Field<nullable<string>, "3+ ignorable"> documentation{string{}};
  };
  struct Result {
    Field<int16> error_code;
    Field<nullable<string>> error_message{string{}};
    Field<int8> resource_type;
    Field<string> resource_name;
    Field<list<Config>> configs;
  };

  Field<Millis> throttle_time_ms;
  Field<list<Result>> results;
};

}  // namespace barnabas::protocol
