// How long things took: counts in buckets that grow with the duration, so that any quantile can be told later.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "barnabas/client/runtime/clock.hpp"

namespace barnabas::client {

/// Eight buckets to each doubling from 1 µs to 67 s: a quantile is right within an eighth. Only ever grows, so the
/// difference of two copies is the time between them. Any thread, one at a time; 1.6 KB.
class Latency {
 public:
  /// Powers of two from 1 µs on, bounds of buckets that a coarser view may use: bound_us(0) is 1 µs.
  static constexpr int bounds = 27;
  static constexpr std::int64_t bound_us(int doubling) { return std::int64_t{1} << doubling; }

  void add(runtime::Duration duration);
  /// What was added after `earlier`, an older copy of this one, was taken. Its smallest and largest are known by
  /// bucket.
  Latency since(const Latency& earlier) const;
  Latency& operator+=(const Latency& other);

  std::uint64_t count() const { return count_; }
  std::int64_t sum_us() const { return sum_us_; }
  /// 0 while there is none.
  std::int64_t average_us() const { return count_ == 0 ? 0 : sum_us_ / static_cast<std::int64_t>(count_); }
  std::int64_t smallest_us() const { return count_ == 0 ? 0 : smallest_us_; }
  std::int64_t largest_us() const { return largest_us_; }
  /// `share` of the durations, 0 to 1, took no longer; 0 while there is none.
  std::int64_t quantile_us(double share) const;
  std::int64_t deviation_us() const;
  /// How many took bound_us(doubling) or less.
  std::uint64_t count_within(int doubling) const;

 private:
  static constexpr std::size_t steps = 8;
  static constexpr std::size_t bucket_count = 25 * steps;
  static std::size_t bucket_of(std::int64_t us);
  static std::int64_t upper_us(std::size_t bucket);
  static std::int64_t lower_us(std::size_t bucket) { return bucket == 0 ? 0 : upper_us(bucket - 1); }
  std::int64_t middle_us(std::size_t bucket) const;

  std::array<std::uint64_t, bucket_count> buckets_{};
  std::uint64_t count_ = 0;
  std::int64_t sum_us_ = 0;
  std::int64_t smallest_us_ = 0;
  std::int64_t largest_us_ = 0;
};

}  // namespace barnabas::client
