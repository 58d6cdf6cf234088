#include "barnabas/client/statistics/latency.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

namespace barnabas::client {

/// Bucket b holds (lower, upper], so that each power of two is the upper end of one.
std::size_t Latency::bucket_of(std::int64_t us) {
  const auto v = static_cast<std::uint64_t>(std::max<std::int64_t>(us, 1) - 1);
  if (v < steps) return static_cast<std::size_t>(v);
  const auto doubling = static_cast<std::size_t>(std::bit_width(v)) - 4;
  return std::min((doubling + 1) * steps + ((v >> doubling) & (steps - 1)), bucket_count - 1);
}

std::int64_t Latency::upper_us(std::size_t bucket) {
  if (bucket < steps) return static_cast<std::int64_t>(bucket) + 1;
  const std::size_t doubling = bucket / steps - 1;
  return static_cast<std::int64_t>((steps + bucket % steps + 1) << doubling);
}

std::int64_t Latency::middle_us(std::size_t bucket) const {
  return std::clamp((lower_us(bucket) + upper_us(bucket) + 1) / 2, smallest_us_, largest_us_);
}

void Latency::add(runtime::Duration duration) {
  const std::int64_t us = std::max<std::int64_t>(0, (duration.count() + 999) / 1000);
  ++buckets_[bucket_of(us)];
  smallest_us_ = count_ == 0 ? us : std::min(smallest_us_, us);
  largest_us_ = std::max(largest_us_, us);
  ++count_;
  sum_us_ += us;
}

Latency Latency::since(const Latency& earlier) const {
  if (earlier.count_ > count_) return *this;  // not of this one: it began anew
  Latency difference;
  difference.count_ = count_ - earlier.count_;
  difference.sum_us_ = sum_us_ - earlier.sum_us_;
  bool found = false;
  for (std::size_t b = 0; b < bucket_count; ++b) {
    difference.buckets_[b] = buckets_[b] - earlier.buckets_[b];
    if (difference.buckets_[b] == 0) continue;
    if (!std::exchange(found, true)) difference.smallest_us_ = std::max(lower_us(b), smallest_us_);
    difference.largest_us_ = b + 1 == bucket_count ? largest_us_ : std::min(upper_us(b), largest_us_);
  }
  return difference;
}

Latency& Latency::operator+=(const Latency& other) {
  if (other.count_ == 0) return *this;
  smallest_us_ = count_ == 0 ? other.smallest_us_ : std::min(smallest_us_, other.smallest_us_);
  largest_us_ = std::max(largest_us_, other.largest_us_);
  count_ += other.count_;
  sum_us_ += other.sum_us_;
  for (std::size_t b = 0; b < bucket_count; ++b) buckets_[b] += other.buckets_[b];
  return *this;
}

std::int64_t Latency::quantile_us(double share) const {
  if (count_ == 0) return 0;
  const auto wanted = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(share * double(count_))));
  std::uint64_t seen = 0;
  for (std::size_t b = 0; b < bucket_count; ++b) {
    seen += buckets_[b];
    if (seen >= wanted) return b + 1 == bucket_count ? largest_us_ : middle_us(b);
  }
  return largest_us_;
}

std::int64_t Latency::deviation_us() const {
  if (count_ < 2) return 0;
  const double average = double(sum_us_) / double(count_);
  double squares = 0;
  for (std::size_t b = 0; b < bucket_count; ++b) {
    const double distance = double(middle_us(b)) - average;
    squares += double(buckets_[b]) * distance * distance;
  }
  return static_cast<std::int64_t>(std::sqrt(squares / double(count_)));
}

std::uint64_t Latency::count_within(int doubling) const {
  std::uint64_t sum = 0;
  for (std::size_t b = 0; b < bucket_count && upper_us(b) <= bound_us(doubling); ++b) sum += buckets_[b];
  return sum;
}

}  // namespace barnabas::client
