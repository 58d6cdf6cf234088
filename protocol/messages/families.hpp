// All messages, by family. A family is compiled as one unit (data.cpp, groups.cpp, ...); who wants one message includes
// its own header instead. A request stands for its response too.
#pragma once

#include "barnabas/protocol/messages/add_offsets_to_txn.hpp"
#include "barnabas/protocol/messages/add_partitions_to_txn.hpp"
#include "barnabas/protocol/messages/add_raft_voter.hpp"
#include "barnabas/protocol/messages/allocate_producer_ids.hpp"
#include "barnabas/protocol/messages/alter_client_quotas.hpp"
#include "barnabas/protocol/messages/alter_configs.hpp"
#include "barnabas/protocol/messages/alter_partition.hpp"
#include "barnabas/protocol/messages/alter_partition_reassignments.hpp"
#include "barnabas/protocol/messages/alter_replica_log_dirs.hpp"
#include "barnabas/protocol/messages/alter_share_group_offsets.hpp"
#include "barnabas/protocol/messages/alter_user_scram_credentials.hpp"
#include "barnabas/protocol/messages/api_versions.hpp"
#include "barnabas/protocol/messages/assign_replicas_to_dirs.hpp"
#include "barnabas/protocol/messages/begin_quorum_epoch.hpp"
#include "barnabas/protocol/messages/broker_heartbeat.hpp"
#include "barnabas/protocol/messages/broker_registration.hpp"
#include "barnabas/protocol/messages/consumer_group_describe.hpp"
#include "barnabas/protocol/messages/consumer_group_heartbeat.hpp"
#include "barnabas/protocol/messages/consumer_protocol.hpp"
#include "barnabas/protocol/messages/control_records.hpp"
#include "barnabas/protocol/messages/controlled_shutdown.hpp"
#include "barnabas/protocol/messages/controller_registration.hpp"
#include "barnabas/protocol/messages/create_acls.hpp"
#include "barnabas/protocol/messages/create_delegation_token.hpp"
#include "barnabas/protocol/messages/create_partitions.hpp"
#include "barnabas/protocol/messages/create_topics.hpp"
#include "barnabas/protocol/messages/delete_acls.hpp"
#include "barnabas/protocol/messages/delete_groups.hpp"
#include "barnabas/protocol/messages/delete_records.hpp"
#include "barnabas/protocol/messages/delete_share_group_offsets.hpp"
#include "barnabas/protocol/messages/delete_share_group_state.hpp"
#include "barnabas/protocol/messages/delete_topics.hpp"
#include "barnabas/protocol/messages/describe_acls.hpp"
#include "barnabas/protocol/messages/describe_client_quotas.hpp"
#include "barnabas/protocol/messages/describe_cluster.hpp"
#include "barnabas/protocol/messages/describe_configs.hpp"
#include "barnabas/protocol/messages/describe_delegation_token.hpp"
#include "barnabas/protocol/messages/describe_groups.hpp"
#include "barnabas/protocol/messages/describe_log_dirs.hpp"
#include "barnabas/protocol/messages/describe_producers.hpp"
#include "barnabas/protocol/messages/describe_quorum.hpp"
#include "barnabas/protocol/messages/describe_share_group_offsets.hpp"
#include "barnabas/protocol/messages/describe_topic_partitions.hpp"
#include "barnabas/protocol/messages/describe_transactions.hpp"
#include "barnabas/protocol/messages/describe_user_scram_credentials.hpp"
#include "barnabas/protocol/messages/elect_leaders.hpp"
#include "barnabas/protocol/messages/end_quorum_epoch.hpp"
#include "barnabas/protocol/messages/end_txn.hpp"
#include "barnabas/protocol/messages/envelope.hpp"
#include "barnabas/protocol/messages/expire_delegation_token.hpp"
#include "barnabas/protocol/messages/fetch.hpp"
#include "barnabas/protocol/messages/fetch_snapshot.hpp"
#include "barnabas/protocol/messages/find_coordinator.hpp"
#include "barnabas/protocol/messages/get_telemetry_subscriptions.hpp"
#include "barnabas/protocol/messages/headers.hpp"
#include "barnabas/protocol/messages/heartbeat.hpp"
#include "barnabas/protocol/messages/incremental_alter_configs.hpp"
#include "barnabas/protocol/messages/init_producer_id.hpp"
#include "barnabas/protocol/messages/initialize_share_group_state.hpp"
#include "barnabas/protocol/messages/join_group.hpp"
#include "barnabas/protocol/messages/leader_and_isr.hpp"
#include "barnabas/protocol/messages/leave_group.hpp"
#include "barnabas/protocol/messages/list_config_resources.hpp"
#include "barnabas/protocol/messages/list_groups.hpp"
#include "barnabas/protocol/messages/list_offsets.hpp"
#include "barnabas/protocol/messages/list_partition_reassignments.hpp"
#include "barnabas/protocol/messages/list_transactions.hpp"
#include "barnabas/protocol/messages/metadata.hpp"
#include "barnabas/protocol/messages/offset_commit.hpp"
#include "barnabas/protocol/messages/offset_delete.hpp"
#include "barnabas/protocol/messages/offset_fetch.hpp"
#include "barnabas/protocol/messages/offset_for_leader_epoch.hpp"
#include "barnabas/protocol/messages/produce.hpp"
#include "barnabas/protocol/messages/push_telemetry.hpp"
#include "barnabas/protocol/messages/read_share_group_state.hpp"
#include "barnabas/protocol/messages/read_share_group_state_summary.hpp"
#include "barnabas/protocol/messages/remove_raft_voter.hpp"
#include "barnabas/protocol/messages/renew_delegation_token.hpp"
#include "barnabas/protocol/messages/sasl_authenticate.hpp"
#include "barnabas/protocol/messages/sasl_handshake.hpp"
#include "barnabas/protocol/messages/share_acknowledge.hpp"
#include "barnabas/protocol/messages/share_fetch.hpp"
#include "barnabas/protocol/messages/share_group_describe.hpp"
#include "barnabas/protocol/messages/share_group_heartbeat.hpp"
#include "barnabas/protocol/messages/stop_replica.hpp"
#include "barnabas/protocol/messages/streams_group_describe.hpp"
#include "barnabas/protocol/messages/streams_group_heartbeat.hpp"
#include "barnabas/protocol/messages/sync_group.hpp"
#include "barnabas/protocol/messages/txn_offset_commit.hpp"
#include "barnabas/protocol/messages/unregister_broker.hpp"
#include "barnabas/protocol/messages/update_features.hpp"
#include "barnabas/protocol/messages/update_metadata.hpp"
#include "barnabas/protocol/messages/update_raft_voter.hpp"
#include "barnabas/protocol/messages/vote.hpp"
#include "barnabas/protocol/messages/write_share_group_state.hpp"
#include "barnabas/protocol/messages/write_txn_markers.hpp"

