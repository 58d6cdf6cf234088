// ElectLeaders (key 43): leaders by request.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct ElectLeadersResponse;

/// Goes to the controller (a broker with KRaft passes it on).
struct ElectLeadersRequest {
  using Response = ElectLeadersResponse;
  static constexpr Api api{.key = 43, .versions = "0-2", .flexible = "2+"};

  struct TopicPartitions {
    Field<string> topic;
    Field<list<int32>> partitions;
  };

  /// 0 = the preferred replica, 1 = any that is alive, also when records get lost (KIP-460).
  Field<int8, "1+"> election_type;
  /// Null = all partitions.
  Field<nullable<list<TopicPartitions>>> topic_partitions{list<TopicPartitions>{}};
  Field<Millis> timeout_ms{60000};
};

/// One result a partition; those that needed no election are left out when all were asked for.
struct ElectLeadersResponse {
  static constexpr Api api{.key = 43, .versions = "0-2", .flexible = "2+"};

  struct Partition {
    Field<int32> partition_id;
    Field<int16> error_code;
    Field<nullable<string>> error_message{string{}};
  };
  struct Result {
    Field<string> topic;
    Field<list<Partition>> partition_result;
  };

  Field<Millis> throttle_time_ms;
  Field<int16, "1+"> error_code;
  Field<list<Result>> replica_election_results;
};

}  // namespace barnabas::protocol
