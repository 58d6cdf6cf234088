#include "barnabas/client/cluster/throttle.hpp"

#include <algorithm>

#include "barnabas/protocol/api.hpp"
#include "barnabas/protocol/arena.hpp"
#include "barnabas/protocol/codec.hpp"
#include "barnabas/protocol/messages/produce.hpp"

namespace barnabas::client {
namespace {

constexpr std::int16_t produce_throttled_since = 6;

std::int32_t produce_throttle_ms(std::int16_t version, protocol::bytes body) {
  protocol::Arena arena;
  const auto response = protocol::decode<protocol::ProduceResponse>(body, version, arena, protocol::lenient);
  return response ? std::int32_t{*response->throttle_time_ms} : 0;
}

}  // namespace

std::int16_t throttled_since(std::int16_t api_key) {
  using enum protocol::ApiKey;
  switch (static_cast<protocol::ApiKey>(api_key)) {
    case metadata: return 6;
    case offset_commit:
    case offset_fetch: return 4;
    case list_offsets:
    case join_group:
    case create_topics: return 3;
    case find_coordinator:
    case heartbeat:
    case leave_group:
    case sync_group:
    case describe_groups:
    case list_groups:
    case delete_topics:
    case offset_for_leader_epoch:
    case describe_configs: return 2;
    case delete_records:
    case init_producer_id:
    case add_partitions_to_txn:
    case add_offsets_to_txn:
    case end_txn:
    case txn_offset_commit:
    case describe_acls:
    case create_acls:
    case delete_acls:
    case alter_configs:
    case alter_replica_log_dirs:
    case describe_log_dirs:
    case create_partitions:
    case delete_groups: return 1;
    // Those that came after Kafka 2.0.
    case elect_leaders:
    case incremental_alter_configs:
    case alter_partition_reassignments:
    case list_partition_reassignments:
    case describe_client_quotas:
    case alter_client_quotas:
    case describe_user_scram_credentials:
    case alter_user_scram_credentials:
    case update_features:
    case describe_cluster:
    case describe_producers:
    case unregister_broker:
    case describe_transactions:
    case list_transactions:
    case consumer_group_heartbeat:
    case consumer_group_describe:
    case get_telemetry_subscriptions:
    case push_telemetry:
    case list_config_resources:
    case describe_topic_partitions:
    case share_group_heartbeat:
    case share_group_describe:
    case share_fetch:
    case share_acknowledge:
    case add_raft_voter:
    case remove_raft_voter:
    case streams_group_heartbeat:
    case streams_group_describe:
    case describe_share_group_offsets:
    case alter_share_group_offsets:
    case delete_share_group_offsets: return 0;
    default: return -1;
  }
}

std::int32_t throttle_ms(std::int16_t api_key, std::int16_t version, protocol::bytes body) {
  if (api_key == static_cast<std::int16_t>(protocol::ApiKey::produce)) {
    return version < produce_throttled_since ? 0 : std::max(0, produce_throttle_ms(version, body));
  }
  const std::int16_t since = throttled_since(api_key);
  if (since < 0 || version < since || body.size() < 4) return 0;
  std::uint32_t ms = 0;
  for (const char octet : body.first(4)) ms = ms << 8 | static_cast<unsigned char>(octet);
  return std::max(0, static_cast<std::int32_t>(ms));
}

}  // namespace barnabas::client
