#include "barnabas/client/produce/accumulator.hpp"

namespace barnabas::client {

std::int64_t Accumulator::append(const TopicPartition& key, std::optional<std::string_view> record_key,
                                 std::optional<std::string_view> value, std::span<const records::HeaderView> headers,
                                 std::int64_t timestamp_ms, runtime::TimePoint now) {
  auto& slot = queues_[key];
  if (!slot) slot = std::make_unique<PartitionQueue>(key, options_);
  PartitionQueue& queue = *slot;
  if (queue.open.empty()) queue.opened = now;
  std::size_t before = queue.open.size();
  if (!queue.open.append(timestamp_ms, record_key, value, headers)) {
    seal(queue);
    queue.opened = now;
    before = queue.open.size();
    queue.open.append(timestamp_ms, record_key, value, headers);
  }
  return static_cast<std::int64_t>(queue.open.size() - before);
}

void Accumulator::seal(PartitionQueue& queue) {
  if (queue.open.empty()) return;
  SealedBatch batch;
  batch.records = queue.open.count();
  batch.charged = static_cast<std::int64_t>(queue.open.size() - records::batch_header_size);
  batch.created = queue.opened;
  batch.bytes = queue.open.finish();
  queue.sealed.push_back(std::move(batch));
}

}  // namespace barnabas::client
