// Requests list partitions below their topics.
#pragma once

#include <cstddef>

#include "barnabas/client/topic_partition.hpp"
#include "barnabas/protocol/arena.hpp"

namespace barnabas::client {

/// One `Topic` for each run of neighbours with the same topic; `fill(topic, first, last)` writes it from items first to
/// last - 1. `where(item)` is the item's TopicPartition.
template <class Topic, class Items, class Where, class Fill>
protocol::list<Topic> list_by_topic(const Items& items, protocol::Arena& arena, Where where, Fill fill) {
  const auto end_of_run = [&](std::size_t first) {
    std::size_t last = first + 1;
    while (last < items.size() && where(items[last]).topic == where(items[first]).topic) ++last;
    return last;
  };
  std::size_t count = 0;
  for (std::size_t first = 0; first < items.size(); first = end_of_run(first)) ++count;
  auto topics = arena.make_list<Topic>(count);
  std::size_t at = 0;
  for (std::size_t first = 0; first < items.size();) {
    const std::size_t last = end_of_run(first);
    fill(topics[at++], first, last);
    first = last;
  }
  return topics;
}

}  // namespace barnabas::client
