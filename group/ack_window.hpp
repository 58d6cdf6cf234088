// Which offsets of one partition are finished: records may finish in any order, what is committed is the lowest
// unfinished offset.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

namespace barnabas::group {

/// Offsets as half-open ranges. Loop thread only.
class AckWindow {
 public:
  /// Starts over at `position`: the lowest unfinished offset. Whatever was handed out before is forgotten.
  void reset(std::int64_t position);
  /// [position so far, next) has been handed out. Never takes anything back.
  void opened(std::int64_t next);
  /// [first, next) is finished. Overlaps and repeats are harmless. Returns false (and does nothing) when part of the
  /// range was never handed out.
  bool done(std::int64_t first, std::int64_t next);
  /// Everything from `position` on is going to be handed out again and counts as unfinished; what lies below stays as
  /// it is, so records under way there still hold the commit back.
  void rewind(std::int64_t position);

  /// The lowest unfinished offset: what may be committed.
  std::int64_t position() const { return position_; }
  std::int64_t handed_out() const { return handed_out_; }
  bool all_done() const { return position_ == handed_out_; }
  /// Finished ranges that wait for something below them.
  std::size_t gaps() const { return done_.size(); }

 private:
  void insert(std::int64_t first, std::int64_t next);

  std::int64_t position_ = 0;
  std::int64_t handed_out_ = 0;
  std::map<std::int64_t, std::int64_t> done_;  // disjoint, not touching each other, all above position_
};

}  // namespace barnabas::group
