// The questions to a leader that turn a StartPosition and an EndPosition into offsets.
#pragma once

#include <cstdint>
#include <optional>

#include "barnabas/client/positions.hpp"

namespace barnabas::client {

/// One question at a time: brokers refuse a request that names a partition twice. Loop thread only.
class OffsetSearch {
 public:
  /// Forgets everything. `unix_ms` is the time now, which before_now() counts back from.
  void begin(StartPosition start, EndPosition end, std::int64_t unix_ms);
  /// The same for the start alone: after OFFSET_OUT_OF_RANGE, or a seek.
  void begin_again(StartPosition start, std::int64_t unix_ms);

  /// What to ask for: -2 the beginning, -1 the end, else milliseconds since 1970. Empty when all is found.
  std::optional<std::int64_t> question() const;
  /// The answer to question(); negative when nothing stands at or after that time. False for an answer that cannot be:
  /// every log has a beginning and an end.
  bool answer(std::int64_t offset);

  std::int64_t start() const { return start_offset_; }
  /// -1: there is none.
  std::int64_t end() const { return end_offset_; }
  /// Of the record before start(), when known.
  std::int32_t leader_epoch() const { return start_.leader_epoch; }
  /// Whether the start took a question.
  bool asked() const { return start_.kind != StartPosition::Kind::offset; }
  /// For events: "earliest", "latest", "by time", "before the end".
  const char* reason() const;

 private:
  enum class Step : std::uint8_t { start, start_first, end, found };
  void found_start(std::int64_t offset);

  StartPosition start_;
  EndPosition end_;
  Step step_ = Step::found;
  std::int64_t asks_ = -1;  // timestamp of the question
  std::int64_t start_offset_ = -1, end_offset_ = -1;
};

}  // namespace barnabas::client
