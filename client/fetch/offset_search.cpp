#include "barnabas/client/fetch/offset_search.hpp"

#include <algorithm>

namespace barnabas::client {
namespace {

constexpr std::int64_t beginning = -2, log_end = -1;

}  // namespace

void OffsetSearch::begin(StartPosition start, EndPosition end, std::int64_t unix_ms) {
  end_ = end;
  end_offset_ = end.kind == EndPosition::Kind::offset ? end.value : -1;
  begin_again(start, unix_ms);
}

void OffsetSearch::begin_again(StartPosition start, std::int64_t unix_ms) {
  using Kind = StartPosition::Kind;
  start_ = start;
  step_ = Step::start;
  switch (start.kind) {
    case Kind::offset: found_start(start.value); break;
    case Kind::earliest: asks_ = beginning; break;
    case Kind::latest:
    case Kind::before_end: asks_ = log_end; break;
    case Kind::timestamp: asks_ = std::max<std::int64_t>(0, start.value); break;
    case Kind::before_now: asks_ = std::max<std::int64_t>(0, unix_ms - start.value); break;
  }
}

std::optional<std::int64_t> OffsetSearch::question() const {
  return step_ == Step::found ? std::nullopt : std::optional(asks_);
}

bool OffsetSearch::answer(std::int64_t offset) {
  if (offset < 0 && asks_ < 0) return false;
  if (offset < 0) {
    asks_ = log_end;  // no record at or after that time: what is asked for lies in the future
    return true;
  }
  switch (step_) {
    case Step::start:
      if (start_.kind != StartPosition::Kind::before_end) return found_start(offset), true;
      start_offset_ = std::max<std::int64_t>(0, offset - start_.value);
      step_ = Step::start_first;
      asks_ = beginning;
      break;
    case Step::start_first: found_start(std::max(start_offset_, offset)); break;
    case Step::end:
      end_offset_ = offset;
      step_ = Step::found;
      break;
    case Step::found: break;
  }
  return true;
}

void OffsetSearch::found_start(std::int64_t offset) {
  start_offset_ = offset;
  const bool ask =
      end_offset_ < 0 && (end_.kind == EndPosition::Kind::end || end_.kind == EndPosition::Kind::timestamp);
  step_ = ask ? Step::end : Step::found;
  asks_ = end_.kind == EndPosition::Kind::timestamp ? std::max<std::int64_t>(0, end_.value) : log_end;
}

const char* OffsetSearch::reason() const {
  switch (start_.kind) {
    case StartPosition::Kind::offset: return "as asked for";
    case StartPosition::Kind::earliest: return "earliest";
    case StartPosition::Kind::latest: return "latest";
    case StartPosition::Kind::timestamp:
    case StartPosition::Kind::before_now: return "by time";
    case StartPosition::Kind::before_end: return "before the end";
  }
  return "";
}

}  // namespace barnabas::client
