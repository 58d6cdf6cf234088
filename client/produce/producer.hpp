// A small producer: batches by partition, compression, acks 0, 1 or all, retries in order. Neither idempotent nor
// transactional: after a lost answer a batch may stand twice in the log.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "barnabas/client/client.hpp"
#include "barnabas/protocol/records/builder.hpp"

namespace barnabas::client {

struct ProduceOptions {
  ProduceOptions() = default;
  std::int16_t acks = -1;  ///< 0 none, 1 the leader, -1 all in-sync replicas
  records::Codec codec = records::Codec::none;
  int level = records::default_level;
  std::int32_t batch_bytes_max = 128 << 10;  ///< before compression
  std::int32_t linger_ms = 5;                ///< how long a batch may wait to fill up
  std::int64_t buffer_bytes_max = 32 << 20;  ///< send() waits above it
  std::int32_t delivery_timeout_ms = 120'000;
  std::int32_t request_timeout_ms = 30'000;
};

/// What a batch came to.
struct Delivery {
  std::string topic;
  std::int32_t partition = -1;
  std::int64_t base_offset = -1;  ///< -1 with acks 0 or on failure
  std::int32_t records = 0;
  const Error* error = nullptr;  ///< null when it was written
};

/// Loop thread only. The client outlives it.
class Producer {
 public:
  Producer(Client& client, ProduceOptions options);
  ~Producer();

  /// Takes a copy of the record; waits while the buffer is full, and for metadata of a topic it has not met yet (throws
  /// Error when that does not come within the request timeout). `partition` -1: by key as the Java client does, without
  /// a key one partition after the other, batch by batch. `timestamp_ms` -1: now. The views must live until it returns.
  asio::awaitable<void> send(std::string_view topic, std::int32_t partition, std::optional<std::string_view> key,
                             std::optional<std::string_view> value, std::span<const records::HeaderView> headers = {},
                             std::int64_t timestamp_ms = -1);
  /// The same without waiting; false when send() would have to wait.
  bool try_send(std::string_view topic, std::int32_t partition, std::optional<std::string_view> key,
                std::optional<std::string_view> value, std::span<const records::HeaderView> headers = {},
                std::int64_t timestamp_ms = -1);
  /// Sends everything and waits until it is written or failed; false when `deadline` passed first.
  asio::awaitable<bool> flush(runtime::TimePoint deadline);
  /// flush(), then ends. What was not written by `deadline` counts as failed.
  asio::awaitable<void> close(runtime::TimePoint deadline);

  /// Called on the loop for each batch that was written or given up.
  void on_delivery(std::function<void(const Delivery&)> callback);
  std::uint64_t records_written() const;
  std::uint64_t records_failed() const;
  std::uint64_t records_pending() const;
  std::int64_t bytes_pending() const;
  /// The first failure, if any.
  const Error* first_error() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace barnabas::client
