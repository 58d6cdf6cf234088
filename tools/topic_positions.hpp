// From what people type ("-5", "s@1700000000000") to partitions and offsets.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "barnabas/client/client.hpp"
#include "barnabas/client/fetch/fetcher.hpp"
#include "barnabas/client/topic_partition.hpp"

namespace barnabas::tools {

/// The partitions of a topic, or those of `only`. Throws Error when the topic, or one of them, does not exist.
asio::awaitable<std::vector<client::TopicPartition>> topic_partitions(client::Client& client, std::string topic,
                                                                      std::vector<int> only,
                                                                      runtime::TimePoint deadline);

/// Offsets by time: -2 the first, -1 the end, else the first record at or after that time. Retries while leaders move.
asio::awaitable<std::vector<std::int64_t>> offsets_at(client::Client& client,
                                                      std::vector<client::TopicPartition> partitions,
                                                      std::int64_t timestamp, client::Isolation isolation,
                                                      runtime::TimePoint deadline);

/// A whole number and nothing else; empty otherwise.
std::optional<std::int64_t> parse_number(std::string_view text);

/// Milliseconds of "e@MS", where reading ends; -1 for another form. Throws Error(config) when MS is no time.
std::int64_t parse_end_time(std::string_view text);

/// Where to start, as typed.
struct StartText {
  bool stored = false;  ///< the group's commits say it
  client::StartPosition position = client::StartPosition::earliest();
};

/// "beginning", "end", "stored", "N", "-N" and "s@MS" as kcat has them, and the forms of start.offset
/// ("by_duration:PT1H"); "" is the beginning. Throws Error(config) for anything else.
StartText parse_start(std::string_view text);

}  // namespace barnabas::tools
