// Messages to and from bytes: the tables of protocol/, and the same messages written by hand. Prints a line a case:
//   case=metadata_decode who=barnabas ns=… (median of the rounds)
// With a directory as argument it writes the bodies there first, for the programs in other languages; a second argument
// is a part of "CASE WHO" to measure that alone.
#include <fstream>

#include "barnabas/protocol/codec.hpp"
#include "barnabas/protocol/messages/join_group.hpp"
#include "barnabas/protocol/messages/metadata.hpp"
#include "barnabas/protocol/messages/offset_fetch.hpp"
#include "handwritten.hpp"
#include "measure.hpp"

namespace {

using namespace barnabas::protocol;
namespace bench = barnabas::bench;

using bench::measure;
using bench::require;

/// 1,000 topics of 10 partitions of 3 replicas.
MetadataResponse metadata(Arena& arena) {
  const list<int32> replicas = arena.make_list<int32>(3);
  for (int32 i = 0; i < 3; ++i) replicas[static_cast<std::size_t>(i)] = i + 1;
  MetadataResponse message;
  message.brokers = arena.make_list<MetadataResponse::Broker>(3);
  int32 node = 0;
  for (MetadataResponse::Broker& broker : *message.brokers) {
    broker.node_id = ++node;
    broker.host = "broker.example.internal";
    broker.port = 9092;
    broker.rack = string("zone-a");
  }
  message.cluster_id = string("MkU3OEVBNTcwNTJENDM2Qg");
  message.controller_id = 1;
  message.topics = arena.make_list<MetadataResponse::Topic>(1000);
  int number = 0;
  for (MetadataResponse::Topic& topic : *message.topics) {
    topic.name = arena.copy(string(fmt::format("orders-by-region-{:04}", ++number)));
    topic.topic_id->octets.fill(static_cast<unsigned char>(number));
    topic.partitions = arena.make_list<MetadataResponse::Partition>(10);
    int32 index = 0;
    for (MetadataResponse::Partition& partition : *topic.partitions) {
      partition.partition_index = index++;
      partition.leader_id = 1 + index % 3;
      partition.leader_epoch = 7;
      partition.replica_nodes = replicas;
      partition.isr_nodes = replicas;
    }
  }
  return message;
}

/// 100 topics of 100 partitions.
OffsetFetchResponse offset_fetch(Arena& arena) {
  OffsetFetchResponse message;
  message.groups = arena.make_list<OffsetFetchResponse::Group>(1);
  OffsetFetchResponse::Group& group = message.groups[0];
  group.group_id = "checkout";
  group.topics = arena.make_list<std::remove_cvref_t<decltype(group.topics[0])>>(100);
  int number = 0;
  for (auto& topic : *group.topics) {
    topic.name = arena.copy(string(fmt::format("orders-by-region-{:04}", ++number)));
    topic.partitions = arena.make_list<std::remove_cvref_t<decltype(topic.partitions[0])>>(100);
    int32 index = 0;
    for (auto& partition : *topic.partitions) {
      partition.partition_index = index++;
      partition.committed_offset = 1'000'000'000 + index;
      partition.committed_leader_epoch = 7;
      partition.metadata = string("");
    }
  }
  return message;
}

/// 500 members, as their leader sees them.
JoinGroupResponse join_group(Arena& arena) {
  JoinGroupResponse message;
  message.generation_id = 42;
  message.protocol_type = string("consumer");
  message.protocol_name = string("cooperative-sticky");
  message.members = arena.make_list<JoinGroupResponse::Member>(500);
  int number = 0;
  for (JoinGroupResponse::Member& member : *message.members) {
    member.member_id = arena.copy(string(fmt::format("checkout-{:04}-3a2f1c5e-8b7d-4e6f-9a0b-1c2d3e4f5a6b", ++number)));
    member.metadata = arena.copy(bytes(std::string(180, 's')));
  }
  message.leader = message.members[0].member_id;
  message.member_id = message.members[0].member_id;
  return message;
}

template <class M, class H>
void compare(const std::string& name, int16 version, M (*make)(Arena&), const char* directory) {
  Arena arena;
  const M message = make(arena);
  const auto encoded = encode(message, version);
  require(encoded.has_value(), "cannot be encoded");
  const std::string& body = *encoded;
  if (directory != nullptr) {
    std::ofstream(std::string(directory) + "/" + name, std::ios::binary) << body;
  }
  H by_hand;
  handwritten::decode(body, by_hand);
  require(handwritten::encode(by_hand) == body, "by hand it comes out different");
  Arena fresh;
  const auto back = decode<M>(body, version, fresh);
  require(back && equal(*back, message), "does not survive");
  fmt::print("case={} bytes={} arena={}\n", name, body.size(), fresh.bytes());

  measure(name + "_decode", "barnabas", [&] {
    Arena scratch;
    require(decode<M>(body, version, scratch).has_value(), "refused");
  });
  measure(name + "_decode", "by_hand", [&] {
    H to;
    handwritten::decode(body, to);
  });
  measure(name + "_encode", "barnabas", [&] { require(encode(message, version)->size() == body.size(), "size"); });
  // Into a buffer that is there already.
  std::string buffer(body.size(), '\0');
  measure(name + "_reencode", "barnabas", [&] {
    require(measure(message_info<M>(), &message, version) == buffer.size(), "size");
    write(message_info<M>(), &message, version, buffer.data());
  });
  measure(name + "_encode", "by_hand", [&] { require(handwritten::encode(by_hand).size() == body.size(), "size"); });
}

}  // namespace

int main(int argc, char** argv) {
  bench::keep_memory();
  const char* const directory = argc > 1 && *argv[1] != 0 ? argv[1] : nullptr;
  if (argc > 2) bench::only = argv[2];
  compare<MetadataResponse, handwritten::MetadataResponse>("metadata", 12, metadata, directory);
  compare<OffsetFetchResponse, handwritten::OffsetFetchResponse>("offset_fetch", 8, offset_fetch, directory);
  compare<JoinGroupResponse, handwritten::JoinGroupResponse>("join_group", 9, join_group, directory);
  return 0;
}
