// Whoever reads partitions as they come, each on its own.
#pragma once

#include <memory>

#include "barnabas/client/runtime/clock.hpp"
#include "barnabas/group/turn.hpp"

namespace barnabas::group {

/// Hears of partitions that come and go. Called on the loop.
class AssignmentListener {
 public:
  virtual ~AssignmentListener() = default;
  /// The source, which is a Lane but in a share group, is this listener's to read until next() returns false.
  virtual void on_assigned(std::shared_ptr<TurnSource> source) = 0;
  /// The partition leaves: no more turns are handed out; finish or cancel what is under way before `deadline`. After it
  /// the position is committed as it stands (a share group gets back what is unfinished) and the source is fenced. A
  /// deadline that is not in the future means that the partition is lost: what is under way can no longer be
  /// acknowledged.
  virtual void on_revoked(TurnSource& source, runtime::TimePoint deadline) = 0;
};

}  // namespace barnabas::group
