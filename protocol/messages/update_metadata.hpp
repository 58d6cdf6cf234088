// UpdateMetadata (key 6): a controller tells brokers about the cluster.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct UpdateMetadataResponse;

/// From ZooKeeper's days; gone in 4.0.
struct UpdateMetadataRequest {
  using Response = UpdateMetadataResponse;
  static constexpr Api api{.key = 6, .versions = "0-8", .flexible = "6+"};

  struct PartitionState {
    Field<string, "0-4 ignorable"> topic_name;
    Field<int32> partition_index;
    Field<int32> controller_epoch;
    Field<int32> leader;
    Field<LeaderEpoch> leader_epoch;
    Field<list<int32>> isr;
    Field<int32> zk_version;
    Field<list<int32>> replicas;
    Field<list<int32>, "4+ ignorable"> offline_replicas;
  };
  struct TopicState {
    Field<string> topic_name;
    Field<Uuid, "7+ ignorable"> topic_id;
    Field<list<PartitionState>> partition_states;
  };
  struct Endpoint {
    Field<int32> port;
    Field<string> host;
    Field<string, "3+ ignorable"> listener;
    /// 0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL.
    Field<int16> security_protocol;
  };
  struct Broker {
    Field<int32> id;
    Field<string, "0 ignorable"> v0_host;
    Field<int32, "0 ignorable"> v0_port;
    Field<list<Endpoint>, "1+ ignorable"> endpoints;
    Field<nullable<string>, "2+ ignorable"> rack{string{}};
  };

  Field<int32> controller_id;
  Field<bool, "8+"> is_kraft_controller;
  /// 0 unknown, 1 only what changed, 2 everything.
  Field<int8, "8+ tag 0"> type;
  Field<int32> controller_epoch;
  Field<int64, "5+ ignorable"> broker_epoch{-1};
  Field<list<PartitionState>, "0-4"> ungrouped_partition_states;
  Field<list<TopicState>, "5+"> topic_states;
  Field<list<Broker>> live_brokers;
};

/// Whether the broker took it in.
struct UpdateMetadataResponse {
  static constexpr Api api{.key = 6, .versions = "0-8", .flexible = "6+"};

  Field<int16> error_code;
};

}  // namespace barnabas::protocol
