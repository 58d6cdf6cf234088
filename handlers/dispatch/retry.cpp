#include "barnabas/handlers/dispatch/retry.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>

namespace barnabas::handlers {
namespace {

using runtime::Duration;
using std::chrono::milliseconds;

constexpr double jitter_spread = 0.2;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

std::optional<unsigned> parse_month(std::string_view text) {
  constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto found = std::ranges::find(months, text);
  if (found == months.end()) return std::nullopt;
  return static_cast<unsigned>(found - months.begin()) + 1;
}

/// "Sun, 06 Nov 1994 08:49:37 GMT", the only form that servers may send today.
std::optional<std::int64_t> parse_http_date_ms(std::string_view text) {
  if (text.size() != 29 || text.substr(3, 2) != ", " || text.substr(25) != " GMT") return std::nullopt;
  const auto day = parse_number(text.substr(5, 2));
  const auto month = parse_month(text.substr(8, 3));
  const auto year = parse_number(text.substr(12, 4));
  const auto hour = parse_number(text.substr(17, 2));
  const auto minute = parse_number(text.substr(20, 2));
  const auto second = parse_number(text.substr(23, 2));
  if (!day || !month || !year || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const auto days = std::chrono::sys_days(date).time_since_epoch();
  return milliseconds(days).count() + ((*hour * 60 + *minute) * 60 + *second) * 1000;
}

}  // namespace

bool Retry::count_failure() {
  if (failures_++ == 0) first_failure_ = clock_.now();
  if (options_.attempts_max > 0 && failures_ >= options_.attempts_max) return false;
  return options_.time_max_ms <= 0 || failing_for() < milliseconds(options_.time_max_ms);
}

Duration Retry::next_pause() const {
  if (failures_ <= 1) return Duration::zero();
  const std::int64_t doublings = std::min<std::int64_t>(failures_ - 2, 30);
  const std::int64_t pause_ms =
      std::min<std::int64_t>(static_cast<std::int64_t>(options_.backoff_ms) << doublings, options_.backoff_max_ms);
  return random_.jitter(milliseconds(pause_ms), jitter_spread);
}

std::optional<Duration> Retry::failed(Duration at_least) {
  if (!count_failure()) return std::nullopt;
  return std::max(next_pause(), std::min<Duration>(at_least, milliseconds(options_.retry_after_max_ms)));
}

std::optional<Duration> Retry::refused() {
  if (!count_failure()) return std::nullopt;
  return random_.jitter(milliseconds(options_.backoff_max_ms), jitter_spread);
}

Duration Retry::failing_for() const { return failures_ == 0 ? Duration::zero() : clock_.now() - first_failure_; }

void Closing::close_by(runtime::TimePoint deadline) noexcept {
  deadline_ = std::min(deadline_, deadline);
  changed_.notify_all();
}

asio::awaitable<bool> Closing::pause(Duration duration) {
  const runtime::TimePoint end = clock_.now() + duration;
  while (clock_.now() < end) {
    if (over()) co_return false;
    const runtime::TimePoint until = std::min(end, deadline_);
    co_await changed_.wait_until(until);
  }
  co_return true;
}

asio::awaitable<void> Closing::wait() {
  while (!closing()) co_await changed_.wait();
}

std::optional<Duration> parse_retry_after(std::string_view text, std::int64_t unix_ms) {
  text = trimmed(text);
  constexpr std::int64_t seconds_max = 365L * 24 * 3600;
  if (const auto seconds = parse_number(text)) return std::chrono::seconds(std::min(*seconds, seconds_max));
  const auto date_ms = parse_http_date_ms(text);
  if (!date_ms) return std::nullopt;
  return milliseconds(std::clamp<std::int64_t>(*date_ms - unix_ms, 0, seconds_max * 1000));
}

}  // namespace barnabas::handlers
