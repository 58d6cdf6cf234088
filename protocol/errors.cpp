#include "barnabas/protocol/errors.hpp"

#include <array>

namespace barnabas::protocol {

namespace {

enum Retry { final, retry, refresh };  // no; yes; yes, after a refresh of the metadata

struct ErrorFacts {
  string name;
  Retry retry;
  string advice;
};

constexpr int first_code = -1;

/// At the index that is the code minus first_code.
constexpr std::array facts{
    ErrorFacts{"UNKNOWN_SERVER_ERROR", final,
               "The broker's own log says what happened; report it with the time and the API."},
    ErrorFacts{"NONE", final, ""},
    ErrorFacts{"OFFSET_OUT_OF_RANGE", final,
               "The offset is no longer, or not yet, in the log: set auto.offset.reset or seek."},
    ErrorFacts{"CORRUPT_MESSAGE", retry,
               "The data was damaged on its way or on disk; if it stays, check the broker's disks and the network."},
    ErrorFacts{"UNKNOWN_TOPIC_OR_PARTITION", refresh,
               "Check the topic's name; right after its creation this passes by itself."},
    ErrorFacts{"INVALID_FETCH_SIZE", final, "Raise fetch.max.bytes or max.partition.fetch.bytes above zero."},
    ErrorFacts{"LEADER_NOT_AVAILABLE", refresh, "An election is under way; if it stays, a replica has to come back."},
    ErrorFacts{"NOT_LEADER_OR_FOLLOWER", refresh, "Leadership moved; the client finds the new leader by itself."},
    ErrorFacts{"REQUEST_TIMED_OUT", retry,
               "The broker did not finish in time; look at its load, or raise request.timeout.ms."},
    ErrorFacts{"BROKER_NOT_AVAILABLE", final, "The broker is not up; check that it is running."},
    ErrorFacts{"REPLICA_NOT_AVAILABLE", refresh, "The replica is not available; the client asks the leader instead."},
    ErrorFacts{"MESSAGE_TOO_LARGE", final,
               "Lower the size of the record or batch, or raise message.max.bytes of the topic."},
    ErrorFacts{"STALE_CONTROLLER_EPOCH", final,
               "A controller that was replaced is still talking; it passes by itself."},
    ErrorFacts{
        "OFFSET_METADATA_TOO_LARGE", final,
        "Shorten the metadata that is committed with the offset, or raise offset.metadata.max.bytes at the broker."},
    ErrorFacts{"NETWORK_EXCEPTION", refresh, "The connection broke; the client connects again by itself."},
    ErrorFacts{"COORDINATOR_LOAD_IN_PROGRESS", retry, "The coordinator is starting up; it passes by itself."},
    ErrorFacts{"COORDINATOR_NOT_AVAILABLE", retry,
               "No coordinator for the group yet; if it stays, check that __consumer_offsets can be created "
               "(replication factor against number of brokers)."},
    ErrorFacts{"NOT_COORDINATOR", retry, "The coordinator moved; the client finds the new one by itself."},
    ErrorFacts{"INVALID_TOPIC_EXCEPTION", final,
               "Topic names have 1 to 249 of the characters a-z A-Z 0-9 . _ - and are not . or .. ; internal topics "
               "cannot be written."},
    ErrorFacts{"RECORD_LIST_TOO_LARGE", final, "Lower batch.size, or raise segment.bytes of the topic."},
    ErrorFacts{"NOT_ENOUGH_REPLICAS", retry, "Too few replicas are in sync (min.insync.replicas); bring brokers back."},
    ErrorFacts{
        "NOT_ENOUGH_REPLICAS_AFTER_APPEND", retry,
        "Written, but by too few replicas (min.insync.replicas); a retry may write it twice without idempotence."},
    ErrorFacts{"INVALID_REQUIRED_ACKS", final, "acks must be 0, 1 or -1 (all)."},
    ErrorFacts{"ILLEGAL_GENERATION", final,
               "The group has moved on to a newer generation; the member joins again by itself."},
    ErrorFacts{
        "INCONSISTENT_GROUP_PROTOCOL", final,
        "All members of a group must share a protocol type and an assignor: compare partition.assignment.strategy."},
    ErrorFacts{"INVALID_GROUP_ID", final, "Set group.id to a name that is not empty."},
    ErrorFacts{"UNKNOWN_MEMBER_ID", final,
               "The group has removed this member, mostly because it was silent for longer than session.timeout.ms; it "
               "joins again by itself."},
    ErrorFacts{"INVALID_SESSION_TIMEOUT", final,
               "session.timeout.ms must lie between group.min.session.timeout.ms and group.max.session.timeout.ms of "
               "the broker."},
    ErrorFacts{"REBALANCE_IN_PROGRESS", final, "The group is rebalancing; the member joins again by itself."},
    ErrorFacts{"INVALID_COMMIT_OFFSET_SIZE", final, "The commit is too big; commit fewer partitions at once."},
    ErrorFacts{"TOPIC_AUTHORIZATION_FAILED", final,
               "The principal may not use the topic: grant it READ (or WRITE, DESCRIBE) on the topic."},
    ErrorFacts{"GROUP_AUTHORIZATION_FAILED", final, "The principal may not use the group: grant it READ on the group."},
    ErrorFacts{"CLUSTER_AUTHORIZATION_FAILED", final,
               "The principal may not do this to the cluster: grant it the operation on the resource Cluster."},
    ErrorFacts{"INVALID_TIMESTAMP", final,
               "The record's timestamp is outside what the topic accepts (message.timestamp.*)."},
    ErrorFacts{"UNSUPPORTED_SASL_MECHANISM", final,
               "The broker has not enabled this mechanism: compare sasl.mechanism with sasl.enabled.mechanisms."},
    ErrorFacts{"ILLEGAL_SASL_STATE", final,
               "The request is not allowed at this point of authentication: the listener's security protocol may "
               "differ from the client's."},
    ErrorFacts{"UNSUPPORTED_VERSION", final,
               "The broker does not speak this version of the API: upgrade one side, or lower the version."},
    ErrorFacts{"TOPIC_ALREADY_EXISTS", final, "The topic exists already."},
    ErrorFacts{"INVALID_PARTITIONS", final, "The number of partitions is not valid; it can only grow."},
    ErrorFacts{"INVALID_REPLICATION_FACTOR", final,
               "The replication factor must lie between 1 and the number of brokers."},
    ErrorFacts{"INVALID_REPLICA_ASSIGNMENT", final, "The assignment names brokers or partitions that do not fit."},
    ErrorFacts{"INVALID_CONFIG", final, "A configuration entry is not valid; the message beside this error names it."},
    ErrorFacts{"NOT_CONTROLLER", retry, "The controller moved; the client finds the new one by itself."},
    ErrorFacts{"INVALID_REQUEST", final,
               "The broker could not make sense of the request; report it with the API and version."},
    ErrorFacts{"UNSUPPORTED_FOR_MESSAGE_FORMAT", final, "The topic's message format is too old for this request."},
    ErrorFacts{"POLICY_VIOLATION", final,
               "A policy of the cluster refuses this; the message beside this error says why."},
    ErrorFacts{"OUT_OF_ORDER_SEQUENCE_NUMBER", final,
               "Records would be lost or out of order; the producer has to start a new epoch."},
    ErrorFacts{"DUPLICATE_SEQUENCE_NUMBER", final, "The batch was written before; nothing is lost."},
    ErrorFacts{"INVALID_PRODUCER_EPOCH", final, "A newer producer with the same transactional.id is at work."},
    ErrorFacts{"INVALID_TXN_STATE", final, "The transaction is not in a state that allows this."},
    ErrorFacts{"INVALID_PRODUCER_ID_MAPPING", final,
               "The producer id does not belong to the transactional.id; start the producer again."},
    ErrorFacts{"INVALID_TRANSACTION_TIMEOUT", final,
               "transaction.timeout.ms is above transaction.max.timeout.ms of the broker."},
    ErrorFacts{"CONCURRENT_TRANSACTIONS", retry,
               "Another operation of the same transaction is not finished; it passes by itself."},
    ErrorFacts{"TRANSACTION_COORDINATOR_FENCED", final,
               "The transaction coordinator was replaced; the new one finishes the transaction by itself."},
    ErrorFacts{"TRANSACTIONAL_ID_AUTHORIZATION_FAILED", final,
               "The principal may not use the transactional.id: grant it WRITE on it."},
    ErrorFacts{"SECURITY_DISABLED", final, "The broker has no authorizer, so there are no ACLs to manage."},
    ErrorFacts{"OPERATION_NOT_ATTEMPTED", final,
               "Another part of the same request failed first: cure that one, then ask again."},
    ErrorFacts{"KAFKA_STORAGE_ERROR", refresh,
               "The broker cannot reach its disk; check it. Another replica takes over."},
    ErrorFacts{"LOG_DIR_NOT_FOUND", final, "The broker has no such log directory: compare the path with log.dirs."},
    ErrorFacts{"SASL_AUTHENTICATION_FAILED", final,
               "Check user name, password or token, and that the broker knows them for this mechanism."},
    ErrorFacts{"UNKNOWN_PRODUCER_ID", final,
               "The broker has forgotten the producer's state (retention); the producer starts anew."},
    ErrorFacts{"REASSIGNMENT_IN_PROGRESS", final, "Wait until the reassignment is done."},
    ErrorFacts{"DELEGATION_TOKEN_AUTH_DISABLED", final,
               "The brokers do not do delegation tokens: set delegation.token.secret.key at all of them."},
    ErrorFacts{"DELEGATION_TOKEN_NOT_FOUND", final, "No token has this HMAC; it may have expired: make a new one."},
    ErrorFacts{"DELEGATION_TOKEN_OWNER_MISMATCH", final,
               "Only the token's owner and its renewers may renew or expire it."},
    ErrorFacts{"DELEGATION_TOKEN_REQUEST_NOT_ALLOWED", final,
               "Ask for tokens over SASL or mutual TLS, and not with a token as credential."},
    ErrorFacts{"DELEGATION_TOKEN_AUTHORIZATION_FAILED", final,
               "The principal may not do this with tokens: grant it DESCRIBE or CREATE_TOKENS."},
    ErrorFacts{"DELEGATION_TOKEN_EXPIRED", final, "Renew the delegation token, or make a new one."},
    ErrorFacts{"INVALID_PRINCIPAL_TYPE", final, "Principals are of type User."},
    ErrorFacts{"NON_EMPTY_GROUP", final, "Stop all members of the group first."},
    ErrorFacts{"GROUP_ID_NOT_FOUND", final, "No group has this id: check group.id."},
    ErrorFacts{"FETCH_SESSION_ID_NOT_FOUND", retry,
               "The broker has dropped the fetch session; the client opens a new one by itself."},
    ErrorFacts{"INVALID_FETCH_SESSION_EPOCH", retry,
               "The fetch session is out of step; the client opens a new one by itself."},
    ErrorFacts{"LISTENER_NOT_FOUND", refresh,
               "The broker has no such listener yet; if it stays, compare the listeners of the brokers."},
    ErrorFacts{"TOPIC_DELETION_DISABLED", final, "Set delete.topic.enable=true at the brokers."},
    ErrorFacts{"FENCED_LEADER_EPOCH", refresh,
               "The client's metadata is older than the broker's; it refreshes by itself."},
    ErrorFacts{"UNKNOWN_LEADER_EPOCH", retry, "The broker's metadata is older than the client's; it passes by itself."},
    ErrorFacts{"UNSUPPORTED_COMPRESSION_TYPE", final,
               "This version of the API cannot carry the codec (zstd needs Fetch 10 and Produce 7): use another "
               "compression.type, or upgrade."},
    ErrorFacts{"STALE_BROKER_EPOCH", final, "The broker has restarted since; it registers again by itself."},
    ErrorFacts{"OFFSET_NOT_AVAILABLE", retry,
               "The new leader does not know its high watermark yet; it passes by itself."},
    ErrorFacts{"MEMBER_ID_REQUIRED", final,
               "The coordinator has handed out a member id; the member joins again with it by itself."},
    ErrorFacts{"PREFERRED_LEADER_NOT_AVAILABLE", refresh,
               "The preferred replica is not up or not in sync: bring its broker back."},
    ErrorFacts{"GROUP_MAX_SIZE_REACHED", final,
               "The group has group.max.size members: raise it at the broker, or start fewer members."},
    ErrorFacts{"FENCED_INSTANCE_ID", final,
               "Another member has the same group.instance.id: give each instance its own."},
    ErrorFacts{"ELIGIBLE_LEADERS_NOT_AVAILABLE", refresh,
               "No replica may lead: bring one back that is in sync, or accept losses with an unclean election."},
    ErrorFacts{"ELECTION_NOT_NEEDED", refresh, "The preferred replica leads already."},
    ErrorFacts{"NO_REASSIGNMENT_IN_PROGRESS", final, "There is no reassignment to cancel; it may be done already."},
    ErrorFacts{"GROUP_SUBSCRIBED_TO_TOPIC", final, "The group is using the topic: unsubscribe first."},
    ErrorFacts{"INVALID_RECORD", final, "The broker refuses a record; the message beside this error names it."},
    ErrorFacts{"UNSTABLE_OFFSET_COMMIT", retry,
               "A transaction with offsets of this group is not finished; it passes by itself."},
    ErrorFacts{"THROTTLING_QUOTA_EXCEEDED", retry, "The quota is used up; wait for the throttle time of the response."},
    ErrorFacts{"PRODUCER_FENCED", final, "A newer producer with the same transactional.id is at work."},
    ErrorFacts{"RESOURCE_NOT_FOUND", final, "The resource does not exist: check its name and type."},
    ErrorFacts{"DUPLICATE_RESOURCE", final, "The request names the same resource twice: name it once."},
    ErrorFacts{
        "UNACCEPTABLE_CREDENTIAL", final,
        "The broker refuses the credential: 4096 to 16384 iterations, and neither user name nor password empty."},
    ErrorFacts{"INCONSISTENT_VOTER_SET", final,
               "The voters disagree about who they are: compare controller.quorum.voters of all controllers."},
    ErrorFacts{"INVALID_UPDATE_VERSION", final,
               "This level of the feature cannot be reached: compare with the levels that all brokers support."},
    ErrorFacts{"FEATURE_UPDATE_FAILED", final, "The feature was not changed; the message beside this error says why."},
    ErrorFacts{
        "PRINCIPAL_DESERIALIZATION_FAILURE", final,
        "Brokers and controllers build principals in different ways: give all the same principal.builder.class."},
    ErrorFacts{"SNAPSHOT_NOT_FOUND", final, "The snapshot is gone; the replica asks for a newer one by itself."},
    ErrorFacts{"POSITION_OUT_OF_RANGE", final,
               "The position lies outside of the snapshot; the replica begins it anew by itself."},
    ErrorFacts{"UNKNOWN_TOPIC_ID", refresh,
               "The topic was deleted and perhaps created anew; the client looks its id up again."},
    ErrorFacts{"DUPLICATE_BROKER_REGISTRATION", final,
               "Another broker that is alive has this id: give each its own node.id."},
    ErrorFacts{
        "BROKER_ID_NOT_REGISTERED", final,
        "No broker with this id is registered: check the id, or whether the broker ever reached the controllers."},
    ErrorFacts{"INCONSISTENT_TOPIC_ID", refresh,
               "The topic was deleted and created anew; the client looks its id up again."},
    ErrorFacts{"INCONSISTENT_CLUSTER_ID", final, "The request names another cluster: check the bootstrap addresses."},
    ErrorFacts{"TRANSACTIONAL_ID_NOT_FOUND", final,
               "This coordinator knows no such transactional.id: check it; ids expire when they are not used."},
    ErrorFacts{"FETCH_SESSION_TOPIC_ID_ERROR", retry,
               "The fetch session mixes ids and names of topics; the client opens a new one by itself."},
    ErrorFacts{"INELIGIBLE_REPLICA", final,
               "The replica is fenced or shutting down and cannot be in sync; it passes by itself."},
    ErrorFacts{"NEW_LEADER_ELECTED", final, "Leadership moved in mid-request; the client asks again."},
    ErrorFacts{"OFFSET_MOVED_TO_TIERED_STORAGE", final,
               "The offset has moved to tiered storage; the client reads it from there."},
    ErrorFacts{"FENCED_MEMBER_EPOCH", final, "The member's epoch is behind; it joins again by itself."},
    ErrorFacts{"UNRELEASED_INSTANCE_ID", final,
               "The old member with this group.instance.id has not left yet: wait for its session to end."},
    ErrorFacts{"UNSUPPORTED_ASSIGNOR", final,
               "The broker has no such assignor: compare group.remote.assignor with group.consumer.assignors."},
    ErrorFacts{"STALE_MEMBER_EPOCH", final, "The member's epoch is behind; it takes the one of the next heartbeat."},
    ErrorFacts{
        "MISMATCHED_ENDPOINT_TYPE", final,
        "This is the address of a controller where a broker was expected, or the reverse: check bootstrap.servers."},
    ErrorFacts{"UNSUPPORTED_ENDPOINT_TYPE", final, "Controllers do not answer this; connect to a broker."},
    ErrorFacts{"UNKNOWN_CONTROLLER_ID", final, "No controller has this id: check it against the quorum."},
    ErrorFacts{"UNKNOWN_SUBSCRIPTION_ID", final,
               "The metrics subscription has changed; the client fetches the new one by itself."},
    ErrorFacts{"TELEMETRY_TOO_LARGE", final, "Telemetry is above telemetry.max.bytes of the broker."},
    ErrorFacts{"INVALID_REGISTRATION", final,
               "The controllers refuse the broker's registration; their logs say what does not fit."},
    ErrorFacts{"TRANSACTION_ABORTABLE", final, "Abort the transaction, then start a new one."},
    ErrorFacts{"INVALID_RECORD_STATE", final,
               "The record is not acquired by this member any more; it may be delivered again to another."},
    ErrorFacts{"SHARE_SESSION_NOT_FOUND", retry,
               "The broker has dropped the share session; the client opens a new one by itself."},
    ErrorFacts{"INVALID_SHARE_SESSION_EPOCH", retry,
               "The share session is out of step; the client opens a new one by itself."},
    ErrorFacts{"FENCED_STATE_EPOCH", final,
               "The share group's state was set anew in the meantime; the broker reads it again by itself."},
    ErrorFacts{"INVALID_VOTER_KEY", final,
               "Id and directory id do not belong to the same voter: look both up with DescribeQuorum."},
    ErrorFacts{"DUPLICATE_VOTER", final, "The controller is a voter already."},
    ErrorFacts{"VOTER_NOT_FOUND", final, "No voter has this id and directory id: look both up with DescribeQuorum."},
    ErrorFacts{"INVALID_REGULAR_EXPRESSION", final, "The subscription's regular expression is not one that RE2 takes."},
    ErrorFacts{"REBOOTSTRAP_REQUIRED", final, "The client starts again from its bootstrap addresses by itself."},
    ErrorFacts{"STREAMS_INVALID_TOPOLOGY", final,
               "The topology makes no sense to the broker; the message beside this error says why."},
    ErrorFacts{"STREAMS_INVALID_TOPOLOGY_EPOCH", final,
               "The topology's epoch does not follow the group's: all members must run the same release."},
    ErrorFacts{"STREAMS_TOPOLOGY_FENCED", final, "The group runs a newer topology: upgrade this member."},
    ErrorFacts{"SHARE_SESSION_LIMIT_REACHED", retry,
               "The broker has no room for another share session; it passes by itself."},
};

const ErrorFacts* find(ErrorCode code) {
  const int at = static_cast<int>(code) - first_code;
  return at >= 0 && at < static_cast<int>(facts.size()) ? &facts[static_cast<std::size_t>(at)] : nullptr;
}

}  // namespace

string name(ErrorCode code) {
  const ErrorFacts* const error = find(code);
  return error == nullptr ? "UNKNOWN" : error->name;
}

std::string error_name(int16 code) {
  const ErrorFacts* const error = find(ErrorCode{code});
  return error == nullptr ? "UNKNOWN(" + std::to_string(code) + ")" : std::string(error->name);
}

bool retriable(ErrorCode code) {
  const ErrorFacts* const error = find(code);
  return error != nullptr && error->retry != final;
}

bool wants_metadata(ErrorCode code) {
  const ErrorFacts* const error = find(code);
  return error != nullptr && error->retry == refresh;
}

string advice(ErrorCode code) {
  const ErrorFacts* const error = find(code);
  return error == nullptr ? "" : error->advice;
}

}  // namespace barnabas::protocol
