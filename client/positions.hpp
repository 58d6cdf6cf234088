// Places in a partition's log: where reading starts, where it ends, and where it goes on when its place is gone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace barnabas::client {

/// Where a partition starts.
struct StartPosition {
  enum class Kind : std::uint8_t { offset, earliest, latest, timestamp, before_now, before_end };
  Kind kind = Kind::latest;
  std::int64_t value = -1;  ///< offset; milliseconds since 1970 (timestamp) or back from now; records before the end
  std::int32_t leader_epoch = -1;  ///< of the record before `value`, when known: lets truncation be noticed (KIP-320)

  static constexpr StartPosition offset(std::int64_t offset, std::int32_t leader_epoch = -1) {
    return {Kind::offset, offset, leader_epoch};
  }
  static constexpr StartPosition earliest() { return {Kind::earliest, -2, -1}; }
  static constexpr StartPosition latest() { return {Kind::latest, -1, -1}; }
  /// The first record at or after this time; the end when there is none.
  static constexpr StartPosition timestamp(std::int64_t unix_ms) { return {Kind::timestamp, unix_ms, -1}; }
  /// The first record that is not older than this, by the client's clock at the time of the question.
  static constexpr StartPosition before_now(std::int64_t ms) { return {Kind::before_now, ms, -1}; }
  /// So many offsets before the end (compaction and transaction markers leave fewer records), or the beginning.
  static constexpr StartPosition before_end(std::int64_t offsets) { return {Kind::before_end, offsets, -1}; }

  friend constexpr bool operator==(const StartPosition&, const StartPosition&) = default;
};

/// Where reading a partition ends by itself.
struct EndPosition {
  enum class Kind : std::uint8_t { never, offset, timestamp, end };
  Kind kind = Kind::never;
  std::int64_t value = -1;  ///< first offset that is not read, or milliseconds since 1970

  static constexpr EndPosition never() { return {}; }
  static constexpr EndPosition before_offset(std::int64_t offset) { return {Kind::offset, offset}; }
  /// Ends in front of the first record at or after this time, or, when there is none, at the end as it is at the start.
  static constexpr EndPosition before_timestamp(std::int64_t unix_ms) { return {Kind::timestamp, unix_ms}; }
  /// The end as it is when reading starts (the last stable offset for read_committed).
  static constexpr EndPosition at_end() { return {Kind::end, -1}; }

  friend constexpr bool operator==(const EndPosition&, const EndPosition&) = default;
};

/// What happens to a partition whose offset is outside of the log: auto.offset.reset. Written "earliest", "latest",
/// "none" or, as Java has it since 4.0 (KIP-1106), "by_duration:PT1H".
struct OffsetReset {
  enum Kind : std::uint8_t { earliest, latest, none, by_duration };
  Kind kind = latest;
  std::int64_t back_ms = 0;  ///< of by_duration

  constexpr OffsetReset() = default;
  constexpr OffsetReset(Kind reset_kind, std::int64_t ms_back = 0) : kind(reset_kind), back_ms(ms_back) {}
  /// Not for none.
  StartPosition start() const;
  /// Empty when `text` was taken, else what is wrong with it.
  std::string set_text(std::string_view text);
  std::string text() const;
  friend constexpr bool operator==(const OffsetReset& a, const OffsetReset& b) = default;
};

/// Where a partition starts that has no committed offset, when that is not auto.offset.reset's to say. Written
/// "earliest", "latest", "none", "timestamp:MS", "by_duration:PT1H", "last:N", or empty: as auto.offset.reset.
struct StartPolicy {
  enum class Kind : std::uint8_t { as_reset, none, position };
  Kind kind = Kind::as_reset;
  StartPosition position;

  std::string set_text(std::string_view text);
  std::string text() const;
  friend constexpr bool operator==(const StartPolicy&, const StartPolicy&) = default;
};

/// Milliseconds of an ISO 8601 duration of days and smaller, as Java's Duration has it: "P1DT2H30M", "PT0.5S". -1 when
/// it is none, is negative, or is longer than some 290 million years.
std::int64_t parse_iso_duration_ms(std::string_view text);
/// "PT1H30M".
std::string iso_duration(std::int64_t ms);

}  // namespace barnabas::client
