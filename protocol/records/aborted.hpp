// Which batches of a Fetch response belong to aborted transactions (KIP-98), for readers with read_committed.
#pragma once

#include <vector>

#include "barnabas/protocol/records/batch.hpp"

namespace barnabas::records {

/// One entry of a Fetch response's aborted_transactions.
struct AbortedTransaction {
  int64 producer_id = -1;
  int64 first_offset = 0;
};

/// A filter that is shown the batches of one response in order. A producer's batches are aborted from the first offset
/// of an entry of it until its abort marker; markers that end nothing are ignored. The list may come in any order.
class AbortedIndex {
 public:
  AbortedIndex() = default;
  explicit AbortedIndex(std::vector<AbortedTransaction> aborted);

  /// Whether the records of `batch` must be skipped. To be called for every batch, control batches too (for them it
  /// answers false: they hold no records for a user, and their markers move the filter on). Call it after the CRC held.
  bool aborted(const BatchView& batch);

 private:
  struct Producer {
    int64 id;
    std::size_t next, end;  // range of first_offsets_ that is not yet over
  };

  std::vector<Producer> producers_;   // sorted by id
  std::vector<int64> first_offsets_;  // sorted within each producer
};

}  // namespace barnabas::records
