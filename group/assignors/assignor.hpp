// How a group's leader divides partitions among members.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "barnabas/client/topic_partition.hpp"

namespace barnabas::group {

/// What one member said about itself when it joined.
struct MemberSubscription {
  std::string member_id;
  std::string group_instance_id;  ///< empty for a dynamic member
  std::vector<std::string> topics;
  std::string user_data;
  std::vector<client::TopicPartition> owned_partitions;
  std::int32_t generation = -1;
  std::string rack;  ///< client.rack; empty = none
};

/// One topic as the leader's metadata knows it: for each partition the racks of its replicas, empty when unknown.
struct TopicShape {
  explicit TopicShape(std::size_t partition_count = 0) : racks(partition_count) {}
  std::vector<std::set<std::string>> racks;
};

/// Topics that do not exist are left out.
using TopicShapes = std::map<std::string, TopicShape>;
/// By member id; every member has an entry. Partitions are sorted.
using Assignments = std::map<std::string, std::vector<client::TopicPartition>>;

/// Pure: no clock, no network, no state. Any thread.
class Assignor {
 public:
  virtual ~Assignor() = default;
  /// Kafka's name of the protocol, as in "range".
  virtual std::string_view name() const = 0;
  /// Whether members keep their partitions while the group divides anew (KIP-429): what moves is first taken from one
  /// member, and given to the other in the next generation.
  virtual bool cooperative() const { return false; }
  /// What a member tells the leader beside its topics: the assignment that it was given last, and in which generation
  /// (-1: none).
  virtual std::string user_data(const std::vector<client::TopicPartition>& /*assigned*/,
                                std::int32_t /*generation*/) const {
    return {};
  }
  /// Every partition of every topic that a member subscribed to goes to exactly one such member.
  virtual Assignments assign(const TopicShapes& topics, const std::vector<MemberSubscription>& members) const = 0;
};

/// By Kafka's name or the Java client's class name, with or without its package. Null when there is no such assignor.
/// Any thread.
const Assignor* find_assignor(std::string_view name);
/// All names, for messages: "range, roundrobin, sticky, cooperative-sticky". Any thread.
std::string assignor_names();
/// Adds an assignor of the program's own to those that partition.assignment.strategy can name, for as long as the
/// process lives. All members of a group must have it. Throws std::invalid_argument for null, for an empty name and for
/// one that is taken. Any thread, before the first consumer that names it.
void register_assignor(std::unique_ptr<Assignor> assignor);

/// Order of strings as Java compares them: by UTF-16 units, which puts U+10000 and above before U+E000.
bool java_less(std::string_view a, std::string_view b);
/// Members in the order in which every assignor walks them: static members by instance id, then the others by member
/// id.
std::vector<const MemberSubscription*> in_order(const std::vector<MemberSubscription>& members);

}  // namespace barnabas::group
