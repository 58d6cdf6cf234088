#include "barnabas/protocol/api.hpp"

#include <array>

#include "barnabas/protocol/messages/families.hpp"

namespace barnabas::protocol {

namespace {

struct ApiFacts {
  string name;
  Listeners listeners;
  Sender sender;
};

constexpr Listeners b = Listeners::brokers, c = Listeners::controllers, bc = Listeners::both;
constexpr Sender client = Sender::client, node = Sender::node;

/// At the index that is the key.
constexpr std::array facts{
    ApiFacts{"Produce", b, client},
    ApiFacts{"Fetch", bc, client},
    ApiFacts{"ListOffsets", b, client},
    ApiFacts{"Metadata", b, client},
    ApiFacts{"LeaderAndIsr", b, node},
    ApiFacts{"StopReplica", b, node},
    ApiFacts{"UpdateMetadata", b, node},
    ApiFacts{"ControlledShutdown", bc, node},
    ApiFacts{"OffsetCommit", b, client},
    ApiFacts{"OffsetFetch", b, client},
    ApiFacts{"FindCoordinator", b, client},
    ApiFacts{"JoinGroup", b, client},
    ApiFacts{"Heartbeat", b, client},
    ApiFacts{"LeaveGroup", b, client},
    ApiFacts{"SyncGroup", b, client},
    ApiFacts{"DescribeGroups", b, client},
    ApiFacts{"ListGroups", b, client},
    ApiFacts{"SaslHandshake", bc, client},
    ApiFacts{"ApiVersions", bc, client},
    ApiFacts{"CreateTopics", bc, client},
    ApiFacts{"DeleteTopics", bc, client},
    ApiFacts{"DeleteRecords", b, client},
    ApiFacts{"InitProducerId", b, client},
    ApiFacts{"OffsetForLeaderEpoch", b, client},
    ApiFacts{"AddPartitionsToTxn", b, client},
    ApiFacts{"AddOffsetsToTxn", b, client},
    ApiFacts{"EndTxn", b, client},
    ApiFacts{"WriteTxnMarkers", b, client},
    ApiFacts{"TxnOffsetCommit", b, client},
    ApiFacts{"DescribeAcls", bc, client},
    ApiFacts{"CreateAcls", bc, client},
    ApiFacts{"DeleteAcls", bc, client},
    ApiFacts{"DescribeConfigs", bc, client},
    ApiFacts{"AlterConfigs", bc, client},
    ApiFacts{"AlterReplicaLogDirs", b, client},
    ApiFacts{"DescribeLogDirs", b, client},
    ApiFacts{"SaslAuthenticate", bc, client},
    ApiFacts{"CreatePartitions", bc, client},
    ApiFacts{"CreateDelegationToken", bc, client},
    ApiFacts{"RenewDelegationToken", bc, client},
    ApiFacts{"ExpireDelegationToken", bc, client},
    ApiFacts{"DescribeDelegationToken", bc, client},
    ApiFacts{"DeleteGroups", b, client},
    ApiFacts{"ElectLeaders", bc, client},
    ApiFacts{"IncrementalAlterConfigs", bc, client},
    ApiFacts{"AlterPartitionReassignments", bc, client},
    ApiFacts{"ListPartitionReassignments", bc, client},
    ApiFacts{"OffsetDelete", b, client},
    ApiFacts{"DescribeClientQuotas", b, client},
    ApiFacts{"AlterClientQuotas", bc, client},
    ApiFacts{"DescribeUserScramCredentials", bc, client},
    ApiFacts{"AlterUserScramCredentials", bc, client},
    ApiFacts{"Vote", c, node},
    ApiFacts{"BeginQuorumEpoch", c, node},
    ApiFacts{"EndQuorumEpoch", c, node},
    ApiFacts{"DescribeQuorum", bc, client},
    ApiFacts{"AlterPartition", c, node},
    ApiFacts{"UpdateFeatures", bc, client},
    ApiFacts{"Envelope", c, node},
    ApiFacts{"FetchSnapshot", c, node},
    ApiFacts{"DescribeCluster", bc, client},
    ApiFacts{"DescribeProducers", b, client},
    ApiFacts{"BrokerRegistration", c, node},
    ApiFacts{"BrokerHeartbeat", c, node},
    ApiFacts{"UnregisterBroker", bc, client},
    ApiFacts{"DescribeTransactions", b, client},
    ApiFacts{"ListTransactions", b, client},
    ApiFacts{"AllocateProducerIds", c, node},
    ApiFacts{"ConsumerGroupHeartbeat", b, client},
    ApiFacts{"ConsumerGroupDescribe", b, client},
    ApiFacts{"ControllerRegistration", c, node},
    ApiFacts{"GetTelemetrySubscriptions", b, client},
    ApiFacts{"PushTelemetry", b, client},
    ApiFacts{"AssignReplicasToDirs", c, node},
    ApiFacts{"ListConfigResources", b, client},
    ApiFacts{"DescribeTopicPartitions", b, client},
    ApiFacts{"ShareGroupHeartbeat", b, client},
    ApiFacts{"ShareGroupDescribe", b, client},
    ApiFacts{"ShareFetch", b, client},
    ApiFacts{"ShareAcknowledge", b, client},
    ApiFacts{"AddRaftVoter", bc, client},
    ApiFacts{"RemoveRaftVoter", bc, client},
    ApiFacts{"UpdateRaftVoter", c, node},
    ApiFacts{"InitializeShareGroupState", b, node},
    ApiFacts{"ReadShareGroupState", b, node},
    ApiFacts{"WriteShareGroupState", b, node},
    ApiFacts{"DeleteShareGroupState", b, node},
    ApiFacts{"ReadShareGroupStateSummary", b, node},
    ApiFacts{"StreamsGroupHeartbeat", b, client},
    ApiFacts{"StreamsGroupDescribe", b, client},
    ApiFacts{"DescribeShareGroupOffsets", b, client},
    ApiFacts{"AlterShareGroupOffsets", b, client},
    ApiFacts{"DeleteShareGroupOffsets", b, client},
};

/// First flexible version at the index that is the key; `never` when there is none.
constexpr int16 never = -1;

template <class M>
constexpr void note_flexible(std::array<int16, facts.size()>& since) {
  if constexpr (M::api.key >= 0) since[M::api.key] = M::api.flexible.empty() ? never : M::api.flexible.lo;
}

template <class... Families>
constexpr auto list_flexible(Families... families) {
  std::array<int16, facts.size()> since{};
  const auto note = [&since]<class... M>(Family<M...>) { (note_flexible<M>(since), ...); };
  (note(families), ...);
  return since;
}

constexpr auto flexible =
    list_flexible(DataFamily{}, GroupsFamily{}, TransactionsFamily{}, AdminFamily{}, SecurityFamily{}, RaftFamily{},
                  BrokersFamily{}, ShareFamily{}, StreamsFamily{});

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

Listeners listeners(ApiKey key) {
  const ApiFacts* const api = find(key);
  return api == nullptr ? Listeners::both : api->listeners;
}

Sender sender(ApiKey key) {
  const ApiFacts* const api = find(key);
  return api == nullptr ? Sender::client : api->sender;
}

std::optional<int16> flexible_since(ApiKey key) {
  // A key that came after this table: new APIs are flexible from their first version on.
  if (!is_known(key)) return 0;
  const int16 since = flexible[static_cast<std::size_t>(key)];
  if (since == never) return std::nullopt;
  return since;
}

}  // namespace barnabas::protocol
