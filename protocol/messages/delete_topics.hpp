// DeleteTopics (key 20).
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct DeleteTopicsResponse;

/// Deletes topics, until version 5 by name, from 6 on by name or id; goes to the controller (a broker with KRaft passes
/// it on).
struct DeleteTopicsRequest {
  using Response = DeleteTopicsResponse;
  static constexpr Api api{.key = 20, .versions = "0-6", .flexible = "4+"};

  struct Topic {
    /// Null when the id says which.
    Field<nullable<string>> name;
    Field<Uuid> topic_id;
  };

  Field<list<Topic>, "6+"> topics;
  Field<list<string>, "0-5 ignorable"> topic_names;
  Field<Millis> timeout_ms;
};

/// One result a topic.
struct DeleteTopicsResponse {
  static constexpr Api api{.key = 20, .versions = "0-6", .flexible = "4+"};

  struct Topic {
    /// Null when the topic was named by an id that is not known.
    Field<nullable<string>, "0+ null 6+"> name{string{}};
    Field<Uuid, "6+ ignorable"> topic_id;
    Field<int16> error_code;
    Field<nullable<string>, "5+ ignorable"> error_message;
  };

  Field<Millis, "1+ ignorable"> throttle_time_ms;
  Field<list<Topic>> responses;
};

}  // namespace barnabas::protocol
