// Batches that wait for their leaders, by partition, in order.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "barnabas/client/runtime/clock.hpp"
#include "barnabas/client/topic_partition.hpp"
#include "barnabas/protocol/records/builder.hpp"

namespace barnabas::client {

/// A batch that is ready for the wire.
struct SealedBatch {
  std::string bytes;
  std::string message_set;  ///< the same in an older format, while the broker asked last takes no other
  std::int32_t records = 0;
  std::int64_t charged = 0;  ///< of the buffer
  runtime::TimePoint created{};
};

struct PartitionQueue {
  PartitionQueue(TopicPartition partition, const records::BatchOptions& options)
      : key(std::move(partition)), open(options) {}
  TopicPartition key;
  records::BatchBuilder open;
  runtime::TimePoint opened{};
  std::deque<SealedBatch> sealed;
  bool in_flight = false;  ///< the first sealed batch is on its way: one at a time keeps the order
  runtime::TimePoint not_before{};
  int attempts = 0;
};

/// Records on their way into batches. Loop thread only.
class Accumulator {
 public:
  explicit Accumulator(records::BatchOptions options) : options_(options) {}

  /// Adds to the partition's open batch, sealing it first when it is full. Returns the bytes added.
  std::int64_t append(const TopicPartition& key, std::optional<std::string_view> record_key,
                      std::optional<std::string_view> value, std::span<const records::HeaderView> headers,
                      std::int64_t timestamp_ms, runtime::TimePoint now);
  /// Closes the open batch, whatever its size.
  void seal(PartitionQueue& queue);

  std::map<TopicPartition, std::unique_ptr<PartitionQueue>>& queues() { return queues_; }

 private:
  records::BatchOptions options_;
  std::map<TopicPartition, std::unique_ptr<PartitionQueue>> queues_;
};

}  // namespace barnabas::client
