// CreateTopics (key 19).
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct CreateTopicsResponse;

/// Creates topics; goes to the controller (a broker with KRaft passes it on).
struct CreateTopicsRequest {
  using Response = CreateTopicsResponse;
  static constexpr Api api{.key = 19, .versions = "0-7", .flexible = "5+"};

  struct Assignment {
    Field<int32> partition_index;
    Field<list<int32>> broker_ids;
  };
  struct Config {
    Field<string> name;
    Field<nullable<string>> value{string{}};
  };
  struct Topic {
    Field<string> name;
    /// -1 with assignments; from version 4 on also for the broker's default.
    Field<int32> num_partitions;
    Field<int16> replication_factor;
    /// Empty = the broker decides.
    Field<list<Assignment>> assignments;
    Field<list<Config>> configs;
  };

  Field<list<Topic>> topics;
  Field<Millis> timeout_ms{60000};
  Field<bool, "1+"> validate_only;
};

/// One result a topic, since version 5 with what was created.
struct CreateTopicsResponse {
  static constexpr Api api{.key = 19, .versions = "0-7", .flexible = "5+"};

  struct Config {
    Field<string> name;
    Field<nullable<string>> value{string{}};
    Field<bool> read_only;
    Field<int8, "0+ ignorable"> config_source{-1};
    Field<bool> is_sensitive;
  };
  struct Topic {
    Field<string> name;
    Field<Uuid, "7+ ignorable"> topic_id;
    Field<int16> error_code;
    Field<nullable<string>, "1+ ignorable"> error_message{string{}};
    /// Why configs is null: the principal may not read them.
    Field<int16, "5+ tag 0 ignorable"> topic_config_error_code;
    Field<int32, "5+ ignorable"> num_partitions{-1};
    Field<int16, "5+ ignorable"> replication_factor{-1};
    Field<nullable<list<Config>>, "5+ ignorable"> configs{list<Config>{}};
  };

  Field<Millis, "2+ ignorable"> throttle_time_ms;
  Field<list<Topic>> topics;
};

}  // namespace barnabas::protocol
