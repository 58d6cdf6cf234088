// A consumer for those who want no coroutines: plain calls that wait.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "barnabas/client/events.hpp"
#include "barnabas/group/consumer.hpp"

namespace barnabas::group {

/// Records of one partition in the order of their offsets, copied: they are valid as long as the batch lives. One
/// thread at a time.
class PolledBatch {
 public:
  /// Empty: nothing came in time.
  bool empty() const { return records_.empty(); }
  const std::vector<records::OwnedRecord>& records() const { return records_; }
  const std::string& topic() const { return topic_; }
  std::int32_t partition() const { return partition_; }

 private:
  friend class BlockingConsumer;
  std::vector<records::OwnedRecord> records_;
  std::string topic_;
  std::int32_t partition_ = -1;
  Acker acker_;
  std::int64_t first_ = -1, next_ = -1;
};

struct BlockingOptions {
  BlockingOptions() = default;
  std::int32_t connect_timeout_ms = 10'000;
  std::size_t poll_records_max = 500;  ///< of one batch
};

/// One consumer with a loop on a thread of its own: heartbeats, commits and fetching go on however long the caller
/// takes over a batch. Threads: any may call anything, several at a time as well (each batch goes to one of them), but
/// close() and the destructor come last.
///
/// A batch is delivered at least once: its offsets are not committed before done() was called for it, and a rebalance
/// waits for that (for rebalance.drain.ms).
class BlockingConsumer {
 public:
  /// Connects, for at most connect_timeout_ms. Throws Error: for options that cannot work, and when no broker answers.
  /// `events` hears of state changes, on the loop's thread, and outlives the consumer; null: nobody does.
  BlockingConsumer(client::ClientOptions cluster, ConsumerOptions options, client::EventSink* events = nullptr,
                   BlockingOptions blocking = {});
  /// close() with five seconds, unless that was called.
  ~BlockingConsumer();
  BlockingConsumer(const BlockingConsumer&) = delete;
  BlockingConsumer& operator=(const BlockingConsumer&) = delete;

  /// As those of Consumer; they do not wait for the network. Throw Error, also after close().
  void subscribe(std::vector<std::string> topics);
  void assign(const client::TopicPartition& partition, client::StartPosition start);

  /// The next batch, of any partition; an empty one when none came within `timeout`, and after close(). Throws Error
  /// when the consumer has stopped for good.
  PolledBatch poll(std::chrono::milliseconds timeout);
  /// The batch is delivered, or dropped on purpose: its offsets may be committed. In any order, at any later time; for
  /// a partition that was given away meanwhile it changes nothing. Does not wait.
  void done(const PolledBatch& batch);
  /// Commits what is done by now and waits for the answer. Throws Error, also after close().
  void commit();
  /// Hands out nothing more, waits for batches that are not done, commits, leaves the group. Returns within `timeout`
  /// and a second. A second call does nothing.
  void close(std::chrono::milliseconds timeout);

 private:
  struct Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace barnabas::group
