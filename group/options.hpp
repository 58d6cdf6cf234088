// What can be set about membership and commits. The table with names, aliases, ranges and sentences is in
// option_table.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "barnabas/client/options.hpp"

namespace barnabas::group {

struct GroupOptions {
  GroupOptions() = default;
  std::string group_id;
  std::string group_instance_id;                   ///< static membership (KIP-345) when not empty
  std::vector<std::string> assignors = {"range"};  ///< offered in this order
  std::int32_t session_timeout_ms = 45'000;
  std::int32_t heartbeat_interval_ms = 3'000;  ///< below a third of the session timeout
  std::int32_t rebalance_timeout_ms = 60'000;
  std::int32_t rebalance_drain_ms = 10'000;  ///< how long turns under way may take to finish when partitions go
  std::int32_t auto_commit_interval_ms = 1'000;
  bool commit = true;  ///< false: offsets are never committed
};

struct ConsumerOptions {
  ConsumerOptions() = default;
  GroupOptions group;
  client::FetchOptions fetch;
  client::EndPosition end;  ///< of partitions that come with a subscription
};

}  // namespace barnabas::group
