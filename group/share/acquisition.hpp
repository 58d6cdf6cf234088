// What a leader says it has acquired for this member, checked, and what is to be said back about it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "barnabas/client/fetch/share.hpp"
#include "barnabas/protocol/messages/share_fetch.hpp"

namespace barnabas::group {

/// As the protocol numbers them.
enum class AcknowledgeType : std::int8_t { gap = 0, accept = 1, release = 2, reject = 3, renew = 4 };

/// Offsets [first, next) that were handed to this member, for the `delivery_count`th time they were handed to anybody.
struct AcquiredRange {
  std::int64_t first = 0, next = 0;
  std::int16_t delivery_count = 0;
};

/// Reads the list of a response: ranges that touch and were handed out equally often become one. What is left in
/// `problem` when the list makes no sense (it must rise, without negative or endless offsets) is for an error's text.
std::vector<AcquiredRange> read_acquired(protocol::list<protocol::ShareFetchResponse::AcquiredRecords> said,
                                         std::string& problem);

/// Offsets with something to be said about them, disjoint and merged where they touch, say the same and came together.
class Acknowledgements {
 public:
  struct Range {
    std::int64_t first, next;
    AcknowledgeType type;
    std::uint64_t lot = 0;
  };

  /// [first, next) of a lot is of `type`, but for those of `gaps` (rising), which hold no record. What was said before
  /// stands.
  void add(std::int64_t first, std::int64_t next, AcknowledgeType type,
           const std::vector<client::ShareReader::Gap>& gaps = {}, std::uint64_t lot = 0);
  bool empty() const { return ranges_.empty(); }
  /// All of them, rising; none are left.
  std::vector<Range> take();
  void clear() { ranges_.clear(); }
  /// Takes back what was said of [first, next).
  void drop(std::int64_t first, std::int64_t next);
  /// Offsets in all.
  std::int64_t count() const;

 private:
  struct Tail {
    std::int64_t next;
    AcknowledgeType type;
    std::uint64_t lot;
    bool as(AcknowledgeType of_type, std::uint64_t of_lot) const { return type == of_type && lot == of_lot; }
  };
  void put(std::int64_t first, std::int64_t next, AcknowledgeType type, std::uint64_t lot);

  std::map<std::int64_t, Tail> ranges_;
};

/// Half-open ranges of offsets that are still to be finished.
class OpenOffsets {
 public:
  OpenOffsets() = default;
  OpenOffsets(std::int64_t first, std::int64_t next) {
    if (first < next) ranges_[first] = next;
  }
  /// Adds a range that lies above all others.
  void open(std::int64_t first, std::int64_t next) {
    if (first < next) ranges_.emplace_hint(ranges_.end(), first, next);
  }
  /// Takes [first, next) out. What of it was open comes back, rising.
  std::vector<std::pair<std::int64_t, std::int64_t>> close(std::int64_t first, std::int64_t next);
  bool empty() const { return ranges_.empty(); }
  bool touches(std::int64_t first, std::int64_t next) const;
  const std::map<std::int64_t, std::int64_t>& ranges() const { return ranges_; }
  std::int64_t count() const;

 private:
  std::map<std::int64_t, std::int64_t> ranges_;
};

}  // namespace barnabas::group
