#include "barnabas/tools/groups_time.hpp"

#include <fmt/core.h>

#include <chrono>

namespace barnabas::tools {
namespace {

/// Takes exactly `digits` digits off the front; -1 when there are not so many.
int take_digits(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return -1;
  int value = 0;
  for (const char c : text.substr(0, digits)) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<std::int64_t> take_date_ms(std::string_view& text) {
  const int year = take_digits(text, 4);
  if (year < 0 || !take(text, '-')) return std::nullopt;
  const int month = take_digits(text, 2);
  if (month < 0 || !take(text, '-')) return std::nullopt;
  const int day = take_digits(text, 2);
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (day < 0 || !date.ok()) return std::nullopt;
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::sys_days(date).time_since_epoch()).count();
}

/// "08:00", "08:00:00" and "08:00:00.25"
std::optional<std::int64_t> take_time_ms(std::string_view& text) {
  const int hours = take_digits(text, 2);
  if (hours < 0 || hours > 23 || !take(text, ':')) return std::nullopt;
  const int minutes = take_digits(text, 2);
  if (minutes < 0 || minutes > 59) return std::nullopt;
  std::int64_t ms = (hours * 60 + minutes) * 60'000LL;
  if (!take(text, ':')) return ms;
  const int seconds = take_digits(text, 2);
  if (seconds < 0 || seconds > 59) return std::nullopt;
  ms += seconds * 1'000LL;
  if (!take(text, '.')) return ms;
  if (text.empty() || text[0] < '0' || text[0] > '9') return std::nullopt;
  for (std::int64_t weight = 100; !text.empty() && text[0] >= '0' && text[0] <= '9'; weight /= 10) {
    ms += take_digits(text, 1) * weight;
  }
  return ms;
}

/// What has to be taken off the clock's time to get UTC.
std::optional<std::int64_t> take_zone_ms(std::string_view& text) {
  if (text.empty() || take(text, 'Z') || take(text, 'z')) return 0;
  const bool east = text[0] == '+';
  if (!take(text, '+') && !take(text, '-')) return std::nullopt;
  const int hours = take_digits(text, 2);
  if (hours < 0 || hours > 23) return std::nullopt;
  take(text, ':');
  const int minutes = text.empty() ? 0 : take_digits(text, 2);
  if (minutes < 0 || minutes > 59) return std::nullopt;
  const std::int64_t ms = (hours * 60 + minutes) * 60'000LL;
  return east ? ms : -ms;
}

}  // namespace

std::optional<std::int64_t> parse_iso_datetime_ms(std::string_view text) {
  const auto date = take_date_ms(text);
  if (!date || text.empty()) return date;
  if (!take(text, 'T') && !take(text, 't')) return std::nullopt;
  const auto time = take_time_ms(text);
  const auto zone = time ? take_zone_ms(text) : std::nullopt;
  if (!zone || !text.empty()) return std::nullopt;
  return *date + *time - *zone;
}

std::string iso_datetime(std::int64_t unix_ms) {
  using namespace std::chrono;
  const sys_seconds at(floor<seconds>(milliseconds(unix_ms)));
  const year_month_day date(floor<days>(at));
  const hh_mm_ss<seconds> time(at - floor<days>(at));
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
                     time.minutes().count(), time.seconds().count());
}

}  // namespace barnabas::tools
