// One version of a message in the notation of Kafka's protocol guide; all versions together are in properties.cpp.
#include <doctest/doctest.h>

#include <algorithm>

#include "barnabas/protocol/messages/registry.hpp"

namespace barnabas::protocol {

namespace {

std::string described(string name, int version) {
  const MessageInfo* const info = find_message(name);
  REQUIRE(info != nullptr);
  return '\n' + describe(*info, version);
}

/// Lines that the fields of `info` take in a version.
int lines_of(const StructInfo& info, int version) {
  int lines = 0;
  for (const FieldInfo& field : info.fields) {
    if (!field.in(version)) continue;
    const TypeInfo& inner = field.type.kind == Kind::list ? *field.type.element : field.type;
    lines += 1 + (inner.kind == Kind::structure ? lines_of(*inner.of, version) : 0);
  }
  return lines;
}

}  // namespace

TEST_CASE("an old version") {
  CHECK(described("DescribeConfigsRequest", 1) == R"(
DescribeConfigs Request (Version: 1) => [resources] include_synonyms
  resources => resource_type resource_name [configuration_keys]
    resource_type => INT8
    resource_name => STRING
    configuration_keys => nullable STRING
  include_synonyms => BOOLEAN
)");
}

TEST_CASE("a flexible version has compact types and tagged fields, in the order of the bytes") {
  CHECK(described("UpdateRaftVoterResponse", 0) == R"(
UpdateRaftVoter Response (Version: 0) => throttle_time_ms error_code _tagged_fields
  throttle_time_ms => INT32
  error_code => INT16
  current_leader (tag 0) => leader_id leader_epoch host port _tagged_fields
    leader_id => INT32  (default -1)
    leader_epoch => INT32  (default -1)
    host => COMPACT_STRING
    port => INT32
)");
  CHECK(described("ConsumerGroupHeartbeatResponse", 0) == R"(
ConsumerGroupHeartbeat Response (Version: 0) => throttle_time_ms error_code error_message member_id member_epoch heartbeat_interval_ms assignment _tagged_fields
  throttle_time_ms => INT32
  error_code => INT16
  error_message => COMPACT_NULLABLE_STRING  (default null)
  member_id => COMPACT_NULLABLE_STRING  (default null)
  member_epoch => INT32
  heartbeat_interval_ms => INT32
  assignment => nullable [topic_partitions] _tagged_fields  (default null)
    topic_partitions => topic_id [partitions] _tagged_fields
      topic_id => UUID
      partitions => INT32
)");
}

TEST_CASE("the client id in a request header is never compact") {
  CHECK(described("RequestHeader", 2) == R"(
RequestHeader (Version: 2) => request_api_key request_api_version correlation_id client_id _tagged_fields
  request_api_key => INT16
  request_api_version => INT16
  correlation_id => INT32
  client_id => NULLABLE_STRING
)");
}

TEST_CASE("records and unstable versions say so") {
  CHECK(described("ProduceRequest", 9).find("records => COMPACT_NULLABLE_RECORDS  (default null)\n") !=
        std::string::npos);
  CHECK(described("ShareFetchRequest", 0).starts_with("\nShareFetch Request (Version: 0, unstable) =>"));
  CHECK(described("ShareFetchRequest", 1).starts_with("\nShareFetch Request (Version: 1) =>"));
}

TEST_CASE("a line for each field of each version") {
  for (const MessageInfo* info : all_messages()) {
    for (int version = info->api.versions.lo; version <= info->api.versions.hi; ++version) {
      CAPTURE(std::string(info->name));
      CAPTURE(version);
      CHECK(std::ranges::count(describe(*info, version), '\n') == 1 + lines_of(*info->root, version));
    }
    CHECK(describe(*info, info->api.versions.hi + 1).empty());
    CHECK(describe(*info, -1).empty());
  }
}

}  // namespace barnabas::protocol
