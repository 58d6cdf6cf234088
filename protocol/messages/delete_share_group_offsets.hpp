// DeleteShareGroupOffsets (key 92): share groups forget topics.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct DeleteShareGroupOffsetsResponse;

/// Goes to the coordinator; the group must have no members (KIP-932).
struct DeleteShareGroupOffsetsRequest {
  using Response = DeleteShareGroupOffsetsResponse;
  static constexpr Api api{.key = 92, .versions = "0", .flexible = "0+"};

  struct Topic {
    Field<string> topic_name;
  };

  Field<string> group_id;
  Field<list<Topic>> topics;
};

/// One result a topic.
struct DeleteShareGroupOffsetsResponse {
  static constexpr Api api{.key = 92, .versions = "0", .flexible = "0+"};

  struct Topic {
    Field<string> topic_name;
    Field<Uuid> topic_id;
    Field<int16> error_code;
    Field<nullable<string>> error_message;
  };

  Field<Millis> throttle_time_ms;
  Field<int16> error_code;
  Field<nullable<string>> error_message;
  Field<list<Topic>> responses;
};

}  // namespace barnabas::protocol
