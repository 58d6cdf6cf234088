// How a running engine shows itself: one line that rewrites itself on a terminal, plain lines when piped, JSON for machines.
#pragma once

#include <cstdint>
#include <string>

#include "barnabas/client/runtime/clock.hpp"
#include "barnabas/handlers/dispatch/metrics.hpp"

namespace barnabas::tools {

enum class ProgressStyle : std::uint8_t { terminal, lines, json, none };

/// Terminal style when standard error is one, else lines; the flags win.
ProgressStyle choose_progress_style(bool json, bool quiet);

/// Turns snapshots into rates. JSON goes to standard output, everything else to standard error.
class Progress {
 public:
  explicit Progress(ProgressStyle style) : style_(style) {}
  void show(const handlers::EngineMetrics& metrics, std::size_t partitions, runtime::TimePoint now);
  /// Leaves the rewritten line standing, before other output.
  void finish();
  /// How often show() makes sense: often on a terminal, seldom in a log.
  runtime::Duration interval() const;

 private:
  std::string line(const handlers::HandlerStats& total, std::int64_t lag, std::size_t partitions, double records_s,
                   double bytes_s) const;

  ProgressStyle style_;
  handlers::HandlerStats last_;
  runtime::TimePoint last_time_{};
  bool line_open_ = false;
};

/// "12.3k", "4.56M": three digits.
std::string short_number(double value);

}  // namespace barnabas::tools
