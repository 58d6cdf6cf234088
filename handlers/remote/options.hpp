// What can be set about a remote handler. Names, ranges and sentences: handlers/option_table.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "barnabas/handlers/dispatch/ordering.hpp"

namespace barnabas::handlers {

/// What to do with records that the endpoint refuses for good (a status that is neither 2xx, 408, 429 nor 5xx).
enum class OnRejected : std::uint8_t { retry, drop };

struct RemoteOptions {
  RemoteOptions() = default;
  std::string endpoint;
  std::int32_t send_message_count = 100;
  std::int32_t flush_interval_ms = 5'000;
  std::int64_t batch_bytes_max = 16 << 20;  ///< of one body; a single larger record still goes out
  std::int32_t thread = 1;                  ///< requests in flight
  Ordering ordering = Ordering::partition;
  bool debug = false;
  bool is_response_point = false;
  bool header_check = false;
  std::int32_t connect_timeout_ms = 5'000;
  std::int32_t timeout_ms = 30'000;
  OnRejected on_rejected = OnRejected::retry;
  std::int32_t retry_backoff_ms = 100;
  std::int32_t retry_backoff_max_ms = 5'000;
};

/// Empty, or why records cannot be sent to this URL.
std::string check_endpoint(const std::string& url);

/// What is wrong with options that are fine one by one; one sentence each.
std::vector<std::string> check_relations(const RemoteOptions& options);

}  // namespace barnabas::handlers