namespace barnabas::protocol {

template <class... Messages>
struct Family {};

/// Moving records, and finding the way to them.
using DataFamily = Family<ProduceRequest, FetchRequest, ListOffsetsRequest, MetadataRequest, ApiVersionsRequest,
                          OffsetForLeaderEpochRequest, GetTelemetrySubscriptionsRequest, PushTelemetryRequest,
                          headers::RequestHeader, headers::ResponseHeader>;
/// Groups and their offsets.
using GroupsFamily = Family<OffsetCommitRequest, OffsetFetchRequest, FindCoordinatorRequest, JoinGroupRequest,
                            HeartbeatRequest, LeaveGroupRequest, SyncGroupRequest, DescribeGroupsRequest,
                            ListGroupsRequest, DeleteGroupsRequest, OffsetDeleteRequest, ConsumerGroupHeartbeatRequest,
                            ConsumerGroupDescribeRequest, ConsumerProtocolSubscription, ConsumerProtocolAssignment>;
/// Transactions.
using TransactionsFamily =
    Family<InitProducerIdRequest, AddPartitionsToTxnRequest, AddOffsetsToTxnRequest, EndTxnRequest,
           WriteTxnMarkersRequest, TxnOffsetCommitRequest, DescribeProducersRequest, DescribeTransactionsRequest,
           ListTransactionsRequest, ControlRecordTypeSchema, EndTxnMarker>;
/// Looking after a cluster.
using AdminFamily =
    Family<CreateTopicsRequest, DeleteTopicsRequest, DeleteRecordsRequest, DescribeConfigsRequest, AlterConfigsRequest,
           AlterReplicaLogDirsRequest, DescribeLogDirsRequest, CreatePartitionsRequest, ElectLeadersRequest,
           IncrementalAlterConfigsRequest, AlterPartitionReassignmentsRequest, ListPartitionReassignmentsRequest,
           DescribeClientQuotasRequest, AlterClientQuotasRequest, UpdateFeaturesRequest, DescribeClusterRequest,
           UnregisterBrokerRequest, ListConfigResourcesRequest, DescribeTopicPartitionsRequest>;
/// Logging in, ACLs, tokens and credentials.
using SecurityFamily =
    Family<SaslHandshakeRequest, DescribeAclsRequest, CreateAclsRequest, DeleteAclsRequest, SaslAuthenticateRequest,
           CreateDelegationTokenRequest, RenewDelegationTokenRequest, ExpireDelegationTokenRequest,
           DescribeDelegationTokenRequest, DescribeUserScramCredentialsRequest, AlterUserScramCredentialsRequest>;
/// The controllers' log, and who may write it.
using RaftFamily =
    Family<VoteRequest, BeginQuorumEpochRequest, EndQuorumEpochRequest, DescribeQuorumRequest, FetchSnapshotRequest,
           AddRaftVoterRequest, RemoveRaftVoterRequest, UpdateRaftVoterRequest, LeaderChangeMessage,
           SnapshotHeaderRecord, SnapshotFooterRecord, KRaftVersionRecord, VotersRecord>;
/// What brokers and controllers say to one another.
using BrokersFamily = Family<LeaderAndIsrRequest, StopReplicaRequest, UpdateMetadataRequest, ControlledShutdownRequest,
                             AlterPartitionRequest, EnvelopeRequest, BrokerRegistrationRequest, BrokerHeartbeatRequest,
                             AllocateProducerIdsRequest, ControllerRegistrationRequest, AssignReplicasToDirsRequest,
                             DefaultPrincipalData>;
/// Share groups, and the state behind them.
using ShareFamily =
    Family<ShareGroupHeartbeatRequest, ShareGroupDescribeRequest, ShareFetchRequest, ShareAcknowledgeRequest,
           InitializeShareGroupStateRequest, ReadShareGroupStateRequest, WriteShareGroupStateRequest,
           DeleteShareGroupStateRequest, ReadShareGroupStateSummaryRequest, DescribeShareGroupOffsetsRequest,
           AlterShareGroupOffsetsRequest, DeleteShareGroupOffsetsRequest>;
/// Groups of Kafka Streams.
using StreamsFamily = Family<StreamsGroupHeartbeatRequest, StreamsGroupDescribeRequest>;

}  // namespace barnabas::protocol
