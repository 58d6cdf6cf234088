#include "barnabas/group/share/acquisition.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <limits>

namespace barnabas::group {

std::vector<AcquiredRange> read_acquired(protocol::list<protocol::ShareFetchResponse::AcquiredRecords> said,
                                         std::string& problem) {
  std::vector<AcquiredRange> ranges;
  std::int64_t above = 0;
  for (const auto& range : said) {
    const std::int64_t first = range.first_offset, last = range.last_offset;
    const std::int16_t count = range.delivery_count;
    const bool possible = first >= above && last >= first && last < std::numeric_limits<std::int64_t>::max();
    if (!possible || count < 1) {
      problem = fmt::format("offsets {} to {} with delivery count {}, behind {} other ranges up to offset {}", first,
                            last, count, ranges.size(), above - 1);
      return {};
    }
    above = last + 1;
    if (!ranges.empty() && ranges.back().next == first && ranges.back().delivery_count == count) {
      ranges.back().next = above;
    } else {
      ranges.push_back({first, above, count});
    }
  }
  return ranges;
}

void Acknowledgements::add(std::int64_t first, std::int64_t next, AcknowledgeType type,
                           const std::vector<client::ShareReader::Gap>& gaps, std::uint64_t lot) {
  auto gap = std::ranges::lower_bound(gaps, first, {}, &client::ShareReader::Gap::first);
  if (gap != gaps.begin() && std::prev(gap)->next > first) --gap;
  for (; gap != gaps.end() && gap->first < next; ++gap) {
    put(first, gap->first, type, lot);
    put(std::max(first, gap->first), std::min(next, gap->next), AcknowledgeType::gap, lot);
    first = std::max(first, std::min(next, gap->next));
  }
  put(first, next, type, lot);
}

void Acknowledgements::put(std::int64_t first, std::int64_t next, AcknowledgeType type, std::uint64_t lot) {
  auto after = ranges_.upper_bound(first);
  if (after != ranges_.begin()) first = std::max(first, std::prev(after)->second.next);
  while (first < next) {
    const std::int64_t until = after == ranges_.end() ? next : std::min(next, after->first);
    if (first < until) {
      auto at = ranges_.emplace_hint(after, first, Tail{until, type, lot});
      if (at != ranges_.begin()) {
        const auto before = std::prev(at);
        if (before->second.next == first && before->second.as(type, lot)) {
          before->second.next = until;
          ranges_.erase(at);
          at = before;
        }
      }
      if (after != ranges_.end() && after->first == until && after->second.as(type, lot)) {
        at->second.next = after->second.next;
        after = ranges_.erase(after);
        first = at->second.next;
        continue;
      }
    }
    if (after == ranges_.end()) return;
    first = std::max(until, after->second.next);
    ++after;
  }
}

std::vector<Acknowledgements::Range> Acknowledgements::take() {
  std::vector<Range> taken;
  taken.reserve(ranges_.size());
  for (const auto& [first, tail] : ranges_) taken.push_back({first, tail.next, tail.type, tail.lot});
  ranges_.clear();
  return taken;
}

void Acknowledgements::drop(std::int64_t first, std::int64_t next) {
  if (first >= next) return;
  auto at = ranges_.upper_bound(first);
  if (at != ranges_.begin() && std::prev(at)->second.next > first) --at;
  while (at != ranges_.end() && at->first < next) {
    const auto [said_first, tail] = *at;
    at = ranges_.erase(at);
    if (said_first < first) ranges_.emplace(said_first, Tail{first, tail.type, tail.lot});
    if (tail.next > next) ranges_.emplace(next, tail);
  }
}

std::int64_t Acknowledgements::count() const {
  std::int64_t offsets = 0;
  for (const auto& [first, tail] : ranges_) offsets += tail.next - first;
  return offsets;
}

std::vector<std::pair<std::int64_t, std::int64_t>> OpenOffsets::close(std::int64_t first, std::int64_t next) {
  std::vector<std::pair<std::int64_t, std::int64_t>> closed;
  if (first >= next) return closed;
  auto at = ranges_.upper_bound(first);
  if (at != ranges_.begin() && std::prev(at)->second > first) --at;
  while (at != ranges_.end() && at->first < next) {
    const auto [open_first, open_next] = *at;
    at = ranges_.erase(at);
    closed.emplace_back(std::max(open_first, first), std::min(open_next, next));
    if (open_first < first) ranges_.emplace(open_first, first);
    if (open_next > next) ranges_.emplace(next, open_next);
  }
  return closed;
}

bool OpenOffsets::touches(std::int64_t first, std::int64_t next) const {
  const auto after = ranges_.upper_bound(first);
  if (after != ranges_.begin() && std::prev(after)->second > first) return true;
  return after != ranges_.end() && after->first < next;
}

std::int64_t OpenOffsets::count() const {
  std::int64_t offsets = 0;
  for (const auto& [first, next] : ranges_) offsets += next - first;
  return offsets;
}

}  // namespace barnabas::group
