#include "barnabas/protocol/records/aborted.hpp"

#include <algorithm>
#include <tuple>

#include "barnabas/protocol/records/view.hpp"

namespace barnabas::records {
namespace {

// Brokers write markers uncompressed.
bool is_abort_marker(const BatchView& batch) {
  if (batch.header().codec() != Codec::none) return false;
  RecordCursor cursor(batch.header(), batch.body());
  RecordView record;
  return cursor.next(record) && control_type(record) == static_cast<int16>(ControlType::abort);
}

}  // namespace

AbortedIndex::AbortedIndex(std::vector<AbortedTransaction> aborted) {
  std::sort(aborted.begin(), aborted.end(), [](const AbortedTransaction& a, const AbortedTransaction& b) {
    return std::tie(a.producer_id, a.first_offset) < std::tie(b.producer_id, b.first_offset);
  });
  first_offsets_.reserve(aborted.size());
  for (const AbortedTransaction& entry : aborted) {
    if (producers_.empty() || producers_.back().id != entry.producer_id) {
      producers_.push_back({entry.producer_id, first_offsets_.size(), first_offsets_.size()});
    }
    first_offsets_.push_back(entry.first_offset);
    producers_.back().end = first_offsets_.size();
  }
}

bool AbortedIndex::aborted(const BatchView& batch) {
  if (producers_.empty()) return false;
  const BatchHeader& header = batch.header();
  const auto producer = std::lower_bound(producers_.begin(), producers_.end(), header.producer_id,
                                         [](const Producer& p, int64 id) { return p.id < id; });
  if (producer == producers_.end() || producer->id != header.producer_id) return false;
  const auto begun = [&] {
    return producer->next < producer->end && first_offsets_[producer->next] <= header.base_offset;
  };
  if (!header.is_control()) return header.is_transactional() && begun();
  if (is_abort_marker(batch)) {
    while (begun()) ++producer->next;
  }
  return false;
}

}  // namespace barnabas::records
