// Messages against bytes that were put together by hand from the protocol's description.
#include <array>

#include "barnabas/protocol/messages/api_versions.hpp"
#include "barnabas/protocol/messages/fetch.hpp"
#include "barnabas/protocol/messages/find_coordinator.hpp"
#include "barnabas/protocol/messages/heartbeat.hpp"
#include "barnabas/protocol/messages/join_group.hpp"
#include "barnabas/protocol/messages/list_offsets.hpp"
#include "barnabas/protocol/messages/metadata.hpp"
#include "barnabas/protocol/messages/offset_commit.hpp"
#include "barnabas/protocol/messages/offset_fetch.hpp"
#include "barnabas/protocol/messages/produce.hpp"
#include "support.hpp"

namespace barnabas::protocol::test {

TEST_CASE("Heartbeat") {
  HeartbeatRequest request;
  request.group_id = "g";
  request.generation_id = 5;
  request.member_id = "m";
  check_bytes(request, 0, "00 01 67 | 00 00 00 05 | 00 01 6d");
  check_bytes(request, 3, "00 01 67 | 00 00 00 05 | 00 01 6d | ff ff");
  check_bytes(request, 4, "02 67 | 00 00 00 05 | 02 6d | 00 | 00");
  request.group_instance_id = "i1";
  check_bytes(request, 3, "00 01 67 | 00 00 00 05 | 00 01 6d | 00 02 69 31");
  check_bytes(request, 4, "02 67 | 00 00 00 05 | 02 6d | 03 69 31 | 00");

  HeartbeatResponse response;
  response.error_code = 27;
  check_bytes(response, 0, "00 1b");
  response.throttle_time_ms = 258;
  check_bytes(response, 1, "00 00 01 02 | 00 1b");
  check_bytes(response, 4, "00 00 01 02 | 00 1b | 00");
}

TEST_CASE("ApiVersions") {
  ApiVersionsRequest request;
  check_bytes(request, 0, "");
  check_bytes(request, 2, "");
  request.client_software_name = "barnabas";
  request.client_software_version = "0.1";
  check_bytes(request, 3, "09 'barnabas' | 04 '0.1' | 00");

  std::array<ApiVersionsResponse::ApiVersion, 2> keys{};
  keys[0].api_key = 1;
  keys[0].min_version = 4;
  keys[0].max_version = 18;
  keys[1].api_key = 18;
  keys[1].max_version = 4;
  ApiVersionsResponse response;
  response.api_keys = keys;
  check_bytes(response, 0, "00 00 | 00 00 00 02 | 00 01 00 04 00 12 | 00 12 00 00 00 04");
  check_bytes(response, 1, "00 00 | 00 00 00 02 | 00 01 00 04 00 12 | 00 12 00 00 00 04 | 00 00 00 00");
  check_bytes(response, 3, "00 00 | 03 | 00 01 00 04 00 12 00 | 00 12 00 00 00 04 00 | 00 00 00 00 | 00");

  std::array<ApiVersionsResponse::FinalizedFeature, 1> features{};
  features[0].name = "kv";
  features[0].max_version_level = 9;
  features[0].min_version_level = 1;
  response.api_keys = {};
  response.finalized_features_epoch = 3;
  response.finalized_features = features;
  response.zk_migration_ready = true;
  check_bytes(response, 3,
              "00 00 | 01 | 00 00 00 00 | 03"
              " | 01 08 00 00 00 00 00 00 00 03"        // tag 1
              " | 02 09 | 02 | 03 'kv' 00 09 00 01 00"  // tag 2
              " | 03 01 01");                           // tag 3
}

TEST_CASE("Metadata asks for some, none or all topics") {
  MetadataRequest request;
  check_bytes(request, 0, "00 00 00 00");
  check_bytes(request, 1, "00 00 00 00");
  check_bytes(request, 4, "00 00 00 00 | 01");
  check_bytes(request, 9, "01 | 01 | 00 | 00 | 00");
  check_bytes(request, 12, "01 | 01 | 00 | 00");
  request.topics = std::nullopt;
  check_bytes(request, 1, "ff ff ff ff");
  check_bytes(request, 8, "ff ff ff ff | 01 | 00 | 00");
  check_bytes(request, 9, "00 | 01 | 00 | 00 | 00");
  check_bytes(request, 13, "00 | 01 | 00 | 00");

  std::array<MetadataRequest::Topic, 1> topics;
  topics[0].name = "abc";
  request.topics = topics;
  request.allow_auto_topic_creation = false;
  check_bytes(request, 4, "00 00 00 01 | 00 03 'abc' | 00");
  check_bytes(request, 9, "02 | 04 'abc' 00 | 00 | 00 | 00 | 00");
  check_bytes(request, 10, "02 | 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 04 'abc' 00 | 00 | 00 | 00 | 00");
  topics[0].name = std::nullopt;
  topics[0].topic_id = Uuid{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};
  check_bytes(request, 12, "02 | 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10 00 00 | 00 | 00 | 00");
}

TEST_CASE("Metadata answers") {
  MetadataResponse response;
  std::array<MetadataResponse::Broker, 1> brokers{};
  brokers[0].node_id = 1;
  brokers[0].host = "h";
  brokers[0].port = 9092;
  std::array<int32, 2> replicas{1, 2};
  std::array<MetadataResponse::Partition, 1> partitions{};
  partitions[0].partition_index = 7;
  partitions[0].leader_id = 1;
  partitions[0].replica_nodes = replicas;
  std::array<MetadataResponse::Topic, 1> topics{};
  topics[0].error_code = 3;
  topics[0].name = "t";
  topics[0].partitions = partitions;
  response.brokers = brokers;
  response.topics = topics;
  check_bytes(response, 0,
              "00 00 00 01 | 00 00 00 01 00 01 'h' 00 00 23 84"
              " | 00 00 00 01 | 00 03 00 01 't' | 00 00 00 01"
              " | 00 00 00 00 00 07 00 00 00 01 | 00 00 00 02 00 00 00 01 00 00 00 02 | 00 00 00 00");
  response.controller_id = 1;
  topics[0].is_internal = true;
  partitions[0].leader_epoch = 6;
  topics[0].topic_authorized_operations = 5;
  check_bytes(response, 12,
              "00 00 00 00 | 02 | 00 00 00 01 02 'h' 00 00 23 84 00 00 | 00 | 00 00 00 01"
              " | 02 | 00 03 02 't' 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01"
              " | 02 | 00 00 00 00 00 07 00 00 00 01 00 00 00 06 | 03 00 00 00 01 00 00 00 02 | 01 | 01 | 00"
              " | 00 00 00 05 00 | 00");
}

TEST_CASE("Fetch asks") {
  std::array<FetchRequest::Partition, 1> partitions{};
  partitions[0].partition = 2;
  partitions[0].fetch_offset = 300;
  partitions[0].partition_max_bytes = 1024;
  std::array<FetchRequest::Topic, 1> topics{};
  topics[0].topic = "t";
  topics[0].partitions = partitions;
  FetchRequest request;
  request.max_wait_ms = 500;
  request.min_bytes = 1;
  request.topics = topics;
  check_bytes(request, 0,
              "ff ff ff ff | 00 00 01 f4 | 00 00 00 01"
              " | 00 00 00 01 00 01 't' 00 00 00 01 | 00 00 00 02 | 00 00 00 00 00 00 01 2c | 00 00 04 00");
  request.isolation_level = 1;
  check_bytes(request, 4,
              "ff ff ff ff | 00 00 01 f4 | 00 00 00 01 | 7f ff ff ff | 01"
              " | 00 00 00 01 00 01 't' 00 00 00 01 | 00 00 00 02 | 00 00 00 00 00 00 01 2c | 00 00 04 00");
  request.cluster_id = "c";
  request.session_epoch = 0;
  check_bytes(request, 12,
              "ff ff ff ff | 00 00 01 f4 | 00 00 00 01 | 7f ff ff ff | 01 | 00 00 00 00 | 00 00 00 00"
              " | 02 02 't' 02 | 00 00 00 02 | ff ff ff ff | 00 00 00 00 00 00 01 2c | ff ff ff ff"
              " | ff ff ff ff ff ff ff ff | 00 00 04 00 | 00 | 00"
              " | 01 | 01 | 01 00 02 02 'c'");
  topics[0].topic = "";
  topics[0].topic_id = Uuid{{9}};
  FetchRequest::ReplicaState state;
  state.replica_id = 3;
  request.cluster_id = std::nullopt;
  request.replica_state = state;
  partitions[0].high_watermark = 1;
  check_bytes(
      request, 18,
      "00 00 01 f4 | 00 00 00 01 | 7f ff ff ff | 01 | 00 00 00 00 | 00 00 00 00"
      " | 02 09 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 02 | 00 00 00 02 | ff ff ff ff | 00 00 00 00 00 00 01 2c"
      " | ff ff ff ff | ff ff ff ff ff ff ff ff | 00 00 04 00 | 01 01 08 00 00 00 00 00 00 00 01 | 00"
      " | 01 | 01 | 01 01 0d 00 00 00 03 ff ff ff ff ff ff ff ff 00");
}

TEST_CASE("Fetch answers") {
  const std::string records = "RRR";
  std::array<FetchResponse::Aborted, 1> aborted{};
  aborted[0].producer_id = 4;
  aborted[0].first_offset = 5;
  std::array<FetchResponse::Partition, 1> partitions{};
  partitions[0].high_watermark = 10;
  partitions[0].records = bytes(records.data(), records.size());
  std::array<FetchResponse::Topic, 1> topics{};
  topics[0].topic = "t";
  topics[0].partitions = partitions;
  FetchResponse response;
  response.responses = topics;
  check_bytes(response, 0,
              "00 00 00 01 00 01 't' 00 00 00 01 | 00 00 00 00 | 00 00 | 00 00 00 00 00 00 00 0a | 00 00 00 03 'RRR'");
  partitions[0].aborted_transactions = std::nullopt;
  check_bytes(response, 4,
              "00 00 00 00 | 00 00 00 01 00 01 't' 00 00 00 01 | 00 00 00 00 | 00 00 | 00 00 00 00 00 00 00 0a"
              " | ff ff ff ff ff ff ff ff | ff ff ff ff | 00 00 00 03 'RRR'");
  partitions[0].aborted_transactions = aborted;
  partitions[0].records = std::nullopt;
  FetchResponse::LeaderIdAndEpoch leader;
  leader.leader_id = 2;
  leader.leader_epoch = 8;
  partitions[0].current_leader = leader;
  partitions[0].error_code = 6;
  check_bytes(response, 12,
              "00 00 00 00 | 00 00 | 00 00 00 00 | 02 02 't' 02 | 00 00 00 00 | 00 06 | 00 00 00 00 00 00 00 0a"
              " | ff ff ff ff ff ff ff ff | ff ff ff ff ff ff ff ff"
              " | 02 00 00 00 00 00 00 00 04 00 00 00 00 00 00 00 05 00 | ff ff ff ff | 00"
              " | 01 01 09 00 00 00 02 00 00 00 08 00 | 00 | 00");
}

TEST_CASE("FindCoordinator before and after it learned to ask for several") {
  FindCoordinatorRequest one;
  one.key = "g";
  check_bytes(one, 0, "00 01 'g'");
  check_bytes(one, 1, "00 01 'g' | 00");
  check_bytes(one, 3, "02 'g' | 00 | 00");
  std::array<string, 2> keys{"g", "hh"};
  FindCoordinatorRequest several;
  several.coordinator_keys = keys;
  several.key_type = FindCoordinatorRequest::transaction;
  check_bytes(several, 4, "01 | 03 02 'g' 03 'hh' | 00");
}

TEST_CASE("JoinGroup answers before and after the protocol name could be null") {
  JoinGroupResponse response;
  response.member_id = "m";
  check_bytes(response, 0, "00 00 | ff ff ff ff | 00 00 | 00 00 | 00 01 'm' | 00 00 00 00");
  check_bytes(response, 6, "00 00 00 00 | 00 00 | ff ff ff ff | 01 | 01 | 02 'm' | 01 | 00");
  response.protocol_name = std::nullopt;
  check_bytes(response, 7, "00 00 00 00 | 00 00 | ff ff ff ff | 00 | 00 | 01 | 02 'm' | 01 | 00");
  response.skip_assignment = true;
  check_bytes(response, 9, "00 00 00 00 | 00 00 | ff ff ff ff | 00 | 00 | 01 | 01 | 02 'm' | 01 | 00");
}

TEST_CASE("ListOffsets") {
  std::array<ListOffsetsRequest::Partition, 1> partitions{};
  partitions[0].timestamp = ListOffsetsRequest::earliest;
  std::array<ListOffsetsRequest::Topic, 1> topics{};
  topics[0].name = "t";
  topics[0].partitions = partitions;
  ListOffsetsRequest request;
  request.replica_id = -1;
  request.topics = topics;
  check_bytes(request, 0,
              "ff ff ff ff | 00 00 00 01 00 01 't' 00 00 00 01 | 00 00 00 00 | ff ff ff ff ff ff ff fe | 00 00 00 01");
  check_bytes(request, 1, "ff ff ff ff | 00 00 00 01 00 01 't' 00 00 00 01 | 00 00 00 00 | ff ff ff ff ff ff ff fe");
  check_bytes(request, 6,
              "ff ff ff ff | 00 | 02 02 't' 02 | 00 00 00 00 | ff ff ff ff | ff ff ff ff ff ff ff fe | 00 | 00 | 00");
}

TEST_CASE("OffsetCommit and OffsetFetch go from names to ids") {
  std::array<OffsetCommitRequest::Partition, 1> partitions{};
  partitions[0].committed_offset = 9;
  partitions[0].committed_metadata = std::nullopt;
  std::array<OffsetCommitRequest::Topic, 1> topics{};
  topics[0].name = "t";
  topics[0].partitions = partitions;
  OffsetCommitRequest commit;
  commit.group_id = "g";
  commit.generation_id_or_member_epoch = 3;
  commit.member_id = "m";
  commit.topics = topics;
  check_bytes(commit, 2,
              "00 01 'g' | 00 00 00 03 | 00 01 'm' | ff ff ff ff ff ff ff ff"
              " | 00 00 00 01 00 01 't' 00 00 00 01 | 00 00 00 00 | 00 00 00 00 00 00 00 09 | ff ff");
  topics[0].name = "";
  topics[0].topic_id = Uuid{{1}};
  partitions[0].committed_metadata = "x";
  check_bytes(commit, 10,
              "02 'g' | 00 00 00 03 | 02 'm' | 00 | 02 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"
              " 02 | 00 00 00 00 | 00 00 00 00 00 00 00 09 | ff ff ff ff | 02 'x' | 00 | 00 | 00");

  OffsetFetchRequest fetch;
  fetch.group_id = "g";
  fetch.topics = std::nullopt;
  check_bytes(fetch, 2, "00 01 'g' | ff ff ff ff");
  std::array<OffsetFetchRequest::Group, 1> groups;
  groups[0].group_id = "g";
  groups[0].topics = std::nullopt;
  OffsetFetchRequest batch;
  batch.groups = groups;
  batch.require_stable = true;
  check_bytes(batch, 8, "02 | 02 'g' 00 00 | 01 | 00");
  check_bytes(batch, 9, "02 | 02 'g' 00 ff ff ff ff 00 00 | 01 | 00");
}

TEST_CASE("Produce") {
  const std::string records = "batch";
  std::array<ProduceRequest::Partition, 1> partitions{};
  partitions[0].index = 1;
  partitions[0].records = bytes(records.data(), records.size());
  std::array<ProduceRequest::Topic, 1> topics{};
  topics[0].name = "t";
  topics[0].partition_data = partitions;
  ProduceRequest request;
  request.acks = -1;
  request.timeout_ms = 1000;
  request.topic_data = topics;
  check_bytes(request, 3,
              "ff ff | ff ff | 00 00 03 e8 | 00 00 00 01 00 01 't' 00 00 00 01 | 00 00 00 01 | 00 00 00 05 'batch'");
  check_bytes(request, 9, "00 | ff ff | 00 00 03 e8 | 02 02 't' 02 | 00 00 00 01 | 06 'batch' | 00 | 00 | 00");
}

}  // namespace barnabas::protocol::test
