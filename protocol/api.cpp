#include "barnabas/protocol/api.hpp"

#include <array>

namespace barnabas::protocol {

namespace {

struct ApiFacts {
  string name;
  int16 flexible_since;
};

constexpr int16 never = -1;

/// At the index that is the key.
constexpr std::array facts{
    ApiFacts{"Produce", 9},
    ApiFacts{"Fetch", 12},
    ApiFacts{"ListOffsets", 6},
    ApiFacts{"Metadata", 9},
    ApiFacts{"LeaderAndIsr", 4},
    ApiFacts{"StopReplica", 2},
    ApiFacts{"UpdateMetadata", 6},
    ApiFacts{"ControlledShutdown", 3},
    ApiFacts{"OffsetCommit", 8},
    ApiFacts{"OffsetFetch", 6},
    ApiFacts{"FindCoordinator", 3},
    ApiFacts{"JoinGroup", 6},
    ApiFacts{"Heartbeat", 4},
    ApiFacts{"LeaveGroup", 4},
    ApiFacts{"SyncGroup", 4},
    ApiFacts{"DescribeGroups", 5},
    ApiFacts{"ListGroups", 3},
    ApiFacts{"SaslHandshake", never},
    ApiFacts{"ApiVersions", 3},
    ApiFacts{"CreateTopics", 5},
    ApiFacts{"DeleteTopics", 4},
    ApiFacts{"DeleteRecords", 2},
    ApiFacts{"InitProducerId", 2},
    ApiFacts{"OffsetForLeaderEpoch", 4},
    ApiFacts{"AddPartitionsToTxn", 3},
    ApiFacts{"AddOffsetsToTxn", 3},
    ApiFacts{"EndTxn", 3},
    ApiFacts{"WriteTxnMarkers", 1},
    ApiFacts{"TxnOffsetCommit", 3},
    ApiFacts{"DescribeAcls", 2},
    ApiFacts{"CreateAcls", 2},
    ApiFacts{"DeleteAcls", 2},
    ApiFacts{"DescribeConfigs", 4},
    ApiFacts{"AlterConfigs", 2},
    ApiFacts{"AlterReplicaLogDirs", 2},
    ApiFacts{"DescribeLogDirs", 2},
    ApiFacts{"SaslAuthenticate", 2},
    ApiFacts{"CreatePartitions", 2},
    ApiFacts{"CreateDelegationToken", 2},
    ApiFacts{"RenewDelegationToken", 2},
    ApiFacts{"ExpireDelegationToken", 2},
    ApiFacts{"DescribeDelegationToken", 2},
    ApiFacts{"DeleteGroups", 2},
    ApiFacts{"ElectLeaders", 2},
    ApiFacts{"IncrementalAlterConfigs", 1},
    ApiFacts{"AlterPartitionReassignments", 0},
    ApiFacts{"ListPartitionReassignments", 0},
    ApiFacts{"OffsetDelete", never},
    ApiFacts{"DescribeClientQuotas", 1},
    ApiFacts{"AlterClientQuotas", 1},
    ApiFacts{"DescribeUserScramCredentials", 0},
    ApiFacts{"AlterUserScramCredentials", 0},
    ApiFacts{"Vote", 0},
    ApiFacts{"BeginQuorumEpoch", 1},
    ApiFacts{"EndQuorumEpoch", 1},
    ApiFacts{"DescribeQuorum", 0},
    ApiFacts{"AlterPartition", 0},
    ApiFacts{"UpdateFeatures", 0},
    ApiFacts{"Envelope", 0},
    ApiFacts{"FetchSnapshot", 0},
    ApiFacts{"DescribeCluster", 0},
    ApiFacts{"DescribeProducers", 0},
    ApiFacts{"BrokerRegistration", 0},
    ApiFacts{"BrokerHeartbeat", 0},
    ApiFacts{"UnregisterBroker", 0},
    ApiFacts{"DescribeTransactions", 0},
    ApiFacts{"ListTransactions", 0},
    ApiFacts{"AllocateProducerIds", 0},
    ApiFacts{"ConsumerGroupHeartbeat", 0},
    ApiFacts{"ConsumerGroupDescribe", 0},
    ApiFacts{"ControllerRegistration", 0},
    ApiFacts{"GetTelemetrySubscriptions", 0},
    ApiFacts{"PushTelemetry", 0},
    ApiFacts{"AssignReplicasToDirs", 0},
    ApiFacts{"ListConfigResources", 0},
    ApiFacts{"DescribeTopicPartitions", 0},
    ApiFacts{"ShareGroupHeartbeat", 0},
    ApiFacts{"ShareGroupDescribe", 0},
    ApiFacts{"ShareFetch", 0},
    ApiFacts{"ShareAcknowledge", 0},
    ApiFacts{"AddRaftVoter", 0},
    ApiFacts{"RemoveRaftVoter", 0},
    ApiFacts{"UpdateRaftVoter", 0},
    ApiFacts{"InitializeShareGroupState", 0},
    ApiFacts{"ReadShareGroupState", 0},
    ApiFacts{"WriteShareGroupState", 0},
    ApiFacts{"DeleteShareGroupState", 0},
    ApiFacts{"ReadShareGroupStateSummary", 0},
    ApiFacts{"StreamsGroupHeartbeat", 0},
    ApiFacts{"StreamsGroupDescribe", 0},
    ApiFacts{"DescribeShareGroupOffsets", 0},
    ApiFacts{"AlterShareGroupOffsets", 0},
    ApiFacts{"DeleteShareGroupOffsets", 0},
};

const ApiFacts* find(ApiKey key) {
  const auto at = static_cast<std::size_t>(static_cast<uint16>(key));
  return at < facts.size() ? &facts[at] : nullptr;
}

bool same_letters(string a, string b) {
  const auto next = [](string& text) {
    while (text.starts_with('_')) text.remove_prefix(1);
    if (text.empty()) return '\0';
    const char c = text.front();
    text.remove_prefix(1);
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  for (;;) {
    const char x = next(a);
    if (x != next(b)) return false;
    if (x == '\0') return true;
  }
}

}  // namespace

string name(ApiKey key) {
  const ApiFacts* const api = find(key);
  return api == nullptr ? "UNKNOWN" : api->name;
}

std::string api_name(int16 key) {
  if (!is_known(ApiKey{key})) return "UNKNOWN(" + std::to_string(key) + ")";
  return std::string(name(ApiKey{key}));
}

bool is_known(ApiKey key) { return find(key) != nullptr; }

std::optional<ApiKey> parse_api_key(string name) {
  for (std::size_t key = 0; key < facts.size(); ++key) {
    if (same_letters(facts[key].name, name)) return static_cast<ApiKey>(key);
  }
  return std::nullopt;
}

std::optional<int16> flexible_since(ApiKey key) {
  const ApiFacts* const api = find(key);
  // A key that came after this table: new APIs are flexible from their first version on.
  if (api == nullptr) return 0;
  if (api->flexible_since == never) return std::nullopt;
  return api->flexible_since;
}

}  // namespace barnabas::protocol
