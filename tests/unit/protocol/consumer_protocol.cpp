#include "barnabas/protocol/messages/consumer_protocol.hpp"

#include <array>

#include "support.hpp"

namespace barnabas::protocol::test {

TEST_CASE("subscriptions carry their version in front") {
  std::array<string, 2> topics{"a", "bc"};
  std::array<int32, 1> partitions{3};
  std::array<ConsumerProtocolSubscription::TopicPartition, 1> owned{};
  owned[0].topic = "a";
  owned[0].partitions = partitions;
  ConsumerProtocolSubscription subscription;
  subscription.topics = topics;
  CHECK(dump(encode_versioned(subscription, 0).value()) ==
        dump(octets("00 00 | 00 00 00 02 | 00 01 'a' | 00 02 'bc' | ff ff ff ff")));
  subscription.owned_partitions = owned;
  subscription.generation_id = 6;
  subscription.rack_id = "r";
  const std::string newest = encode_versioned(subscription, 3).value();
  CHECK(dump(newest) == dump(octets("00 03 | 00 00 00 02 | 00 01 'a' | 00 02 'bc' | ff ff ff ff"
                                    " | 00 00 00 01 00 01 'a' 00 00 00 01 00 00 00 03 | 00 00 00 06 | 00 01 'r'")));
  Arena arena;
  const auto back = decode_versioned<ConsumerProtocolSubscription>(newest, arena);
  REQUIRE(back.has_value());
  CHECK(equal(*back, subscription));
  CHECK_FALSE(encode_versioned(subscription, 4).has_value());
}

TEST_CASE("members of later releases are understood") {
  Arena arena;
  const auto assignment = decode_versioned<ConsumerProtocolAssignment>(
      octets("00 09 | 00 00 00 01 00 01 'a' 00 00 00 01 00 00 00 03 | ff ff ff ff | aa bb cc"), arena);
  REQUIRE(assignment.has_value());
  REQUIRE(assignment->assigned_partitions.size() == 1);
  CHECK(assignment->assigned_partitions[0].partitions[0] == 3);
  CHECK_FALSE(assignment->user_data);
}

TEST_CASE("no bytes mean that nothing is assigned") {
  Arena arena;
  const auto assignment = decode_versioned<ConsumerProtocolAssignment>({}, arena);
  REQUIRE(assignment.has_value());
  CHECK(assignment->assigned_partitions.empty());
}

TEST_CASE("broken assignments are refused") {
  Arena arena;
  const auto refusal = [&](std::string_view text) {
    const std::string data = octets(text);
    return decode_versioned<ConsumerProtocolAssignment>(data, arena).error().text();
  };
  CHECK(refusal("00") == "version: needs 2 bytes, 1 is left (at byte 0)");
  CHECK(refusal("ff ff 00 00 00 00 ff ff ff ff") == "version: version -1 (at byte 0)");
  CHECK(refusal("00 00 | 00 00 00") == "assigned_partitions: needs 4 bytes, 3 are left (at byte 2)");
  CHECK(refusal("00 00 | 00 00 00 02 | 00 00 00 00 00 00") ==
        "assigned_partitions: 2 elements cannot fit in the 6 bytes left (at byte 6)");
}

}  // namespace barnabas::protocol::test
