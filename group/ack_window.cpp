#include "barnabas/group/ack_window.hpp"

#include <algorithm>
#include <iterator>

namespace barnabas::group {

void AckWindow::reset(std::int64_t position) {
  position_ = handed_out_ = position;
  done_.clear();
}

void AckWindow::opened(std::int64_t next) { handed_out_ = std::max(handed_out_, next); }

bool AckWindow::done(std::int64_t first, std::int64_t next) {
  if (first > next || next > handed_out_) return false;
  if (next <= position_ || first == next) return true;
  if (first > position_) {
    insert(first, next);
    return true;
  }
  position_ = next;
  while (!done_.empty() && done_.begin()->first <= position_) {
    position_ = std::max(position_, done_.begin()->second);
    done_.erase(done_.begin());
  }
  return true;
}

void AckWindow::insert(std::int64_t first, std::int64_t next) {
  auto after = done_.upper_bound(first);
  if (after != done_.begin() && std::prev(after)->second >= first) {
    --after;
    first = after->first;
  }
  while (after != done_.end() && after->first <= next) {
    next = std::max(next, after->second);
    after = done_.erase(after);
  }
  done_.emplace_hint(after, first, next);
}

void AckWindow::rewind(std::int64_t position) {
  if (position <= position_) return reset(position);
  if (position >= handed_out_) return;
  handed_out_ = position;
  done_.erase(done_.lower_bound(position), done_.end());
  if (!done_.empty()) {
    auto& last_end = std::prev(done_.end())->second;
    last_end = std::min(last_end, position);
  }
}

}  // namespace barnabas::group
