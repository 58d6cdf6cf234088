// The bytes that members of a classic group send each other through the coordinator.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "barnabas/group/assignors/assignor.hpp"
#include "barnabas/protocol/types.hpp"

namespace barnabas::group {

/// Subscription version 3, as the Java client sends it: with owned partitions, generation and rack.
std::string encode_subscription(const MemberSubscription& member);
/// Fills everything but the ids of `member`. Any version; the error says what is wrong with the bytes.
std::expected<void, std::string> decode_subscription(protocol::bytes data, MemberSubscription& member);

/// Assignment version 3. `partitions` are sorted.
std::string encode_assignment(const std::vector<client::TopicPartition>& partitions);
/// No bytes at all mean that nothing is assigned.
std::expected<std::vector<client::TopicPartition>, std::string> decode_assignment(protocol::bytes data);

}  // namespace barnabas::group
