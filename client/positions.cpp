#include "barnabas/client/positions.hpp"

#include <charconv>
#include <limits>
#include <optional>

namespace barnabas::client {
namespace {

constexpr std::string_view by_duration = "by_duration:";
constexpr std::int64_t second_ms = 1'000;
constexpr std::int64_t minute_ms = 60 * second_ms;
constexpr std::int64_t hour_ms = 60 * minute_ms;
constexpr std::int64_t day_ms = 24 * hour_ms;

std::optional<std::int64_t> natural_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = ec == std::errc() && end == text.data() + text.size() && value >= 0;
  return whole ? std::optional(value) : std::nullopt;
}

/// Takes digits, and behind a point what is less than one, in units of `unit_ms`; -1 when there are none.
std::int64_t take_number(std::string_view& text, std::int64_t unit_ms, bool with_fraction) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto whole = natural_number(text.substr(0, digits));
  if (!whole || *whole > std::numeric_limits<std::int64_t>::max() / 4 / unit_ms) return -1;
  text.remove_prefix(digits);
  std::int64_t ms = *whole * unit_ms;
  if (!with_fraction || !text.starts_with('.')) return ms;
  text.remove_prefix(1);
  for (std::int64_t weight = unit_ms / 10; !text.empty() && text[0] >= '0' && text[0] <= '9'; weight /= 10) {
    ms += (text[0] - '0') * weight;
    text.remove_prefix(1);
  }
  return ms;
}

std::string no_duration(std::string_view text) {
  return "'" + std::string(text) + "' is no duration such as PT1H30M or P7D";
}

}  // namespace

std::int64_t parse_iso_duration_ms(std::string_view text) {
  if (text.size() < 3 || (text[0] != 'P' && text[0] != 'p')) return -1;
  text.remove_prefix(1);
  struct Unit {
    char letter;
    std::int64_t ms;
  };
  constexpr Unit units[] = {{'D', day_ms}, {'H', hour_ms}, {'M', minute_ms}, {'S', second_ms}};
  std::int64_t total = 0;
  std::size_t next_unit = 0;
  bool in_time = false;
  while (!text.empty()) {
    if (!in_time && (text[0] == 'T' || text[0] == 't')) {
      in_time = true;
      text.remove_prefix(1);
      if (text.empty()) return -1;
      continue;
    }
    const std::size_t letter_at = text.find_first_not_of("0123456789.");
    if (letter_at == text.npos) return -1;
    const char letter = text[letter_at] >= 'a' ? static_cast<char>(text[letter_at] - 'a' + 'A') : text[letter_at];
    while (next_unit < 4 && units[next_unit].letter != letter) ++next_unit;
    if (next_unit == 4 || (letter == 'D') == in_time) return -1;
    const std::int64_t ms = take_number(text, units[next_unit].ms, letter == 'S');
    if (ms < 0 || text.empty() || (text[0] | 0x20) != (letter | 0x20)) return -1;
    text.remove_prefix(1);
    total += ms;
    ++next_unit;
  }
  return total;
}

std::string iso_duration(std::int64_t ms) {
  if (ms <= 0) return "PT0S";
  std::string text = "P";
  if (ms >= day_ms) text += std::to_string(ms / day_ms) + "D";
  if (ms % day_ms == 0) return text;
  text += 'T';
  if (ms % day_ms >= hour_ms) text += std::to_string(ms % day_ms / hour_ms) + "H";
  if (ms % hour_ms >= minute_ms) text += std::to_string(ms % hour_ms / minute_ms) + "M";
  if (ms % minute_ms == 0) return text;
  text += std::to_string(ms % minute_ms / second_ms);
  if (const std::int64_t rest = ms % second_ms; rest > 0) {
    std::string fraction = std::to_string(second_ms + rest).substr(1);
    while (fraction.back() == '0') fraction.pop_back();
    text += "." + fraction;
  }
  return text + "S";
}

StartPosition OffsetReset::start() const {
  switch (kind) {
    case earliest: return StartPosition::earliest();
    case by_duration: return StartPosition::before_now(back_ms);
    case latest:
    case none: break;
  }
  return StartPosition::latest();
}

std::string OffsetReset::set_text(std::string_view text) {
  if (text == "earliest" || text == "smallest" || text == "beginning") return *this = earliest, "";
  if (text == "latest" || text == "largest" || text == "end") return *this = latest, "";
  if (text == "none" || text == "error") return *this = none, "";
  if (!text.starts_with(client::by_duration)) {
    return "'" + std::string(text) + "' is none of earliest, latest, none and by_duration:PT1H";
  }
  const std::int64_t ms = parse_iso_duration_ms(text.substr(client::by_duration.size()));
  if (ms < 0) return no_duration(text.substr(client::by_duration.size()));
  *this = OffsetReset(by_duration, ms);
  return "";
}

std::string OffsetReset::text() const {
  switch (kind) {
    case earliest: return "earliest";
    case latest: return "latest";
    case none: return "none";
    case by_duration: return std::string(client::by_duration) + iso_duration(back_ms);
  }
  return "";
}

std::string StartPolicy::set_text(std::string_view text) {
  constexpr std::string_view timestamp = "timestamp:", last = "last:";
  const auto at = [&](StartPosition where) {
    kind = Kind::position;
    position = where;
    return std::string();
  };
  if (text.empty()) return *this = StartPolicy(), "";
  if (text == "none") return *this = StartPolicy(), kind = Kind::none, "";
  if (text == "earliest" || text == "beginning") return at(StartPosition::earliest());
  if (text == "latest" || text == "end") return at(StartPosition::latest());
  if (text.starts_with(by_duration)) {
    const std::int64_t ms = parse_iso_duration_ms(text.substr(by_duration.size()));
    return ms < 0 ? no_duration(text.substr(by_duration.size())) : at(StartPosition::before_now(ms));
  }
  const bool is_time = text.starts_with(timestamp);
  if (!is_time && !text.starts_with(last)) {
    return "'" + std::string(text) +
           "' is none of earliest, latest, none, timestamp:MILLISECONDS, by_duration:PT1H and last:N";
  }
  const std::string_view digits = text.substr(is_time ? timestamp.size() : last.size());
  const auto number = natural_number(digits);
  if (!number) return "'" + std::string(digits) + "' is no number";
  return at(is_time ? StartPosition::timestamp(*number) : StartPosition::before_end(*number));
}

std::string StartPolicy::text() const {
  if (kind == Kind::as_reset) return "";
  if (kind == Kind::none) return "none";
  switch (position.kind) {
    case StartPosition::Kind::earliest: return "earliest";
    case StartPosition::Kind::latest: return "latest";
    case StartPosition::Kind::timestamp: return "timestamp:" + std::to_string(position.value);
    case StartPosition::Kind::before_now: return std::string(by_duration) + iso_duration(position.value);
    case StartPosition::Kind::before_end: return "last:" + std::to_string(position.value);
    case StartPosition::Kind::offset: break;
  }
  return "";
}

}  // namespace barnabas::client
