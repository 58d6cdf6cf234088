// DescribeCluster (key 60): the nodes of a cluster.
#pragma once

#include <limits>

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct DescribeClusterResponse;

/// Metadata for admin tools; controllers answer it as well (KIP-919).
struct DescribeClusterRequest {
  using Response = DescribeClusterResponse;
  static constexpr Api api{.key = 60, .versions = "0-2", .flexible = "0+"};

  Field<bool> include_cluster_authorized_operations;
  /// 1 = brokers, 2 = controllers.
  Field<int8, "1+"> endpoint_type{1};
  /// Those too that are registered but take no part (KIP-1073).
  Field<bool, "2+"> include_fenced_brokers;
};

/// The nodes of the kind asked for.
struct DescribeClusterResponse {
  static constexpr Api api{.key = 60, .versions = "0-2", .flexible = "0+"};

  struct Broker {
    Field<int32> broker_id;
    Field<string> host;
    Field<int32> port;
    Field<nullable<string>> rack;
    Field<bool, "2+"> is_fenced;
  };

  Field<Millis> throttle_time_ms;
  Field<int16> error_code;
  Field<nullable<string>> error_message;
  Field<int8, "1+"> endpoint_type{1};
  Field<string> cluster_id;
  /// -1 = unknown.
  Field<int32> controller_id{-1};
  Field<list<Broker>> brokers;
  /// A bit for each AclOperation; the smallest int32 = was not asked.
  Field<int32> cluster_authorized_operations{std::numeric_limits<int32>::min()};
};

}  // namespace barnabas::protocol
