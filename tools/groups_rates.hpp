// How fast groups read, and when they will have caught up.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "barnabas/client/runtime/clock.hpp"
#include "barnabas/client/topic_partition.hpp"

namespace barnabas::tools {

struct LagRate {
  double read_s = 0;                 ///< offsets a second that the group went on
  double written_s = 0;              ///< offsets a second that the log grew
  std::optional<double> catch_up_s;  ///< empty: never, at these rates
};

/// Looks at the last half minute.
class LagRates {
 public:
  void add(const std::string& group, const client::TopicPartition& partition, runtime::TimePoint at,
           std::int64_t offset, std::int64_t log_end);
  /// Empty until two looks are there.
  std::optional<LagRate> of(const std::string& group, const client::TopicPartition& partition) const;

 private:
  struct Sample {
    runtime::TimePoint at;
    std::int64_t offset, log_end;
  };
  struct Key {
    std::string group;
    client::TopicPartition partition;
    auto operator<=>(const Key&) const = default;
  };
  std::map<Key, std::deque<Sample>> samples_;
};

/// Of several partitions: the slowest of them decides. Empty when one of them never gets there.
std::optional<double> catch_up_s(std::int64_t lag, double read_s, double written_s);

}  // namespace barnabas::tools
