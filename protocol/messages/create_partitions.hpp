// CreatePartitions (key 37): more partitions.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct CreatePartitionsResponse;

/// Topics only grow. Goes to the controller (a broker with KRaft passes it on).
struct CreatePartitionsRequest {
  using Response = CreatePartitionsResponse;
  static constexpr Api api{.key = 37, .versions = "0-3", .flexible = "2+"};

  struct Assignment {
    Field<list<int32>> broker_ids;
  };
  struct Topic {
    Field<string> name;
    /// How many there shall be in all.
    Field<int32> count;
    /// Of the new partitions only; null = the brokers decide.
    Field<nullable<list<Assignment>>> assignments{list<Assignment>{}};
  };

  Field<list<Topic>> topics;
  Field<Millis> timeout_ms;
  Field<bool> validate_only;
};

/// One result a topic.
struct CreatePartitionsResponse {
  static constexpr Api api{.key = 37, .versions = "0-3", .flexible = "2+"};

  struct Result {
    Field<string> name;
    Field<int16> error_code;
    Field<nullable<string>> error_message;
  };

  Field<Millis> throttle_time_ms;
  Field<list<Result>> results;
};

}  // namespace barnabas::protocol
