// Readers of the event stream: one that counts, one that writes lines for log collectors.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "barnabas/client/events.hpp"
#include "barnabas/client/runtime/clock.hpp"
#include "barnabas/client/statistics/prometheus.hpp"

namespace barnabas::client {

/// "debug", "info", "warning", "error".
std::string_view name(Severity severity);

/// How many events of which kind there were. Loop thread only.
class EventCounter final : public EventSink {
 public:
  void on_event(const Event& event) noexcept override { ++counts_[{event.kind, event.severity}]; }
  std::uint64_t count(EventKind kind) const;
  std::uint64_t count(EventKind kind, Severity severity) const;
  /// barnabas_events_total{kind, severity} of what has happened at least once.
  void add_to(PrometheusText& text) const;

 private:
  std::map<std::pair<EventKind, Severity>, std::uint64_t> counts_;
};

enum class EventFormat : std::uint8_t {
  logfmt,  ///< time=… level=… event=… msg="…" and the fields that apply
  json,    ///< the same as one object a line
};

/// One event as one line, without its end. Fields that do not apply are left out.
std::string event_line(const Event& event, EventFormat format, std::int64_t unix_ms);

/// Gives each event that is severe enough as a line to `write`, on the loop; `write` must not block or throw.
class EventLog final : public EventSink {
 public:
  using Write = std::function<void(const std::string& line)>;
  EventLog(runtime::Clock& clock, EventFormat format, Severity lowest, Write write)
      : clock_(clock), format_(format), lowest_(lowest), write_(std::move(write)) {}
  void on_event(const Event& event) noexcept override {
    if (event.severity >= lowest_) write_(event_line(event, format_, clock_.unix_ms()));
  }

 private:
  runtime::Clock& clock_;
  EventFormat format_;
  Severity lowest_;
  Write write_;
};

}  // namespace barnabas::client
