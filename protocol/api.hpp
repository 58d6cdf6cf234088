// The APIs of a broker: their keys, names and version ranges.
#pragma once

#include <algorithm>
#include <optional>

#include "barnabas/protocol/types.hpp"

namespace barnabas::protocol {

/// Every key that Kafka 3.9 and 4.3 know, also those that only brokers and controllers send to one another.
enum class ApiKey : int16 {
  produce = 0,
  fetch = 1,
  list_offsets = 2,
  metadata = 3,
  leader_and_isr = 4,
  stop_replica = 5,
  update_metadata = 6,
  controlled_shutdown = 7,
  offset_commit = 8,
  offset_fetch = 9,
  find_coordinator = 10,
  join_group = 11,
  heartbeat = 12,
  leave_group = 13,
  sync_group = 14,
  describe_groups = 15,
  list_groups = 16,
  sasl_handshake = 17,
  api_versions = 18,
  create_topics = 19,
  delete_topics = 20,
  delete_records = 21,
  init_producer_id = 22,
  offset_for_leader_epoch = 23,
  add_partitions_to_txn = 24,
  add_offsets_to_txn = 25,
  end_txn = 26,
  write_txn_markers = 27,
  txn_offset_commit = 28,
  describe_acls = 29,
  create_acls = 30,
  delete_acls = 31,
  describe_configs = 32,
  alter_configs = 33,
  alter_replica_log_dirs = 34,
  describe_log_dirs = 35,
  sasl_authenticate = 36,
  create_partitions = 37,
  create_delegation_token = 38,
  renew_delegation_token = 39,
  expire_delegation_token = 40,
  describe_delegation_token = 41,
  delete_groups = 42,
  elect_leaders = 43,
  incremental_alter_configs = 44,
  alter_partition_reassignments = 45,
  list_partition_reassignments = 46,
  offset_delete = 47,
  describe_client_quotas = 48,
  alter_client_quotas = 49,
  describe_user_scram_credentials = 50,
  alter_user_scram_credentials = 51,
  vote = 52,
  begin_quorum_epoch = 53,
  end_quorum_epoch = 54,
  describe_quorum = 55,
  alter_partition = 56,
  update_features = 57,
  envelope = 58,
  fetch_snapshot = 59,
  describe_cluster = 60,
  describe_producers = 61,
  broker_registration = 62,
  broker_heartbeat = 63,
  unregister_broker = 64,
  describe_transactions = 65,
  list_transactions = 66,
  allocate_producer_ids = 67,
  consumer_group_heartbeat = 68,
  consumer_group_describe = 69,
  controller_registration = 70,
  get_telemetry_subscriptions = 71,
  push_telemetry = 72,
  assign_replicas_to_dirs = 73,
  list_config_resources = 74,
  describe_topic_partitions = 75,
  share_group_heartbeat = 76,
  share_group_describe = 77,
  share_fetch = 78,
  share_acknowledge = 79,
  add_raft_voter = 80,
  remove_raft_voter = 81,
  update_raft_voter = 82,
  initialize_share_group_state = 83,
  read_share_group_state = 84,
  write_share_group_state = 85,
  delete_share_group_state = 86,
  read_share_group_state_summary = 87,
  streams_group_heartbeat = 88,
  streams_group_describe = 89,
  describe_share_group_offsets = 90,
  alter_share_group_offsets = 91,
  delete_share_group_offsets = 92,
};

/// "Fetch"; "UNKNOWN(200)" is api_name's answer for a key that is not in ApiKey, where name() says "UNKNOWN".
string name(ApiKey key);
std::string api_name(int16 key);
bool is_known(ApiKey key);
/// Takes "Fetch", "FETCH" and "fetch", and "ListOffsets" as "list_offsets"; empty when no API has that name.
std::optional<ApiKey> parse_api_key(string name);

/// Which nodes of a cluster serve an API. In KRaft brokers and controllers have listeners of their own; brokers of
/// ZooKeeper's days count as brokers. A key that is not known counts as served by both.
enum class Listeners : uint8 { brokers, controllers, both };
Listeners listeners(ApiKey key);

/// Who sends requests of an API: clients and admin tools as well, or only brokers and controllers among themselves. A
/// key that is not known counts as sent by clients.
enum class Sender : uint8 { client, node };
Sender sender(ApiKey key);

/// First version with compact lengths and tag sections; empty when an API has none. The headers depend on it.
std::optional<int16> flexible_since(ApiKey key);

/// Versions min to max, both included; empty when max < min.
struct VersionRange {
  int16 min = 0;
  int16 max = -1;

  constexpr bool empty() const { return max < min; }
  constexpr bool contains(int version) const { return min <= version && version <= max; }
  friend constexpr bool operator==(const VersionRange&, const VersionRange&) = default;
};

/// What both speak; empty when they have nothing in common.
constexpr VersionRange intersect(VersionRange a, VersionRange b) {
  return {std::max(a.min, b.min), std::min(a.max, b.max)};
}

/// The versions of message M that may be spoken to any broker: those that this code knows, without the unstable ones
/// at either end.
template <class M>
constexpr VersionRange versions_of() {
  VersionRange range{M::api.versions.lo, M::api.versions.hi};
  while (!range.empty() && M::api.unstable.has(range.min)) ++range.min;
  while (!range.empty() && M::api.unstable.has(range.max)) --range.max;
  return range;
}

}  // namespace barnabas::protocol
