// How a running engine shows itself: one line that rewrites itself on a terminal, plain lines when piped, JSON for
// machines.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "barnabas/client/runtime/clock.hpp"
#include "barnabas/handlers/dispatch/metrics.hpp"

namespace barnabas::tools {

enum class ProgressStyle : std::uint8_t { terminal, lines, json, none };

/// Terminal style when standard error is one, else lines; the flags win.
ProgressStyle choose_progress_style(bool json, bool quiet);

/// What one line of progress says.
struct ProgressFigures {
  double records_s = 0, bytes_s = 0;  ///< delivered since the line before
  handlers::HandlerStats total;
  std::int64_t lag = -1;  ///< records; -1 while unknown
  std::size_t partitions = 0;
};

/// The most important figures first; what does not fit into `columns` is left out.
std::string progress_line(const ProgressFigures& figures, std::size_t columns);
/// One JSON object, without a line end.
std::string progress_json(const ProgressFigures& figures);

/// Turns snapshots into rates. JSON goes to standard output, everything else to standard error. Loop thread only.
class Progress {
 public:
  explicit Progress(ProgressStyle style) : style_(style) {}
  ~Progress() { finish(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  ProgressStyle style() const { return style_; }
  void show(const handlers::EngineMetrics& metrics, std::size_t partitions, runtime::TimePoint now);
  /// Takes the rewritten line away, so that another line can be printed; the next show() brings it back.
  void hide();
  /// Leaves the rewritten line standing: the last one.
  void finish();
  /// How often show() makes sense: often on a terminal, seldom in a log.
  runtime::Duration interval() const;

 private:
  ProgressStyle style_;
  handlers::HandlerStats last_;
  runtime::TimePoint last_time_{};
  bool line_open_ = false;
};

/// "12.3k", "4.56M": three digits.
std::string short_number(double value);

}  // namespace barnabas::tools
