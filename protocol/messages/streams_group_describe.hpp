// StreamsGroupDescribe (key 89): what streams groups look like from the inside.
#pragma once

#include <limits>

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct StreamsGroupDescribeResponse;

/// Asks the coordinator of the groups (KIP-1071).
struct StreamsGroupDescribeRequest {
  using Response = StreamsGroupDescribeResponse;
  static constexpr Api api{.key = 89, .versions = "0", .flexible = "0+"};

  Field<list<string>> group_ids;
  Field<bool> include_authorized_operations;
};

/// One answer a group.
struct StreamsGroupDescribeResponse {
  static constexpr Api api{.key = 89, .versions = "0", .flexible = "0+"};

  struct KeyValue {
    Field<string> key;
    Field<string> value;
  };
  struct TopicInfo {
    Field<string> name;
    Field<int32> partitions;
    Field<int16> replication_factor;
    Field<list<KeyValue>> topic_configs;
  };
  struct Subtopology {
    Field<string> subtopology_id;
    Field<list<string>> source_topics;
    Field<list<string>> repartition_sink_topics;
    Field<list<TopicInfo>> state_changelog_topics;
    Field<list<TopicInfo>> repartition_source_topics;
  };
  struct Topology {
    Field<int32> epoch;
    Field<nullable<list<Subtopology>>> subtopologies;
  };
  struct Endpoint {
    Field<string> host;
    Field<uint16> port;
  };
  struct TaskOffset {
    Field<string> subtopology_id;
    Field<int32> partition;
    Field<Offset> offset;
  };
  struct TaskIds {
    Field<string> subtopology_id;
    Field<list<int32>> partitions;
  };
  struct Assignment {
    Field<list<TaskIds>> active_tasks;
    Field<list<TaskIds>> standby_tasks;
    Field<list<TaskIds>> warmup_tasks;
  };
  struct Member {
    Field<string> member_id;
    Field<int32> member_epoch;
    Field<nullable<string>> instance_id;
    Field<nullable<string>> rack_id;
    Field<string> client_id;
    Field<string> client_host;
    Field<int32> topology_epoch;
    Field<string> process_id;
    Field<nullable<Endpoint>> user_endpoint;
    Field<list<KeyValue>> client_tags;
    Field<list<TaskOffset>> task_offsets;
    Field<list<TaskOffset>> task_end_offsets;
    Field<Assignment> assignment;
    /// Where the member shall get to; assignment is where it is.
    Field<Assignment> target_assignment;
    /// The member has not moved to the streams protocol yet.
    Field<bool> is_classic;
  };
  struct Group {
    Field<int16> error_code;
    Field<nullable<string>> error_message;
    Field<string> group_id;
    Field<string> group_state;
    Field<int32> group_epoch;
    Field<int32> assignment_epoch;
    /// Null = not known yet.
    Field<nullable<Topology>> topology;
    Field<list<Member>> members;
    /// A bit for each AclOperation; the smallest int32 = was not asked.
    Field<int32> authorized_operations{std::numeric_limits<int32>::min()};
  };

  Field<Millis> throttle_time_ms;
  Field<list<Group>> groups;
};

}  // namespace barnabas::protocol
