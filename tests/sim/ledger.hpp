// What was written, what arrived and what was committed, partition by partition.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "barnabas/client/topic_partition.hpp"
#include "barnabas/fixtures/broker/broker.hpp"
#include "barnabas/fixtures/sim/invariants.hpp"
#include "barnabas/tests/sim/shape.hpp"

namespace barnabas::tests::sim {

/// "topic/partition/number/" and what fills it up: a record says where it belongs.
struct Label {
  std::string topic;
  std::int32_t partition = -1;
  std::int64_t number = -1;
  std::string text() const;
  /// Throws std::runtime_error for what no producer of this world has written.
  static Label read(std::string_view value);
};

/// Reads the brokers' logs and commits, and holds what happens against them, beyond what Invariants can know:
/// - each producer's records stand in the log in order, without gaps;
/// - no record arrives for the first time before all those in front of it have arrived;
/// - nothing below a committed offset has not arrived, and without faults commits do not fall;
/// - at the end everything has arrived and everything is committed.
/// Records for Workers are known by offset, those for the sink by number, as a retried batch may stand in the log
/// twice.
class Ledger {
 public:
  using Partition = client::TopicPartition;
  using OnViolation = std::function<void(const std::string&)>;

  Ledger(const fixtures::broker::Broker& broker, fixtures::sim::Invariants& invariants, const Shape& shape,
         OnViolation on_violation);

  /// Reads what is new in logs and commits.
  void look();
  /// A Worker has this record in its hands.
  void delivered(const Partition& partition, std::int64_t offset, std::string_view value);
  /// The sink has taken this record.
  void arrived(const Label& label);

  /// Empty when all that was written has arrived and is committed; else what is missing.
  std::string missing() const;
  /// Throws when the log does not hold exactly the numbers below `count`.
  void check_written(const Partition& partition, std::int64_t count);
  std::uint64_t arrivals() const { return arrivals_; }
  std::uint64_t repeated_arrivals() const { return repeated_arrivals_; }

 private:
  struct Book {
    const fixtures::broker::PartitionLog* log = nullptr;
    bool to_sink = false;
    std::vector<std::int64_t> numbers;  // by offset
    std::int64_t written = 0;           // numbers below it stand in the log
    std::int64_t first_missing = 0;     // offset for Workers; number for the sink
    std::vector<bool> taken;            // by number, for the sink
    std::int64_t committed = -1;
    std::int64_t committed_max = -1;
  };

  void read_log(const Partition& partition, Book& book);
  void read_commit(const Partition& partition, Book& book);

  const fixtures::broker::Broker& broker_;
  fixtures::sim::Invariants& invariants_;
  bool sink_in_order_;
  bool commits_may_fall_;
  OnViolation violated_;
  std::map<Partition, Book> books_;
  std::uint64_t arrivals_ = 0;
  std::uint64_t repeated_arrivals_ = 0;
};

}  // namespace barnabas::tests::sim
