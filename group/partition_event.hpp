// An event about one partition.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "barnabas/client/events.hpp"
#include "barnabas/client/topic_partition.hpp"

namespace barnabas::group {

inline client::Event partition_event(client::EventKind kind, client::Severity severity,
                                     const client::TopicPartition& partition, std::string text,
                                     std::int64_t offset = -1) {
  client::Event event(kind, severity, std::move(text));
  event.topic = partition.topic;
  event.partition = partition.partition;
  event.offset = offset;
  return event;
}

}  // namespace barnabas::group
