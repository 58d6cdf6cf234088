// Metadata (key 3): who is in the cluster and who leads what.
#pragma once

#include <limits>

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct MetadataResponse;

/// Asks any broker for the brokers, the controller and the partitions of some or all topics.
struct MetadataRequest {
  using Response = MetadataResponse;
  static constexpr Api api{.key = 3, .versions = "0-13", .flexible = "9+"};

  struct Topic {
    /// Either this or the name.
    Field<Uuid, "10+ ignorable"> topic_id;
    Field<nullable<string>, "0+ null 10+"> name{string{}};
  };

  /// Which topics: null = all, empty = none. Version 0 cannot say null, and there empty = all.
  Field<nullable<list<Topic>>, "0+ null 1+"> topics{list<Topic>{}};
  /// Version 0 to 3 brokers create as their own setting says.
  Field<bool, "4+"> allow_auto_topic_creation{true};
  Field<bool, "8-10"> include_cluster_authorized_operations;
  Field<bool, "8+"> include_topic_authorized_operations;
};

/// What the answering broker believes; it may be behind its controller.
struct MetadataResponse {
  static constexpr Api api{.key = 3, .versions = "0-13", .flexible = "9+"};

  struct Broker {
    Field<int32> node_id;
    /// As advertised for the listener that was asked.
    Field<string> host;
    Field<int32> port;
    Field<nullable<string>, "1+ ignorable"> rack;
  };
  struct Partition {
    Field<int16> error_code;
    Field<int32> partition_index;
    Field<int32> leader_id;  // -1 = none at the moment
    /// Grows with every election; older answers than the newest seen are to be ignored (KIP-320).
    Field<LeaderEpoch, "7+ ignorable"> leader_epoch{-1};
    Field<list<int32>> replica_nodes;
    Field<list<int32>> isr_nodes;
    Field<list<int32>, "5+ ignorable"> offline_replicas;
  };
  struct Topic {
    Field<int16> error_code;
    /// Null when the topic was asked for by an id that the broker does not know.
    Field<nullable<string>, "0+ null 12+"> name{string{}};
    Field<Uuid, "10+ ignorable"> topic_id;
    Field<bool, "1+ ignorable"> is_internal;
    Field<list<Partition>> partitions;
    /// A bit for each AclOperation; the smallest int32 = was not asked.
    Field<int32, "8+"> topic_authorized_operations{std::numeric_limits<int32>::min()};
  };

  Field<Millis, "3+ ignorable"> throttle_time_ms;
  Field<list<Broker>> brokers;
  Field<nullable<string>, "2+ ignorable"> cluster_id;
  Field<int32, "1+ ignorable"> controller_id{-1};
  Field<list<Topic>> topics;
  Field<int32, "8-10"> cluster_authorized_operations{std::numeric_limits<int32>::min()};
  /// REBOOTSTRAP_REQUIRED asks the client to start again from its bootstrap addresses (KIP-1102).
  Field<int16, "13+ ignorable"> error_code;
};

}  // namespace barnabas::protocol
