#include "barnabas/client/events_text.hpp"

#include <fmt/chrono.h>
#include <fmt/core.h>

#include <algorithm>

#include "barnabas/client/statistics/json_writer.hpp"
#include "barnabas/protocol/json.hpp"

namespace barnabas::client {
namespace {

/// "2026-03-01T12:30:05.123Z"
std::string utc(std::int64_t unix_ms) {
  const std::int64_t second = unix_ms >= 0 ? unix_ms / 1000 : (unix_ms - 999) / 1000;
  const std::tm time = fmt::gmtime(static_cast<std::time_t>(second));
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", time, unix_ms - second * 1000);
}

void append_logfmt(std::string& line, std::string_view key, std::string_view value) {
  if (!line.empty()) line += ' ';
  line.append(key) += '=';
  const bool plain = !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
    return c > ' ' && c < 0x7f && c != '"' && c != '=' && c != '\\';
  });
  if (plain) {
    line += value;
  } else {
    protocol::append_json_string(line, value);
  }
}

/// Calls `text(key, value)` and `number(key, value)` for each field, in order.
template <class Text, class Number>
void for_each_field(const Event& event, std::int64_t unix_ms, Text text, Number number) {
  text("time", utc(unix_ms));
  text("level", std::string(name(event.severity)));
  text("event", std::string(name(event.kind)));
  text("msg", event.text);
  if (event.node_id != -1) number("node_id", event.node_id);
  if (!event.topic.empty()) text("topic", event.topic);
  if (event.partition != -1) number("partition", event.partition);
  if (event.offset != -1) number("offset", event.offset);
  if (event.count != 0) number("count", event.count);
  if (event.code != protocol::ErrorCode::none) {
    text("error", protocol::error_name(static_cast<std::int16_t>(event.code)));
  }
}

}  // namespace

std::string_view name(Severity severity) {
  constexpr std::string_view names[] = {"debug", "info", "warning", "error"};
  return names[static_cast<std::size_t>(severity)];
}

std::uint64_t EventCounter::count(EventKind kind) const {
  std::uint64_t sum = 0;
  for (const auto& [key, count] : counts_) sum += key.first == kind ? count : 0;
  return sum;
}

std::uint64_t EventCounter::count(EventKind kind, Severity severity) const {
  const auto found = counts_.find({kind, severity});
  return found == counts_.end() ? 0 : found->second;
}

void EventCounter::add_to(PrometheusText& text) const {
  for (const auto& [key, count] : counts_) {
    text.counter("barnabas_events_total", "State changes, by kind and severity.",
                 {{"kind", std::string(name(key.first))}, {"severity", std::string(name(key.second))}},
                 static_cast<double>(count));
  }
}

std::string event_line(const Event& event, EventFormat format, std::int64_t unix_ms) {
  if (format == EventFormat::json) {
    JsonWriter json;
    json.open();
    const auto member = [&](std::string_view key, const auto& value) { json.member(key, value); };
    for_each_field(event, unix_ms, member, member);
    json.close();
    return json.take();
  }
  std::string line;
  for_each_field(
      event, unix_ms, [&](std::string_view key, const std::string& value) { append_logfmt(line, key, value); },
      [&](std::string_view key, std::int64_t value) { append_logfmt(line, key, std::to_string(value)); });
  return line;
}

}  // namespace barnabas::client
